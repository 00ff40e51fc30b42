"""What changed of a firm between two days: pure, over `portal.workspace.facts`. Words for it are the pages'."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from portal.register.catalogue import Catalogue
from portal.workspace.facts import ENDED, Facts, level_rank


class What(StrEnum):
    """The kind of a change, gravest first."""

    GONE = "gone"
    RISK = "risk"
    STATUS = "status"
    LEVEL = "level"
    CERTIFICATE = "certificate"
    UNTIL = "until"
    RANK = "rank"
    TIER = "tier"
    CRITERIA = "criteria"
    NAME = "name"
    SECTOR = "sector"
    INDUSTRY = "industry"
    PROCESS = "process"
    REGION = "region"
    SIZE = "size"


GRAVEST_FIRST = {what: place for place, what in enumerate(What)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A change of `subject` (a scheme, a risk kind, an edition) from `before` to `after`; `worse` for the buyer or not.

    LEVEL: level codes, None where no certificate is valid; `cause` says how the last one ended, `on` when.
    CERTIFICATE: one that ended while the level stands; `after` is its state. RANK: positions as text, None: not ranked.
    Those from UNTIL on but RANK are told of images only (`portal.workspace.differences`): UNTIL has days as text, None:
    no end; TIER and CRITERIA the codes that went (`before`) or came (`after`); the others codes, or names of a language
    (`subject`), and are neither better nor worse. Several codes have a comma between them.
    """

    what: What
    worse: bool
    subject: str = ""
    before: str | None = None
    after: str | None = None
    cause: str = ""
    on: date | None = None

    @property
    def neutral(self) -> bool:
        """Whether it is neither better nor worse."""
        return GRAVEST_FIRST[self.what] >= GRAVEST_FIRST[What.NAME]


def changes(before: Facts, after: Facts, catalogue: Catalogue) -> tuple[Change, ...]:
    """All of them, gravest first. The entry of a firm that is gone says just that: nothing else of it is kept up."""
    if after.gone:
        return () if before.gone == after.gone else (Change(what=What.GONE, worse=True, after=after.gone),)
    found = [*_risks(before, after), *_status(before, after), *_levels(before, after, catalogue)]
    found += [*_certificates(before, after), *_rank(before, after)]
    return tuple(sorted(found, key=lambda change: (not change.worse, GRAVEST_FIRST[change.what])))


def _risks(before: Facts, after: Facts) -> Iterator[Change]:
    for kind in after.risks:
        if kind not in before.risks:
            yield Change(what=What.RISK, worse=True, subject=kind, before="no", after="yes")
    for kind in before.risks:
        if kind not in after.risks:
            yield Change(what=What.RISK, worse=False, subject=kind, before="yes", after="no")


def _status(before: Facts, after: Facts) -> Iterator[Change]:
    if before.status != after.status:
        yield Change(what=What.STATUS, worse=after.status != "active", before=before.status, after=after.status)


def _levels(before: Facts, after: Facts, catalogue: Catalogue) -> Iterator[Change]:
    for scheme in dict.fromkeys((*before.levels, *after.levels)):
        first, second = before.levels.get(scheme), after.levels.get(scheme)
        if first == second:
            continue
        ranks = (level_rank(catalogue, scheme, first), level_rank(catalogue, scheme, second))
        worse = second is None or (first is not None and ranks[1] < ranks[0])
        cause, on = _end(before, after, scheme) if worse else ("", None)
        yield Change(what=What.LEVEL, worse=worse, subject=scheme, before=first, after=second, cause=cause, on=on)


def _end(before: Facts, after: Facts, scheme: str) -> tuple[str, date | None]:
    """How and when a certificate of the scheme that was valid ended, the latest of several."""
    ends = [
        (on or date.min, state)
        for key, (state, on) in after.certificates.items()
        if key in before.certificates and key.startswith(f"{scheme}/") and state in ENDED
    ]
    on, state = max(ends, default=(date.min, ""))
    return state, on if on > date.min else None


def _certificates(before: Facts, after: Facts) -> Iterator[Change]:
    """Those suspended or revoked although another one holds the level; one that merely ran out was renewed."""
    for key in before.certificates:
        state, on = after.certificates.get(key, ("valid", None))
        scheme = key.partition("/")[0]
        same = scheme in after.levels and before.levels.get(scheme) == after.levels[scheme]
        if same and state in {"suspended", "revoked"}:
            yield Change(what=What.CERTIFICATE, worse=True, subject=scheme, before="valid", after=state, on=on)


def _rank(before: Facts, after: Facts) -> Iterator[Change]:
    first, second = before.rank, after.rank
    if first == second:
        return
    if first is None or second is None:
        place = first or second
        assert place is not None  # noqa: S101  (they differ)
        texts = tuple(f"{one.position}/{one.peers}" if one else None for one in (first, second))
        yield Change(what=What.RANK, worse=second is None, subject=place.edition, before=texts[0], after=texts[1])
        return
    # Positions of editions of different sizes compare as shares.
    shares = first.position * second.peers, second.position * first.peers
    if shares[0] == shares[1]:
        return
    yield Change(
        what=What.RANK,
        worse=shares[1] > shares[0],
        subject=second.edition,
        before=f"{first.position}/{first.peers}",
        after=f"{second.position}/{second.peers}",
    )
