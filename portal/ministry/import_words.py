"""What imports are called, and why something was not done, in the reader's language."""

from __future__ import annotations

from flask_babel import gettext as _

from portal.models import ImportState
from portal.register.catalogue import Catalogue
from portal.register.importing.fates import FateKind
from portal.register.importing.naming import GROUPS, NAMES, label
from portal.workspace.import_fates import ALL
from portal.workspace.imports import Refused, Why


def state_labels() -> dict[str, str]:
    """How far an import is."""
    return {
        ImportState.MAPPING: _("columns to be confirmed"),
        ImportState.CHECKING: _("being checked"),
        ImportState.CHECKED: _("checked, waits to be confirmed"),
        ImportState.RUNNING: _("being imported"),
        ImportState.DONE: _("imported"),
        ImportState.UNDOING: _("being undone"),
        ImportState.UNDONE: _("undone"),
    }


def fate_labels() -> dict[str, str]:
    """What becomes of a row."""
    return {
        ALL: _("All rows"),
        FateKind.CREATED: _("New firm"),
        FateKind.CHANGED: _("Changes a firm"),
        FateKind.UNCHANGED: _("Changes nothing"),
        FateKind.MERGED: _("Says the same as an earlier row"),
        FateKind.REFUSED: _("Refused"),
    }


def refusal(refused: Refused) -> str:
    """What to tell who asked for a step that cannot be taken."""
    if refused.why is Why.TOUCHED and refused.later is not None:
        return touched(refused.later.count, refused.later.firms)
    words = {
        Why.BUSY: _("The worker is at this import already."),
        Why.CONFIRMED: _("This import has been confirmed already; nothing was done twice."),
        Why.CHANGED: _("The columns were changed since you looked. Check again before you import."),
        Why.NOTHING: _("There is nothing to import: no row would change the register."),
        Why.RANKING: _("What became of this list is decided under Ranking lists: a draft can be discarded there."),
        Why.UNDONE: _("This import has been undone already."),
        Why.NOT_RUN: _("This import has written nothing yet."),
    }
    return str(words[refused.why])


def touched(count: int, firms: tuple[str, ...]) -> str:
    """Why an import cannot be undone."""
    return str(
        _(
            "It cannot be undone: %(count)s of its firms were changed since, such as %(firms)s. Nothing was changed.",
            count=f"{count:,}",
            firms=", ".join(firms),
        )
    )


_CHILDREN = {
    "certificates": "certificate",
    "assessments": "assessment",
    "recognitions": "recognition",
    "achievements": "achievement",
}


def changed_fields(fields: dict[str, int], lang: str, catalogue: Catalogue) -> list[tuple[str, int]]:
    """What a check tells of the fields that would change, in words."""
    found = []
    for name, count in fields.items():
        group, _dot, column = name.partition(".")
        one = _CHILDREN.get(group, group)
        if column == "+":
            found.append((_("%(what)s added", what=GROUPS[one][lang == "en"]), count))
        elif f"{one}.{column}" in NAMES:
            found.append((label(f"{one}.{column}", lang, catalogue), count))
        elif column == "risks":
            found.append((GROUPS["risk"][lang == "en"], count))
    return found
