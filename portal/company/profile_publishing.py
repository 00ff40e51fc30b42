"""A profile from draft to public: what may go up at once, what staff see first, and what an approval does.

Going up is one transaction: the content, its version in the history, the firm's index version and the outbox row. So
the worker finds it at once, and words that were taken out are found no more.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.company.profile import Hand, locked, profile_of, published_of
from portal.identity.log import Act
from portal.models import (
    CaseKind,
    CaseState,
    Organisation,
    OrganisationState,
    Profile,
    ProfileVersion,
    ReviewCase,
    Supplier,
)
from portal.profiles.content import (
    GROUPS,
    Content,
    Group,
    changed_parts,
    decoded,
    encoded,
    items_of,
    says_anything,
    take_parts,
)
from portal.profiles.lines import part_lines
from portal.profiles.words import group_words
from portal.register.catalogue import Catalogue
from portal.register.versions import raise_versions
from portal.reviews.cases import PENDING, Desk, case_subject, resubmit, submit, withdraw
from portal.reviews.kinds import Difference, Glass, Kind, Refused


@dataclass(frozen=True, slots=True)
class HandedIn:
    """What became of a draft that was handed in: groups that are up now, and groups that staff look at first."""

    published: tuple[str, ...]
    reviewed: tuple[str, ...]


def hand_in(desk: Desk, firm: Supplier, reviewed: Collection[str]) -> HandedIn:
    """Publish the draft: groups not among `reviewed`, and whatever only takes words back, at once.

    The rest becomes a case, or the newest state of the one that is open or was returned.
    """
    session, act = desk.act.session, desk.act
    case = _pending(session, firm.id)
    profile = locked(session, firm.id)
    if profile.draft is None:
        return HandedIn((), ())
    draft, up = decoded(profile.draft), published_of(profile)
    changed = changed_parts(up, draft)
    first = profile.published is None
    look_at = tuple(name for name in changed if name in reviewed and not only_less(up, draft, name))
    at_once = tuple(name for name in changed if name not in look_at)
    content = _onto(up, draft, at_once)
    if at_once or (not look_at and (first or content != up)):
        _publish(session, profile, content, Hand(desk.user.id, act.at))
        act.record("profile.published", profile_subject(firm), parts=[None, list(at_once)])
    if look_at:
        _ask(desk, firm, profile, case, {"content": encoded(draft), "parts": list(look_at)})
    else:
        profile.draft = None
        if case is not None:
            withdraw(desk, case.id, case.version)
    session.flush()
    return HandedIn(at_once, look_at)


def _ask(desk: Desk, firm: Supplier, profile: Profile, case: ReviewCase | None, payload: Mapping[str, Any]) -> None:
    if case is not None:
        resubmit(desk, case.id, case.version, payload)
        return
    made = submit(desk, CaseKind.PROFILE, firm, payload)
    profile.case_id = made.id
    desk.act.record("profile.submitted", case_subject(made.id), parts=[None, list(payload["parts"])])


def _pending(session: Session, supplier_id: int) -> ReviewCase | None:
    """The case that is open or was returned, locked: always before the profile, as whoever decides does."""
    wanted = select(ReviewCase).where(
        ReviewCase.kind == CaseKind.PROFILE, ReviewCase.supplier_id == supplier_id, ReviewCase.state.in_(PENDING)
    )
    return session.scalars(wanted.order_by(ReviewCase.id.desc()).limit(1).with_for_update()).one_or_none()


def take_out(desk: Desk, firm: Supplier) -> bool:
    """Take back what was handed in and is not decided; the draft stays. False where nothing was."""
    case = _pending(desk.act.session, firm.id)
    if case is None or case.organisation_id != desk.user.organisation_id:
        return False
    withdraw(desk, case.id, case.version)
    return True


def case_of(session: Session, profile: Profile | None) -> ReviewCase | None:
    """The case about what was handed in last."""
    return None if profile is None or profile.case_id is None else session.get(ReviewCase, profile.case_id)


def profile_subject(firm: Supplier) -> str:
    """How the log names a firm's profile: no official fact, so not the firm's own name."""
    return f"profile/{firm.scheme}/{firm.number}"


def only_less(before: Content, after: Content, name: str) -> bool:
    """Whether a group only loses words or readers: that needs nobody's leave."""
    if name in before.buyers_only and name not in after.buyers_only:
        return False
    group = GROUPS[name]
    old, new = items_of(before, group), items_of(after, group)
    return set(new) <= set(old) if group.many else _emptier(old[0], new[0], group)


def _emptier(old: Any, new: Any, group: Group) -> bool:
    return all(getattr(new, column.name) in {"", getattr(old, column.name)} for column in group.columns)


def _onto(up: Content, source: Content, parts: tuple[str, ...]) -> Content:
    """What is up with these parts of another content.

    Who is to see a group that says nothing in either goes along: so it is remembered until somebody fills it in.
    """
    silent = tuple(name for name in GROUPS if not says_anything(up, name) and not says_anything(source, name))
    return take_parts(up, source, parts + silent)


def _publish(session: Session, profile: Profile, content: Content, hand: Hand, case_id: int | None = None) -> None:
    profile.published = encoded(content)
    profile.version += 1
    profile.published_at = hand.at
    made = {"supplier_id": profile.supplier_id, "number": profile.version, "user_id": hand.user_id, "at": hand.at}
    session.add(ProfileVersion(**made, content=encoded(content), case_id=case_id))
    session.flush()
    raise_versions(session, select(Supplier.id).where(Supplier.id == profile.supplier_id), touch=True)


def _approve(act: Act, case: ReviewCase, _comment: str, _catalogue: Catalogue) -> Mapping[str, Any]:
    """What was handed in goes up, onto what has gone up meanwhile; if who wrote it still speaks for the firm."""
    organisation = act.session.get_one(Organisation, case.organisation_id)
    if organisation.supplier_id != case.supplier_id or organisation.state != OrganisationState.APPROVED:
        raise Refused(lambda _: _("The organisation that wrote this does not speak for the firm any more."))
    profile = locked(act.session, case.supplier_id)
    content, parts = decoded(case.payload["content"]), tuple(case.payload["parts"])
    up = _onto(published_of(profile), content, parts)
    _publish(act.session, profile, up, Hand(case.user_id, act.at), case.id)
    if profile.draft is not None and not changed_parts(up, decoded(profile.draft)):
        profile.draft = None
    act.session.flush()
    return {"parts": [None, list(parts)], "version": [profile.version - 1, profile.version]}


def _differences(case: ReviewCase, glass: Glass) -> tuple[Difference, ...]:
    """What is up beside what would be, group by group; of a case that was approved, what was up before."""
    before = _before(case, glass.session)
    after = decoded(case.payload["content"])
    words = group_words(glass)
    return tuple(
        Difference(
            words[name],
            "\n".join(part_lines(before, name, glass.catalogue, glass)),
            "\n".join(part_lines(after, name, glass.catalogue, glass)),
        )
        for name in case.payload["parts"]
        if name in GROUPS
    )


def _before(case: ReviewCase, session: Session) -> Content:
    if case.state == CaseState.APPROVED:
        made = select(ProfileVersion.number).where(ProfileVersion.case_id == case.id)
        earlier = select(ProfileVersion).where(
            ProfileVersion.supplier_id == case.supplier_id, ProfileVersion.number == made.scalar_subquery() - 1
        )
        found = session.scalars(earlier).one_or_none()
        return Content() if found is None else decoded(found.content)
    return published_of(profile_of(session, case.supplier_id))


KIND = Kind(
    label=lambda _: _("Profile"),
    approve=_approve,
    differences=_differences,
    path=lambda _case: "/firm/profile",
    bulk=True,
)
