"""What is said of ranking lists on their way, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import gettext as _

from portal.models import EditionState, Verdict
from portal.register.edition_life import Why
from portal.web.i18n import once_a_language


@once_a_language
def state_labels() -> Mapping[str, str]:
    """How far a list has come."""
    return {
        EditionState.MAKING: _("being computed"),
        EditionState.DRAFT: _("draft"),
        EditionState.NOTICE: _("public notice"),
        EditionState.PUBLISHED: _("published"),
        EditionState.TAKEN_BACK: _("taken back"),
    }


@once_a_language
def verdict_labels() -> Mapping[str, str]:
    """What became of an objection."""
    return {
        Verdict.OPEN: _("not answered yet"),
        Verdict.UPHELD: _("upheld"),
        Verdict.NOT_UPHELD: _("not upheld"),
    }


@once_a_language
def _refusals() -> Mapping[str, str]:
    return {
        Why.SAME_PERSON: _("Whoever made the draft or opened its notice cannot publish it: a second person does."),
        Why.NOTICE: _("The public notice still runs."),
        Why.UNANSWERED: _("Some objections are not answered yet."),
        Why.UPHELD: _("An objection was upheld: take the notice back, and make a corrected draft."),
        Why.EMPTY: _("The list ranks no firm."),
        Why.REASON: _("Say why it is taken back."),
    }


def refusal(why: Why, state: EditionState) -> str:
    """Why a step was not taken."""
    if why is Why.STATE:
        return str(
            _(
                "Someone else has taken a step meanwhile: this list is now “%(state)s”. Nothing of yours was done.",
                state=state_labels()[state],
            )
        )
    return _refusals()[why]
