"""What a certificate is worth on a day. The index is a snapshot of the same rules; pages derive them from the date."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Protocol

from portal.register.catalogue import Catalogue, Scheme
from portal.web.tree import LevelHeld


class Held(Protocol):
    """What is asked of a certificate's row."""

    @property
    def scheme(self) -> str:
        """The scheme's code."""

    @property
    def level(self) -> str | None:
        """The level's code; None in a scheme without levels."""

    @property
    def basis(self) -> str:
        """On whose word it rests."""

    @property
    def state(self) -> str:
        """What the register says: valid, suspended, revoked, given_up."""

    @property
    def issued_on(self) -> date:
        """Its first day."""

    @property
    def expires_on(self) -> date | None:
        """Its last day; None: no end."""


def state_on(certificate: Held, today: date) -> str:
    """Its state today: what the register says, or expired or future by the date. Its last day counts as valid."""
    if certificate.state != "valid":
        return certificate.state
    if certificate.expires_on is not None and certificate.expires_on < today:
        return "expired"
    return "future" if certificate.issued_on > today else "valid"


def counts(certificate: Held, catalogue: Catalogue) -> bool:
    """Whether its basis counts towards the scheme's level, and it names one of the scheme's levels if there are any."""
    scheme = catalogue.schemes.get(certificate.scheme)
    return (
        scheme is not None
        and certificate.basis in scheme.bases
        and (certificate.scheme, certificate.level) in catalogue.ranks
    )


def levels_held(certificates: Iterable[Held], catalogue: Catalogue, lang: str, today: date) -> tuple[LevelHeld, ...]:
    """The highest valid level per scheme with its latest end; schemes with levels first, then in catalogue order."""
    valid: dict[str, list[Held]] = {}
    for certificate in certificates:
        if state_on(certificate, today) == "valid" and counts(certificate, catalogue):
            valid.setdefault(certificate.scheme, []).append(certificate)
    ordered = sorted(valid, key=catalogue.scheme_order.__getitem__)
    return tuple(_highest(catalogue.schemes[code], valid[code], catalogue.ranks, lang) for code in ordered)


def _highest(scheme: Scheme, held: list[Held], ranks: Mapping[tuple[str, str | None], int], lang: str) -> LevelHeld:
    top = max(ranks[certificate.scheme, certificate.level] for certificate in held)
    ends = [one.expires_on for one in held if ranks[one.scheme, one.level] == top]
    level = next((level for level in scheme.levels if level.rank == top), None)
    short = (scheme.short_en if lang == "en" else scheme.short_zh) or scheme.name(lang)
    return LevelHeld(
        scheme=scheme.code,
        level=level.code if level else None,
        label=f"{short} {level.name(lang)}" if level else short,
        rank=top,
        levels=len(scheme.levels),
        expires_on=None if None in ends else max(end for end in ends if end is not None),
    )
