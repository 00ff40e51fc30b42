"""flask translations update | compile | check: the Chinese texts of pages, held complete by `make check`."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from flask import Flask
from flask.cli import AppGroup

ROOT = Path(__file__).resolve().parents[2]
TRANSLATIONS = ROOT / "portal" / "translations"
LOCALE = "zh"
SOURCES = (("portal", [("**.py", "python")]), ("templates", [("**.html", "jinja2")]))
KEYWORDS: dict[str, tuple[int, ...] | None] = {
    **dict.fromkeys(("_", "gettext", "lazy_gettext", "N_")),
    "ngettext": (1, 2),
}

translations = AppGroup("translations", help="The Chinese texts of the pages.")


def register(app: Flask) -> None:
    """Add `flask translations`."""
    app.cli.add_command(translations)


def po_file() -> Path:
    """Where the Chinese texts are kept."""
    return TRANSLATIONS / LOCALE / "LC_MESSAGES" / "messages.po"


def extracted() -> Catalog:
    """All texts that code and templates ask for, in a stable order and without line numbers (fewer false changes)."""
    catalog = Catalog(locale=LOCALE, project="Xunyuan", fuzzy=False)
    for folder, methods in SOURCES:
        found = extract_from_dir(ROOT / folder, method_map=methods, keywords=KEYWORDS, options_map={})
        for file_name, _line, message, _comments, _context in found:
            catalog.add(message, locations=[(f"{folder}/{file_name}", 0)])
    return catalog


def stored() -> Catalog:
    """The translated catalogue as committed."""
    with po_file().open("rb") as file:
        return read_po(file, locale=LOCALE)


def problems() -> list[str]:
    """What keeps the translation from being whole: missing, empty, fuzzy or no longer used texts, lost placeholders."""
    have = stored()
    want = extracted()
    found = [f"not in {LOCALE}: {message.id!r}" for message in want if message.id and have.get(message.id) is None]
    for message in have:
        if not message.id:
            continue
        found.extend(_faults(message))
        if want.get(message.id) is None:
            found.append(f"no longer used: {message.id!r}")
    return found


def _faults(message: Message) -> list[str]:
    texts = message.string if isinstance(message.string, tuple) else (message.string,)
    if not all(texts):
        return [f"not translated: {message.id!r}"]
    if message.fuzzy:
        return [f"fuzzy: {message.id!r}"]
    return [f"{message.id!r}: {error}" for error in message.check()]


@translations.command()
def update() -> None:
    """Add new texts to the Chinese file (to be translated there) and drop those no longer used."""
    catalog = stored() if po_file().exists() else Catalog(locale=LOCALE)
    catalog.update(extracted(), no_fuzzy_matching=True)
    catalog.obsolete.clear()
    po_file().parent.mkdir(parents=True, exist_ok=True)
    with po_file().open("wb") as file:
        write_po(file, catalog, sort_output=True, no_location=True, omit_header=False, width=120)
    left = sum(1 for message in catalog if message.id and not message.string)
    click.echo(f"{left} texts to translate in {po_file().relative_to(ROOT)}")


@translations.command("compile")
def compile_() -> None:
    """Write the binary file that pages read."""
    with po_file().with_suffix(".mo").open("wb") as file:
        write_mo(file, stored())


@translations.command()
def check() -> None:
    """Fail when a text has no Chinese, is no longer used or lost a placeholder."""
    found = problems()
    for problem in found:
        click.echo(problem, err=True)
    if found:
        sys.exit(1)
    click.echo("Translations are complete.")
