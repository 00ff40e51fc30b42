"""The page on which the second of two editors sees both versions, and chooses section by section."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext as _

from portal.company.profile import Conflict, profile_of
from portal.models import Supplier, User
from portal.profiles.content import GROUPS
from portal.profiles.joining import prints_of
from portal.profiles.lines import part_lines
from portal.profiles.reading import BUYERS, typed_content
from portal.profiles.words import group_words
from portal.web.presenters.context import Context
from portal.web.reviewing import glass
from portal.web.templating import render_template


@dataclass(frozen=True, slots=True)
class Choice:
    """A section that both changed: its lines in either version."""

    name: str
    title: str
    mine: tuple[str, ...]
    theirs: tuple[str, ...]


def conflict_page(firm: Supplier, conflict: Conflict, at: Context) -> str:
    """`suppliers/profile_conflict.html`: `choices`, `fields` that carry what I wrote, `base`, `who` wrote the other."""
    words, look = group_words(_), glass(at.session)
    choices = [
        Choice(
            name,
            words[name],
            tuple(part_lines(conflict.mine, name, at.catalogue, look)),
            tuple(part_lines(conflict.theirs, name, at.catalogue, look)),
        )
        for name in conflict.groups
    ]
    profile = profile_of(at.session, firm.id)
    writer = at.session.get(User, profile.saved_by_id) if profile and profile.saved_by_id else None
    return render_template(
        "suppliers/profile_conflict.html",
        choices=choices,
        fields=carried(conflict, at),
        base=prints_of(conflict.theirs),
        who=writer.name if writer else "",
        at=profile.saved_at if profile else None,
    )


def carried(conflict: Conflict, at: Context) -> list[tuple[str, str]]:
    """Everything that I wrote, as the form's fields."""
    typed = typed_content(conflict.mine, at.catalogue, at.lang)
    fields = [
        (f"{name}-{place}-{column}", value)
        for name in GROUPS
        for place, values in enumerate(typed.items[name])
        for column, value in values.items()
        if value
    ]
    return fields + [(f"{name}-audience", BUYERS) for name in sorted(typed.buyers_only)]
