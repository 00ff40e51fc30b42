"""What cases, their states, stages and deeds are called."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import gettext as _

from portal.company.kinds import KINDS
from portal.models import CaseStage, CaseState, StepAction
from portal.notices import texts
from portal.web.i18n import language, once_a_language


@once_a_language
def kind_labels() -> Mapping[str, str]:
    """The kinds that there are."""
    return {kind.value: one.label(texts(language())) for kind, one in KINDS.items()}


@once_a_language
def state_labels() -> Mapping[str, str]:
    """The states of a case."""
    return {
        CaseState.OPEN: _("to be decided"),
        CaseState.RETURNED: _("returned, waits for an answer"),
        CaseState.APPROVED: _("approved"),
        CaseState.REFUSED: _("refused"),
        CaseState.WITHDRAWN: _("withdrawn"),
    }


@once_a_language
def stage_labels() -> Mapping[str, str]:
    """The stages that a case passes."""
    return {
        CaseStage.LOCAL: _("county or city level"),
        CaseStage.PROVINCE: _("province level"),
        CaseStage.MINISTRY: _("ministry level"),
    }


@once_a_language
def step_labels() -> Mapping[str, str]:
    """What was done to a case."""
    return {
        StepAction.SUBMITTED: _("handed in"),
        StepAction.PASSED: _("passed on to the next stage"),
        StepAction.RETURNED: _("returned"),
        StepAction.APPROVED: _("approved"),
        StepAction.REFUSED: _("refused"),
        StepAction.WITHDRAWN: _("withdrawn"),
        StepAction.TAKEN: _("taken"),
        StepAction.RELEASED: _("let go"),
    }
