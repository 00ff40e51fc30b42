"""Where the words of a text were found: the pieces a card shows with the matches marked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from portal.register.catalogue import Named
from portal.web.presenters.context import Context
from portal.web.presenters.labels import matched_labels
from portal.web.presenters.rows import Firm
from portal.web.tree import Matched
from search.text import highlight

MAX_MATCHED = 3
MAX_LENGTH = 160
"""A longer text is cut around its first match."""

Pieces = tuple[tuple[str, bool], ...]


class Matcher:
    """Marks one query's words in the texts of many firms."""

    def __init__(self, text: str, at: Context) -> None:
        self.text = text
        self.at = at
        self.labels = matched_labels()
        # Firms of a trade share products and scopes; marking a text costs more than looking it up.
        self._marked: dict[str, Pieces] = {}

    def matched(self, firm: Firm) -> tuple[Matched, ...]:
        """Texts of a firm in which something matched: one a field, the most telling fields first."""
        found: list[Matched] = []
        for field, texts in self._fields(firm):
            pieces = next((marked for text in texts if text and _hits(marked := self._mark(text))), None)
            if pieces:
                found.append(Matched(field=self.labels[field], pieces=_cut(pieces)))
                if len(found) == MAX_MATCHED:
                    break
        return tuple(found)

    def _mark(self, text: str) -> Pieces:
        pieces = self._marked.get(text)
        if pieces is None:
            pieces = self._marked[text] = highlight(text, self.text, self.at.vocabulary)
        return pieces

    def _fields(self, firm: Firm) -> Iterator[tuple[str, Iterable[str]]]:
        """The fields with their texts, those in the page's language first."""
        row, order = firm.row, -1 if self.at.lang == "en" else 1
        yield "product", ("、".join(row.products_zh), ", ".join(row.products_en))[::order]
        yield "name", (row.name_zh, row.name_en)[::order]
        yield "former_name", (former["name"] for former in row.former_names)
        yield "scope", dict.fromkeys(certificate.scope for certificate in firm.certificates)
        yield "process", (self._processes(firm),)
        yield "industry", (self._industries(firm),)
        yield "description", (row.description_zh, row.description_en)[::order]

    def _processes(self, firm: Firm) -> str:
        return self._names((process["code"] for process in firm.row.processes), self.at.catalogue.processes)

    def _industries(self, firm: Firm) -> str:
        return self._names(firm.row.industries, self.at.catalogue.industries)

    def _names(self, codes: Iterable[str], known: Mapping[str, Named]) -> str:
        """Both languages: a text in either finds the firm."""
        found = [known[code] for code in codes if code in known]
        return ", ".join(name for named in found for name in (named.name_zh, named.name_en) if name)


def _hits(pieces: Pieces) -> bool:
    return any(hit for _text, hit in pieces)


def _cut(pieces: Pieces) -> Pieces:
    """The pieces from a little before the first match on, at most MAX_LENGTH characters; "…" for what is left out."""
    kept: list[tuple[str, bool]] = []
    room = MAX_LENGTH
    for place, (piece, hit) in enumerate(pieces):
        text = piece
        if place == 0 and not hit and len(piece) > MAX_LENGTH // 3:
            text = "…" + piece[-(MAX_LENGTH // 3) :]
        if len(text) > room:
            kept.append((text[:room] + "…", hit))
            break
        kept.append((text, hit))
        room -= len(text)
    return tuple(kept)
