"""A badge of a firm: what it is certified for today, as a small picture that its own website shows."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import segno
from markupsafe import Markup
from sqlalchemy import select

from portal.models import Certificate, Supplier
from portal.register.validity import counts, state_on
from portal.web.forms import clean
from portal.web.presenters.context import Context
from portal.web.presenters.validity import levels_held

NAME_UNITS, LABEL_UNITS = 38, 30
"""What fits in a line; a Chinese character takes two."""

QR_SIZE = 96


@dataclass(frozen=True, slots=True)
class Badge:
    """What it says. `valid` False: there is no valid certificate (of that scheme), whatever there was."""

    name: str
    whole_name: str
    label: str
    year: int | None
    until: date | None
    valid: bool
    today: date
    qr: Markup


def badge(row: Supplier | None, scheme: str, address: str, at: Context) -> Badge:
    """The firm's badge of a scheme ("": of the first it holds), its QR code leading to `address`.

    Of a firm that is withdrawn, or was never there (None), it says that there is no valid certificate.
    """
    held = certificates(row, at) if row is not None and row.withdrawn_at is None else []
    levels = [level for level in levels_held(held, at.catalogue, at.lang, at.today) if scheme in ("", level.scheme)]
    name = _name(row, at.lang) if row is not None else ""
    first = levels[0] if levels else None
    since = (
        one.issued_on
        for one in held
        if first and (one.scheme, one.level) == (first.scheme, first.level) and _good(one, at)
    )
    return Badge(
        name=cut(name, NAME_UNITS),
        whole_name=name,
        label=cut(first.label, LABEL_UNITS) if first else "",
        year=min(since).year if first else None,
        until=first.expires_on if first else None,
        valid=first is not None,
        today=at.today,
        qr=qr_code(address),
    )


def certificates(row: Supplier, at: Context) -> list[Certificate]:
    """All of the firm's."""
    return list(at.session.scalars(select(Certificate).where(Certificate.supplier_id == row.id)))


def _good(certificate: Certificate, at: Context) -> bool:
    return state_on(certificate, at.today) == "valid" and counts(certificate, at.catalogue)


def _name(row: Supplier, lang: str) -> str:
    return clean((row.name_en or row.name_zh) if lang == "en" else (row.name_zh or row.name_en))


def cut(text: str, units: int) -> str:
    """The text, or as much of it as fits."""
    if width(text) <= units:
        return text
    while text and width(text) > units - 1:
        text = text[:-1]
    return text.rstrip() + "…"


def width(characters: Iterable[str]) -> int:
    """How much room a text takes: a wide character is two."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in characters)


def qr_code(address: str) -> Markup:
    """The QR code as an SVG element of QR_SIZE; our own address, so nothing in it needs escaping."""
    made = segno.make(address, error="m", micro=False)
    drawn = made.svg_inline(border=2, dark="#1a2230", light="#fff", omitsize=True, svgclass=None, lineclass=None)
    return Markup(drawn.replace("<svg ", f'<svg width="{QR_SIZE}" height="{QR_SIZE}" ', 1))  # noqa: S704
