"""What codes of the identity package are called on pages."""

from __future__ import annotations

from flask_babel import gettext as _

from portal.identity.organisations import Reason
from portal.models import OrganisationKind, OrganisationState


def refusal_words(reason: Reason) -> str:
    """Why nothing was changed."""
    words: dict[Reason, str] = {
        Reason.NUMBER_TAKEN: _("Another approved organisation has this registration number. Disable that one first."),
        Reason.LAST_ADMIN: _("An organisation needs an administrator. Make someone else one first."),
        Reason.YOURSELF: _("You cannot do this to yourself; another administrator can."),
        Reason.OTHER_KIND: _("There is no such role in this kind of organisation."),
    }
    return words[reason]


def state_words(state: str) -> str:
    """The state of an organisation."""
    words: dict[OrganisationState, str] = {
        OrganisationState.PENDING: _("waits for approval"),
        OrganisationState.APPROVED: _("approved"),
        OrganisationState.DISABLED: _("disabled"),
    }
    return words[OrganisationState(state)]


def kind_words(kind: str) -> str:
    """The kind of an organisation."""
    words: dict[OrganisationKind, str] = {
        OrganisationKind.BUYER: _("buyer"),
        OrganisationKind.SUPPLIER: _("supplier"),
        OrganisationKind.MINISTRY: _("ministry"),
    }
    return words[OrganisationKind(kind)]
