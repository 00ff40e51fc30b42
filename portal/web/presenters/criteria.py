"""The page to choose criteria on: a search among them, and links that ask for each, exclude it or let it go."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterable

from portal.register.catalogue import Criterion
from portal.web.addresses import Addresses, nice_text, to_args
from portal.web.parameters import Search
from portal.web.presenters.context import Context
from portal.web.screens import CriteriaPicker, CriterionChoice, Hidden

MAX_FIND = 100


def criteria_picker(search: Search, find: str, at: Context) -> CriteriaPicker:
    """The criteria that hold all words of `find` (code, names, group, reference); without words, all of the sectors."""
    find = " ".join(find.split())[:MAX_FIND]
    fitting, found = matching(find, search.query.sectors, at)
    chosen = _chosen(search)
    maker = _Choices(search, find, at)
    return CriteriaPicker(
        find=find,
        choices=tuple(map(maker.choice, found)),
        chosen=tuple(maker.choice(at.catalogue.criteria[code]) for code in chosen),
        total=len(fitting),
        matching=len(found),
        hidden=tuple(Hidden(name=name, value=value) for name, value in to_args(search) if name != "page"),
        back_url=Addresses(search, "/suppliers").of(),
    )


def matching(find: str, sectors: Collection[str], at: Context) -> tuple[list[Criterion], list[Criterion]]:
    """The criteria of these sectors (none: all) and of all firms; and those of them that hold all words of `find`."""
    words = _folded(find).split()
    fitting = [c for c in at.catalogue.criteria.values() if not sectors or c.sector is None or c.sector in sectors]
    return fitting, [criterion for criterion in fitting if all(word in _text(criterion, at) for word in words)]


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _text(criterion: Criterion, at: Context) -> str:
    group = at.catalogue.groups[criterion.group]
    parts = (criterion.code, criterion.name_zh, criterion.name_en, group.name_zh, group.name_en, criterion.reference)
    return _folded(" ".join(parts))


def _chosen(search: Search) -> tuple[str, ...]:
    query = search.query
    return tuple(dict.fromkeys((*query.criteria, *query.criteria_not, *(code for code, _weight in query.nice))))


class _Choices:
    """Makes choices with addresses that lead back to the same page, `find` kept."""

    def __init__(self, search: Search, find: str, at: Context) -> None:
        self.query, self.at = search.query, at
        self.labels = {code: group.name(at.lang) for code, group in at.catalogue.groups.items()}
        self.addresses = Addresses(search, "/criteria", extra=[("find", find)] if find else [])
        self.nice = dict(search.query.nice)

    def choice(self, criterion: Criterion) -> CriterionChoice:
        """A criterion with its present state and the three links."""
        code, query, catalogue = criterion.code, self.query, self.at.catalogue
        state = "must" if code in query.criteria else "not" if code in query.criteria_not else ""
        return CriterionChoice(
            code=code,
            label=criterion.name(self.at.lang),
            group=self.labels[criterion.group],
            sector=self.at.coded(criterion.sector, catalogue.sectors).label if criterion.sector else "",
            test=criterion.met(self.at.lang),
            reference=criterion.reference,
            verified=criterion.verified,
            choice=state or ("nice" if code in self.nice else ""),
            must_url=self.addresses.criteria(query, must=set(query.criteria) ^ {code}, without=(code,)),
            not_url=self.addresses.criteria(query, must=set(query.criteria) - {code}, toggle=code),
            nice_url=self.addresses.of(nice=_nice(self.nice, code)),
        )


def _nice(nice: dict[str, int], code: str) -> str:
    kept: Iterable[tuple[str, int]] = ((other, weight) for other, weight in nice.items() if other != code)
    texts = [nice_text(*pair) for pair in kept]
    return ",".join(sorted(texts if code in nice else [*texts, code]))
