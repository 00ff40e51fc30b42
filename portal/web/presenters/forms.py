"""What the filter forms of the result page offer: levels with "or higher", editions, dates."""

from __future__ import annotations

from datetime import date

from portal.web.addresses import level_text
from portal.web.grammar import DATES
from portal.web.presenters.naming import Naming
from portal.web.screens import Choice
from search.contract import LevelChoice, SearchQuery


class Forms:
    """The fields' options and present values."""

    def __init__(self, query: SearchQuery, naming: Naming) -> None:
        self.query, self.naming, self.at = query, naming, naming.at

    def levels(self) -> tuple[Choice, ...]:
        """Every level of every scheme that has levels, the highest first."""
        choices = [
            LevelChoice(scheme.code, level.code)
            for scheme in self.at.catalogue.schemes.values()
            for level in reversed(scheme.levels)
        ]
        chosen = set(self.query.levels_min)
        return tuple(
            Choice(value=level_text(choice), label=self.naming.least(choice), selected=choice in chosen)
            for choice in choices
        )

    def editions(self) -> tuple[Choice, ...]:
        """Every edition, or those of the chosen sectors; the chosen one in any case. Newest first."""
        sectors, chosen = self.query.sectors, self.query.edition
        return tuple(
            Choice(value=code, label=self.at.edition_label(edition), selected=code == chosen)
            for code, edition in self.at.editions.items()
            if not sectors or edition.sector in sectors or code == chosen
        )

    def dates(self) -> dict[str, date | None]:
        """The days asked for, by parameter."""
        return {name: getattr(self.query, name) for name in DATES}
