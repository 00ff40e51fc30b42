"""What the organisation that asked is told of a decision."""

from __future__ import annotations

from sqlalchemy import or_, select

from portal.identity.letters import title
from portal.identity.log import Act
from portal.models import CaseState, ReviewCase, Role, Supplier, User
from portal.notices import Notice, texts
from portal.reviews.kinds import Kind


def tell(act: Act, kind: Kind, case: ReviewCase, firm: Supplier, comment: str) -> None:
    """Write to whoever asked and to the organisation's admins, each in their language."""
    people = select(User).where(
        User.organisation_id == case.organisation_id,
        User.disabled_at.is_(None),
        or_(User.id == case.user_id, User.role.in_([Role.SUPPLIER_ADMIN, Role.BUYER_ADMIN])),
    )
    url = f"{act.letters.public_url}{kind.path(case)}"
    for user in act.session.scalars(people.order_by(User.id)):
        act.tell(user.sign_in, letter(user.language, kind, CaseState(case.state), firm, comment, url))


def letter(language: str, kind: Kind, state: CaseState, firm: Supplier, comment: str, url: str) -> Notice:  # noqa: PLR0917
    """The notice in one language."""
    _ = texts(language)
    said = {
        CaseState.APPROVED: _("Approved: %(kind)s for %(firm)s"),
        CaseState.RETURNED: _("Returned with a comment: %(kind)s for %(firm)s"),
        CaseState.REFUSED: _("Refused: %(kind)s for %(firm)s"),
    }[state]
    names = (firm.name_en, firm.name_zh) if language == "en" else (firm.name_zh, firm.name_en)
    subject = title(language, said % {"kind": kind.label(_), "firm": next(filter(None, names), firm.number)})
    heading = _("Comment of the staff:")
    told = f"{heading}\n{comment}\n\n" if comment else ""
    return Notice(subject=subject, body=f"{subject}\n\n{told}{url}\n", sms=f"{subject}\n{url}")
