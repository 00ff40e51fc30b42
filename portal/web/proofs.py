"""Files that firms hand in as proof: taken from a form, or refused in the reader's language."""

from __future__ import annotations

from flask import request
from flask_babel import gettext as _

from config.settings import Settings
from portal.company.files import MOST_FILES, Fault, Refused, Store, Taken
from portal.services import services

ABOVE = 64 << 10
"""Bytes of a form around its files."""

ACCEPTED = "application/pdf,image/jpeg,image/png"
"""For the `accept` of a form's field; what counts is what a file is."""


def store() -> Store:
    """Where they lie, and what they may be."""
    return store_of(services().settings)


def store_of(settings: Settings) -> Store:
    """The same, of these settings."""
    return Store(settings.proofs_dir, settings.proof_limit << 20, settings.proof_pages)


def most_bytes() -> int:
    """That a form with files may send, for `takes`: somewhat more than is taken, so that a field can say so."""
    return (services().settings.proof_limit << 20) * MOST_FILES + ABOVE


def taken(field: str = "files") -> tuple[list[Taken], list[str]]:
    """The files of a form's field, checked and kept; and what is wrong with others, by their names."""
    found: list[Taken] = []
    problems: list[str] = []
    files = [(file.filename, file) for file in request.files.getlist(field) if file.filename]
    if len(files) > MOST_FILES:
        problems.append(fault_words(Fault.TOO_MANY))
    for name, file in files[:MOST_FILES]:
        try:
            found.append(store().take(file.stream, name))
        except Refused as refused:
            problems.append(f"{_short(name)}: {fault_words(refused.fault)}")
        finally:
            file.close()
    return found, problems


def _short(name: str) -> str:
    """Enough of a name to know the file by, without what is invisible."""
    return "".join(sign for sign in name[-60:].replace("\\", "/").rpartition("/")[2] if sign.isprintable())


def fault_words(fault: Fault) -> str:
    """Why a file is not taken, and what to do."""
    settings = services().settings
    words: dict[Fault, str] = {
        Fault.EMPTY: _("The file is empty."),
        Fault.TOO_LARGE: _("The file is larger than %(most)s MB. Take a smaller picture.", most=settings.proof_limit),
        Fault.OTHER_TYPE: _("This is neither a PDF nor a JPEG or PNG picture, whatever its name says."),
        Fault.BROKEN: _("The file is damaged or incomplete. Save it again, or take a picture."),
        Fault.ENCRYPTED: _("The PDF is encrypted. Save it without a password, or take a picture."),
        Fault.TOO_MANY_PAGES: _(
            "The PDF has more than %(most)s pages. Leave out what is no proof.", most=settings.proof_pages
        ),
        Fault.TOO_MANY_PIXELS: _("The picture has too many pixels. Take a smaller one."),
        Fault.ACTIVE: _("The PDF holds scripts, forms or other files. Print it into a new PDF, or take a picture."),
        Fault.TWO_FILES: _("Something else follows the end of the file. Save it again, or take a picture."),
        Fault.TOO_MANY: _("At most %(most)s files.", most=MOST_FILES),
    }
    return words[fault]
