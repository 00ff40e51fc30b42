"""What a claim's codes are called on the pages of who claims and of who holds."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from flask_babel import gettext as _

from portal.company.claim_codes import Entered, Trouble
from portal.models import StepAction
from portal.register.clock import CHINA
from portal.web.i18n import once_a_language


@once_a_language
def stage_labels() -> Mapping[str, str]:
    """Who looks at it."""
    return {
        "local": _("the authority of the county or city"),
        "province": _("the authority of the province"),
        "ministry": _("the ministry"),
    }


@once_a_language
def step_labels() -> Mapping[str, str]:
    """What was done; what only concerns staff among themselves is not told."""
    return {
        StepAction.SUBMITTED: _("handed in"),
        StepAction.PASSED: _("passed on to the next stage"),
        StepAction.RETURNED: _("returned"),
        StepAction.APPROVED: _("approved"),
        StepAction.REFUSED: _("refused"),
        StepAction.WITHDRAWN: _("withdrawn"),
    }


@once_a_language
def way_labels() -> Mapping[str, str]:
    """How it was shown that one may speak for the firm."""
    return {
        "papers": _("Papers, to be checked"),
        "contact": _("A code that the contact on record was sent; it was right"),
        "letter": _("The code of a printed letter; it was right"),
    }


def trouble_words(entered: Entered) -> str:
    """Why a code did nothing, and what to do."""
    words: dict[Trouble, str] = {
        Trouble.NO_CODE: _("This is no code: there is a typing error. It has 15 letters and digits."),
        Trouble.WRONG: _("This code is wrong. Look at the newest message."),
        Trouble.ENDED: _("This code is wrong, was used already, or has ended. Ask for a new one, or hand in papers."),
        Trouble.WAIT: _(
            "Too many attempts. Try again after %(time)s (China time).",
            time=_minute(entered.until) if entered.until else "",
        ),
    }
    return words[entered.trouble] if entered.trouble else ""


def _minute(moment: datetime) -> str:
    return f"{moment.astimezone(CHINA):%H:%M:%S}"
