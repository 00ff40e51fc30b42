"""Demonstration accounts, one a role, beside sample data only: `signing_in.may_sign_in` refuses them without it.

Their password and the secret of their authenticators stand here for everyone to read. They open what is invented.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from portal.identity import totp
from portal.identity.log import Act, user_subject
from portal.identity.passwords import Passwords
from portal.identity.signing_in import find, holds_sample
from portal.models import ROLES, Organisation, OrganisationKind, OrganisationState, Role, Supplier, User

DOMAIN = "demo.example"
PASSWORD = "try-xunyuan-out"  # noqa: S105  (of invented accounts)
TOTP_SECRET = "XUNYUANDEMOXUNYUANDEMOXUNYUANDEM"  # noqa: S105
NAMES = {OrganisationKind.BUYER: "示范装备集团（演示）", OrganisationKind.MINISTRY: "示范主管部门（演示）"}
PEOPLE = ("陈晨", "周舟", "吴桐", "郑好", "冯源", "蒋南", "沈澄", "韩江")


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """One of them; `code`: of the authenticator now, "" where none is needed."""

    role: Role
    sign_in: str
    organisation: str
    code: str


def sign_in_name(role: Role) -> str:
    """The sign-in name of that role's account."""
    return f"{role.replace('_', '-')}@{DOMAIN}"


def make_demo(act: Act, passwords: Passwords, language: str) -> list[DemoAccount]:
    """Make the accounts, or put them back as they were; [] (and nothing is made) where there is no sample data."""
    if not holds_sample(act.session):
        return []
    made = []
    people = iter(PEOPLE)
    for kind, roles in ROLES.items():
        organisation = _organisation(act, kind)
        for role in roles:
            staff = kind is OrganisationKind.MINISTRY
            user = _user(act, role, organisation, next(people))
            user.role, user.language, user.disabled_at = role, language, None
            user.password_hash = passwords.hash(PASSWORD)
            user.totp_secret = TOTP_SECRET if staff else ""
            user.totp_step = 0
            code = totp.code_at(TOTP_SECRET, act.at) if staff else ""
            made.append(DemoAccount(role, user.sign_in, organisation.name, code))
    return made


def demo_code(session: Session, sign_in: str, at: datetime) -> str:
    """The present code of a demonstration account's authenticator; "" for any other account."""
    user = find(session, sign_in)
    return totp.code_at(user.totp_secret, at) if user and user.organisation.demo and user.totp_secret else ""


def has_demo(session: Session) -> bool:
    """Whether there are demonstration accounts that may sign in."""
    there = select(Organisation.id).where(Organisation.demo.is_(True)).limit(1)
    return session.scalar(there) is not None and holds_sample(session)


def _organisation(act: Act, kind: OrganisationKind) -> Organisation:
    """The organisation of a kind; the supplier is the first firm of the sample."""
    there = select(Organisation).where(Organisation.demo.is_(True), Organisation.kind == kind)
    found = act.session.scalars(there).one_or_none()
    if found is None:
        found = Organisation(kind=kind, name=NAMES.get(kind, ""), demo=True, created_at=act.at)
        act.session.add(found)
    if kind is OrganisationKind.SUPPLIER and found.supplier_id is None:
        _speak_for_a_firm(act.session, found)
    found.state = OrganisationState.APPROVED
    act.session.flush()
    return found


def _speak_for_a_firm(session: Session, organisation: Organisation) -> None:
    """Of the first firm of the sample, unless somebody else has claimed it."""
    firm = session.scalars(select(Supplier).order_by(Supplier.id).limit(1)).one_or_none()
    if firm is None:
        return
    organisation.name, organisation.scheme, organisation.number = firm.name_zh or firm.name_en, firm.scheme, firm.number
    if session.scalar(select(Organisation.id).where(Organisation.supplier_id == firm.id)) is None:
        organisation.supplier_id = firm.id


def _user(act: Act, role: Role, organisation: Organisation, name: str) -> User:
    there = select(User).where(User.sign_in == sign_in_name(role)).options(joinedload(User.organisation))
    user = act.session.scalars(there).one_or_none()
    if user is None:
        user = User(
            organisation_id=organisation.id, sign_in=sign_in_name(role), name=name, role=role, created_at=act.at
        )
        act.session.add(user)
        act.session.flush()
        act.record("created", user_subject(user.id), role=[None, role.value])
    return user
