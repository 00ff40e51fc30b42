"""What a filter's value is called: "Sector: Textiles", "Certification: Quality capability, Assurance"."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import gettext as _

from portal.indexing.documents import FLAGS
from portal.register.catalogue import Catalogue, Named
from portal.web.grammar import BY_NAME
from portal.web.presenters.context import Context
from portal.web.presenters.labels import parameter_labels
from search.contract import LevelChoice, SearchQuery


def level_label(choice: LevelChoice, catalogue: Catalogue, lang: str) -> str:
    """The scheme, and the level if there is one."""
    scheme = catalogue.schemes[choice.scheme]
    short = (scheme.short_en if lang == "en" else scheme.short_zh) or scheme.name(lang)
    return short if choice.level is None else f"{short} {scheme.level(choice.level).name(lang)}"


class Naming:
    """Labels of parameters and of their values, in the language of the answer."""

    def __init__(self, at: Context) -> None:
        self.at = at
        self.parameters = parameter_labels()
        self.separator = "、" if at.lang == "zh" else ", "

    def code(self, name: str, code: str) -> str:
        """The label of a code of the parameter `name`. Criteria are called by code and name."""
        of = BY_NAME[name].of
        if of == "editions":
            return self.at.edition_label(self.at.editions[code])
        known: Mapping[str, Named] = FLAGS if of == "flags" else getattr(self.at.catalogue, of, {})
        named = known.get(code)
        if named is None:
            return code
        label = named.name(self.at.lang)
        return f"{code} {label}" if of == "criteria" else label

    def criterion(self, code: str) -> str:
        """Code and name."""
        return self.code("criteria", code)

    def level(self, choice: LevelChoice) -> str:
        """Scheme and level."""
        return level_label(choice, self.at.catalogue, self.at.lang)

    def least(self, choice: LevelChoice) -> str:
        """Scheme and level, or higher."""
        return str(_("%(level)s or higher", level=self.level(choice)))

    def mode(self, query: SearchQuery) -> str:
        """How many of the criteria asked must be met."""
        if query.criteria_mode == "any":
            return str(_("any of %(count)s", count=len(query.criteria)))
        if query.criteria_mode == "all":
            return str(_("all of %(count)s", count=len(query.criteria)))
        if isinstance(query.criteria_mode, tuple):
            least, most = query.criteria_mode
            count = len(query.criteria)
            if least == most:
                return str(_("exactly %(most)s of %(count)s", most=most, count=count))
            return str(_("%(least)s to %(most)s of %(count)s", least=least, most=most, count=count))
        return str(_("at least %(least)s of %(count)s", least=query.criteria_mode, count=len(query.criteria)))

    def best(self, top: int) -> str:
        """Best x per cent."""
        return str(_("top %(top)s %%", top=top))
