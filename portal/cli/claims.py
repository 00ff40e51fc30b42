"""`flask claims letters`: invitations to firms nobody speaks for, to be printed and posted, each with a code."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from tempfile import NamedTemporaryFile

import click
import segno
from flask import Flask, current_app, g
from flask.cli import AppGroup
from jinja2 import Template
from markupsafe import Markup
from sqlalchemy import select

from portal.cli.accounts import acting
from portal.company.claim_codes import LETTER_DAYS, print_codes
from portal.company.claim_notices import firm_name
from portal.identity.log import Act
from portal.models import Organisation, Supplier
from portal.register.catalogue import Catalogue
from portal.register.clock import CHINA
from portal.register.territory import Territory
from portal.services import services
from portal.web.templating import PortalEnvironment
from portal.workspace.record_codes import written

MOST = 20_000
"""Letters in one file: more is no file to print any more."""

claims = AppGroup("claims", help="Who speaks for a firm.")


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter to a firm; `drawn`: the address with the code, as an image to be read by a phone."""

    name: str
    number: str
    address: str
    code: str
    drawn: Markup


@claims.command("letters")
@click.option("--sector", "sectors", multiple=True, help="Only firms of this sector; may be repeated.")
@click.option("--region", "regions", multiple=True, help="Only firms of this region and what lies in it; repeated.")
@click.option(
    "--output", required=True, type=click.Path(path_type=Path, dir_okay=False), help="The HTML file to write."
)
@click.option("--language", default="zh", show_default=True, type=click.Choice(["zh", "en"]))
@click.option(
    "--days", default=LETTER_DAYS, show_default=True, type=click.IntRange(1, 365), help="How long codes work."
)
@click.option("--most", default=2_000, show_default=True, type=click.IntRange(1, MOST), help="Letters at most.")
def letters(  # noqa: PLR0917
    sectors: tuple[str, ...], regions: tuple[str, ...], output: Path, language: str, days: int, most: int
) -> None:
    """Write one letter a firm into an HTML file, a page each. A firm's earlier letter no longer works.

    Whoever holds a letter can claim the firm: keep the file as you would keep the letters.
    """
    territory = _territory(regions, sectors, services().catalogue)
    with acting() as act:
        firms = _unclaimed(act, territory, most)
        if not firms:
            raise click.ClickException("there is no firm in that part of the register that nobody speaks for")
        codes = print_codes(act.session, [firm.id for firm in firms], days, act.at)
        g.language = language
        until = (act.at + timedelta(days=days)).astimezone(CHINA)
        found = [_letter(firm, codes[firm.id], language) for firm in firms]
        page = _template().render(
            letters=found,
            url=f"{services().settings.public_url}/firm/claim",
            until=f"{until:%Y-%m-%d}",
            language=language,
        )
        act.record(
            "claim.letters", "claims", letters=[None, len(found)], sectors=[None, sectors], regions=[None, regions]
        )
        _write(output, page)
    click.echo(f"{len(found)} letters in {output}; their codes work until {until:%Y-%m-%d %H:%M} (China time)")


def _template() -> Template:
    """Without what pages of the portal are given: there is no request."""
    environment: PortalEnvironment = current_app.jinja_env  # type: ignore[assignment]  # create_app says so
    return environment.localised().get_template("suppliers/claim_letters.html")


def _territory(regions: tuple[str, ...], sectors: tuple[str, ...], catalogue: Catalogue) -> Territory:
    for given, known, name in ((regions, catalogue.regions, "--region"), (sectors, catalogue.sectors, "--sector")):
        for code in given:
            if code not in known:
                raise click.BadParameter(f"{code!r} is not in the catalogue", param_hint=name)
    return Territory(regions, sectors)


def _unclaimed(act: Act, territory: Territory, most: int) -> list[Supplier]:
    """Firms of the register that nobody speaks for, by their numbers."""
    held = select(Organisation.supplier_id).where(Organisation.supplier_id.is_not(None))
    wanted = select(Supplier).where(
        Supplier.withdrawn_at.is_(None), Supplier.id.not_in(held), territory.condition(services().catalogue)
    )
    return list(act.session.scalars(wanted.order_by(Supplier.scheme, Supplier.number).limit(most)))


def _letter(firm: Supplier, code: str, language: str) -> Letter:
    url = f"{services().settings.public_url}/firm/claim?code={code}"
    drawn = segno.make_qr(url, error="m").svg_inline(scale=3, border=2)
    region = services().catalogue.regions.get(firm.region or "")
    place = firm.address or (region.name(language) if region else "")
    return Letter(firm_name(firm, language), firm.number, place, written(code), Markup(drawn))  # noqa: S704  (ours)


def _write(path: Path, page: str) -> None:
    """Whole, and for its owner's eyes."""
    with NamedTemporaryFile("w", dir=path.parent, encoding="utf-8", prefix=".letters-", delete=False) as part:
        part.write(page)  # such files are made readable by nobody else
        part.flush()
        os.fsync(part.fileno())
    Path(part.name).replace(path)


def register(app: Flask) -> None:
    """Put the commands on the app's command line."""
    app.cli.add_command(claims)
