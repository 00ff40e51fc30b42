"""Who is signed in, at a desk: what views need to hand in and to decide cases."""

from __future__ import annotations

from sqlalchemy.orm import Session

from portal.company.kinds import KINDS
from portal.models import CaseKind, CaseStage, User
from portal.reviews.cases import Desk
from portal.reviews.kinds import Glass
from portal.reviews.stages import Stages
from portal.services import services
from portal.web.i18n import language
from portal.web.users import act_of, signed_in


def stages() -> Stages:
    """The rules of this installation, by its settings."""
    settings = services().settings
    by_kind = {CaseKind(kind): tuple(map(CaseStage, passed)) for kind, passed in settings.stages.items()}
    return Stages(by_kind, ministry_everywhere=settings.review_everywhere)


def desk(session: Session) -> Desk:
    """In a transaction that writes; the account is read in it, so that its territory is that of this moment."""
    user = signed_in()
    return Desk(act_of(session, user), session.get_one(User, user.id), KINDS, stages(), services().catalogue)


def glass(session: Session) -> Glass:
    """For reading a case in the language of the request."""
    return Glass(session, services().catalogue, language())
