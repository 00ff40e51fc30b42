"""What a certificate is worth on a day. The index is a snapshot of the same rules; pages derive them from the date."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
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
