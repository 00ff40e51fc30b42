"""What a certificate is worth on a day. The index is a snapshot of the same rules; pages derive them from the date."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from portal.register.catalogue import Catalogue, Scheme
from portal.register.validity import Held, counts, state_on
from portal.web.tree import LevelHeld


def levels_held(certificates: Iterable[Held], catalogue: Catalogue, lang: str, today: date) -> tuple[LevelHeld, ...]:
    """The highest valid level per scheme with its latest end; schemes with levels first, then in catalogue order."""
    valid: dict[str, list[Held]] = {}
    for certificate in certificates:
        if state_on(certificate, today) == "valid" and counts(certificate, catalogue):
            valid.setdefault(certificate.scheme, []).append(certificate)
    ordered = sorted(
        (scheme for code, scheme in catalogue.schemes.items() if code in valid), key=lambda scheme: not scheme.levels
    )
    return tuple(_highest(scheme, valid[scheme.code], lang) for scheme in ordered)


def _highest(scheme: Scheme, held: list[Held], lang: str) -> LevelHeld:
    ranks = {level.code: level.rank for level in scheme.levels}
    top = max(ranks.get(certificate.level or "", 0) for certificate in held)
    level = next((level for level in scheme.levels if level.rank == top), None)
    ends = [certificate.expires_on for certificate in held if ranks.get(certificate.level or "", 0) == top]
    short = scheme.short_en if lang == "en" else scheme.short_zh
    short = short or scheme.name(lang)
    return LevelHeld(
        scheme=scheme.code,
        level=level.code if level else None,
        label=f"{short} {level.name(lang)}" if level else short,
        rank=top,
        levels=len(scheme.levels),
        expires_on=None if None in ends else max(end for end in ends if end is not None),
    )
