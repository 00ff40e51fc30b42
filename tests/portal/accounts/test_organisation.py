"""The organisation's people, and staff's approval of organisations."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from sqlalchemy import select

from portal.models import AuditEntry, Organisation, OrganisationState, Role, User
from tests.portal.accounts.conftest import PASSWORD, People, Visitor

SignedIn = Callable[[User], Visitor]


def test_a_colleague_is_invited_and_joins(people: People, signed_in: SignedIn, visitor: Callable[[], Visitor]) -> None:
    admin = people.user(Role.BUYER_ADMIN)
    browser, name = signed_in(admin), f"colleague-of-{admin.id}@example.com"
    answer = browser.submit("/organisation/invitations", "/organisation", sign_in=name, role="buyer")
    assert answer.status_code == 302
    assert name in browser.get("/organisation").text
    colleague = visitor()
    link = people.link(name)
    assert "required" in colleague.submit(link, password=PASSWORD, again=PASSWORD, name="").text
    assert colleague.submit(link, password=PASSWORD, again=PASSWORD, name="李强").status_code == 302
    colleague.sign_in(name)
    assert "李强" in colleague.get("/account").text
    assert colleague.get("/organisation").status_code == 403
    assert "李强" in browser.get("/organisation").text
    assert "Open invitations" not in browser.get("/organisation").text


def test_an_invitation_is_withdrawn(people: People, signed_in: SignedIn) -> None:
    admin = people.user(Role.SUPPLIER_ADMIN)
    browser, name = signed_in(admin), f"not-{admin.id}@example.com"
    browser.submit("/organisation/invitations", "/organisation", sign_in=name, role="supplier_editor")
    found = re.search(r"/organisation/invitations/\d+/withdraw", browser.get("/organisation").text)
    assert found
    path = found.group()
    assert browser.submit(path, "/organisation").status_code == 302
    assert browser.get(people.link(name)).status_code == 410


@pytest.mark.parametrize("role", ["staff_admin", "supplier_admin", ""])
def test_only_roles_of_the_own_kind(people: People, signed_in: SignedIn, role: str) -> None:
    admin = people.user(Role.BUYER_ADMIN)
    member = people.user(Role.BUYER, people.again_organisation(admin))
    browser = signed_in(admin)
    name = f"x{admin.id}@example.com"
    assert browser.submit("/organisation/invitations", "/organisation", sign_in=name, role=role).status_code == 422
    assert people.messages(name) == []
    browser.submit(f"/organisation/members/{member.id}/role", "/organisation", role=role)
    assert people.again(member).role == Role.BUYER


def test_a_member_is_told_so(people: People, signed_in: SignedIn) -> None:
    admin = people.user(Role.BUYER_ADMIN)
    answer = signed_in(admin).submit("/organisation/invitations", "/organisation", sign_in=admin.sign_in, role="buyer")
    assert answer.status_code == 422
    assert "Is a member already" in answer.text


def test_roles_and_leaving(people: People, signed_in: SignedIn) -> None:
    admin = people.user(Role.BUYER_ADMIN)
    member = people.user(Role.BUYER, people.again_organisation(admin))
    browser, theirs = signed_in(admin), signed_in(member)
    browser.submit(f"/organisation/members/{member.id}/role", "/organisation", role="buyer_admin")
    assert theirs.get("/organisation").status_code == 200, "at once"
    with people.session() as session:
        line = session.scalars(
            select(AuditEntry).where(AuditEntry.subject == f"user/{member.id}", AuditEntry.action == "role")
        ).one()
    assert (line.actor, line.origin, line.changes) == (
        f"user/{admin.id}",
        browser.address,
        {"role": ["buyer", "buyer_admin"]},
    )
    browser.submit(f"/organisation/members/{member.id}/disable", "/organisation")
    assert theirs.get("/account").status_code == 302
    assert "disabled" in browser.get("/organisation").text
    browser.submit(f"/organisation/members/{member.id}/enable", "/organisation")
    assert theirs.sign_in(member.sign_in).status_code == 302


def test_an_admin_cannot_leave_the_organisation_without_one(people: People, signed_in: SignedIn) -> None:
    admin = people.user(Role.BUYER_ADMIN)
    browser = signed_in(admin)
    browser.submit(f"/organisation/members/{admin.id}/disable", "/organisation")
    assert "cannot do this to yourself" in browser.get("/organisation").text
    assert browser.get("/organisation").status_code == 200


def test_staff_approve_and_disable(people: People, signed_in: SignedIn) -> None:
    organisation = people.organisation(state=OrganisationState.PENDING, name="丙集团 <b>")
    user = people.user(Role.BUYER_ADMIN, organisation)
    staff, theirs = signed_in(people.user(Role.STAFF_ADMIN)), signed_in(user)
    page = staff.get("/staff/organisations").text
    assert "丙集团 &lt;b&gt;" in page
    assert organisation.number in page
    assert theirs.get("/organisation").status_code == 403
    assert staff.submit(f"/staff/organisations/{organisation.id}/approve", "/staff/organisations").status_code == 302
    assert theirs.get("/organisation").status_code == 200
    assert "approved" in people.messages(user.sign_in)[-1].subject
    staff.submit(f"/staff/organisations/{organisation.id}/disable", "/staff/organisations?state=approved")
    assert theirs.get("/account").status_code == 302
    with people.session() as session:
        assert session.get_one(Organisation, organisation.id).state == OrganisationState.DISABLED


def test_a_second_organisation_of_a_number_is_not_approved(people: People, signed_in: SignedIn) -> None:
    first = people.organisation()
    second = people.organisation(number=first.number, state=OrganisationState.PENDING)
    staff = signed_in(people.user(Role.STAFF_ADMIN))
    staff.submit(f"/staff/organisations/{second.id}/approve", "/staff/organisations")
    assert "Another approved organisation" in staff.get("/staff/organisations").text


def test_staff_cannot_lock_themselves_out(people: People, signed_in: SignedIn) -> None:
    user = people.user(Role.STAFF_ADMIN)
    staff = signed_in(user)
    staff.submit(f"/staff/organisations/{user.organisation_id}/disable", "/staff/organisations?state=approved")
    assert staff.get("/account").status_code == 200


@pytest.mark.parametrize("state", ["", "pending", "approved", "disabled", "nonsense", "pending&page=-1", "x&page=x"])
def test_every_list_of_organisations(people: People, signed_in: SignedIn, state: str) -> None:
    assert signed_in(people.user(Role.STAFF_ADMIN)).get(f"/staff/organisations?state={state}").status_code == 200
