"""What a firm and a person get of what is held about them: all of it, nobody else's, no secrets, the same each time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from sqlalchemy.orm import Session

from portal.company.own_data import FIRM, PERSON, SECRET, Firm, Holding, Person, as_json, columns_of
from portal.identity import tokens
from portal.models import (
    AuditEntry,
    Base,
    Organisation,
    RecoveryCode,
    ReviewCase,
    Role,
    Shortlist,
    ShortlistEntry,
    Supplier,
    Token,
    TokenKind,
    User,
    UserSession,
    table_of,
)
from portal.register.facts import SupplierRecord
from portal.register.writer import Writer
from tests.factories import (
    assessment_facts,
    certificate_facts,
    edition_facts,
    ranking_facts,
    supplier_facts,
    supplier_key,
)
from tests.portal.inquiring import START, Desk

NOT_OF_A_FIRM = {
    "shortlist": "a buyer's",
    "shortlist_entry": "a buyer's interest in the firm",
    "shortlist_note": "a buyer's",
    "undo": "a buyer's",
    "own_list": "a buyer's",
    "own_row": "a buyer's",
    "conditions": "a buyer's",
    "alert": "a buyer's",
    "export": "a buyer's or the ministry's",
    "sourcing_record": "a buyer's",
    "web_import": "the ministry's",
    "import_touch": "how an import is undone; what it wrote is in the log",
    "outbox": "of the index, for moments",
    "dead_letter": "of the index",
    "firm_image": "of the index: made from the firm's public facts",
    "change_note": "of the index: made from the firm's public facts",
    "job": "of files that someone asked for",
    "appearance": "told on its page alone, where small numbers are not",
    "duplicate_pair": "the ministry's question; the answer is in the log",
    "supplier_merge": "how a merge is undone; it names what buyers keep",
}
"""Tables that point to a firm or an organisation, and why they are not in what a firm gets."""

NOT_OF_A_PERSON = {"undo": "how the last day's acts are taken back"}
"""Tables that point to a user, and why they are not in what a person gets."""


def pointing_to(*targets: str) -> set[str]:
    return {
        table.name
        for table in Base.metadata.sorted_tables
        if any(key.column.table.name in targets for key in table.foreign_keys)
    }


def held(holdings: Sequence[Holding[Any]]) -> set[str]:
    return {table_of(holding.model).name for holding in holdings}


def test_every_table_about_firms_is_in_it_or_left_out_for_a_reason() -> None:
    about = pointing_to("supplier", "organisation") | {"supplier", "organisation"}
    assert about - held(FIRM) == set(NOT_OF_A_FIRM)


def test_every_table_about_people_is_in_it_or_left_out_for_a_reason() -> None:
    assert pointing_to("user_account") - held(PERSON) == set(NOT_OF_A_PERSON)


@pytest.mark.parametrize("holdings", [FIRM, PERSON], ids=["firm", "person"])
def test_no_part_holds_a_secret(holdings: Sequence[Holding[Any]]) -> None:
    names = [holding.name for holding in holdings]
    assert len(names) == len(set(names))
    for holding in holdings:
        assert not set(columns_of(holding)) & SECRET, holding.name


def asked(session: Session, holdings: Sequence[Holding[Any]], of: object) -> dict[str, list[dict[str, Any]]]:
    session.flush()
    content = b"".join(as_json(session, holdings, of))
    assert content == b"".join(as_json(session, holdings, of))
    found: dict[str, list[dict[str, Any]]] = msgspec.json.decode(content)
    assert list(found) == [holding.name for holding in holdings]
    return found


@pytest.fixture
def two_firms(session: Session, writer: Writer) -> list[Supplier]:
    writer.write(
        [
            SupplierRecord(
                supplier=supplier_facts(number),
                certificates=(certificate_facts(f"Q-{number}"),),
                assessments=(assessment_facts(),),
            )
            for number in (1, 2)
        ]
    )
    firms = {firm.key: firm for firm in session.query(Supplier)}
    return [firms[supplier_key(number)] for number in (1, 2)]


def test_a_firm_gets_its_own_and_nobody_else_s(session: Session, two_firms: list[Supplier]) -> None:
    desk = Desk(session)
    buyer = desk.person(desk.organisation(name="买方集团"))
    organisations = [desk.organisation("supplier", firm) for firm in two_firms]
    people = [desk.person(one, Role.SUPPLIER_ADMIN, password_hash="$argon2…") for one in organisations]
    for firm, person in zip(two_firms, people, strict=True):
        desk.sent(buyer, firm)
        case = {"kind": "claim", "supplier_id": firm.id, "organisation_id": person.organisation_id, "stage": "local"}
        session.add(ReviewCase(user_id=person.id, payload={"of": firm.number}, **case))
    shortlist = Shortlist(organisation_id=buyer.organisation_id, owner_id=buyer.id, name="机密名单")
    session.add(shortlist)
    session.flush()
    session.add(ShortlistEntry(shortlist_id=shortlist.id, supplier_id=two_firms[0].id, added_by_id=buyer.id))
    mine = Firm(two_firms[0].id, organisations[0].id, two_firms[0].key)
    found = asked(session, FIRM, mine)
    assert [row["number"] for row in found["firm"]] == [two_firms[0].number]
    assert [row["number"] for row in found["certificates"]] == ["Q-1"]
    assert len(found["sources"]) == 1
    assert [row["id"] for row in found["people"]] == [people[0].id]
    assert [row["payload"] for row in found["cases"]] == [{"of": two_firms[0].number}]
    assert len(found["inquiries"]) == len(found["inquiry_messages"]) == 1
    assert {row["subject"] for row in found["operation_log"]} == {two_firms[0].key}
    text = str(found)
    for foreign in (two_firms[1].number, "Q-2", "$argon2", "机密名单"):
        assert foreign not in text


def test_a_person_gets_their_own_without_secrets(session: Session) -> None:
    desk = Desk(session)
    organisation = desk.organisation()
    me, other = (
        desk.person(organisation, name=name, sign_in=f"{name}@example.com", totp_secret=f"TOTP{name}") for name in "ab"
    )
    secrets = []
    for person in (me, other):
        user = session.get_one(User, person.id)
        secrets += [user.totp_secret, tokens.hashed(user.name), tokens.hashed(f"code {user.name}")]
        session.add_all(
            [
                UserSession(hash=tokens.hashed(user.name), user_id=user.id, browser=f"Browser of {user.name}"),
                RecoveryCode(user_id=user.id, hash=tokens.hashed(f"code {user.name}")),
                Shortlist(organisation_id=organisation.id, owner_id=user.id, name=f"List of {user.name}"),
                AuditEntry(actor=f"user/{user.id}", action="signed in", subject=f"user/{user.id}", origin=user.name),
                Token(
                    kind=TokenKind.INVITATION,
                    hash=tokens.hashed(f"token {user.name}"),
                    recipient=user.sign_in,
                    expires_at=START + timedelta(days=1),
                ),
            ]
        )
    found = asked(session, PERSON, Person(me.id, organisation.id, "a@example.com"))
    assert [row["sign_in"] for row in found["account"]] == ["a@example.com"]
    assert [row["browser"] for row in found["sessions"]] == ["Browser of a"]
    assert [row["name"] for row in found["shortlists"]] == ["List of a"]
    assert [row["recipient"] for row in found["links_sent"]] == ["a@example.com"]
    assert [row["origin"] for row in found["operation_log"]] == ["a"]
    text = str(found)
    for foreign in ("b@example.com", "Browser of b", "List of b", *secrets):
        assert foreign not in text
    assert session.get_one(Organisation, organisation.id).name in text


def test_a_firm_is_not_told_of_lists_that_only_staff_see(
    session: Session, writer: Writer, two_firms: list[Supplier]
) -> None:
    desk = Desk(session)
    speaks = desk.organisation("supplier", two_firms[0])
    maker = desk.person(desk.organisation("ministry"), Role.STAFF_EDITOR)
    writer.draft_edition(edition_facts("secret-draft"), [ranking_facts(1)], made_by=maker.id)
    writer.publish_edition(edition_facts("in-force", peers=9), [ranking_facts(1, position=2)])
    found = asked(session, FIRM, Firm(two_firms[0].id, speaks.id, two_firms[0].key))
    assert [row["code"] for row in found["editions"]] == ["in-force"]
    assert [row["position"] for row in found["rankings"]] == [2]
    assert not {"made_by", "noticed_by", "published_by", "taken_back_by"} & found["editions"][0].keys()


@pytest.mark.parametrize("whose", ["firm", "person"])
def test_a_claimant_does_not_read_what_the_holder_told_staff(
    session: Session, two_firms: list[Supplier], whose: str
) -> None:
    desk = Desk(session)
    claimant = desk.person(desk.organisation("supplier", two_firms[0]), Role.SUPPLIER_ADMIN)
    payload = {"way": "papers", "note": "我方说明", "answer": "他们是冒充的", "answered_by": 4711}
    about = {"kind": "claim", "supplier_id": two_firms[0].id, "stage": "local"}
    session.add(ReviewCase(user_id=claimant.id, organisation_id=claimant.organisation_id, payload=payload, **about))
    if whose == "firm":
        found = asked(session, FIRM, Firm(two_firms[0].id, claimant.organisation_id, two_firms[0].key))
    else:
        found = asked(session, PERSON, Person(claimant.id, claimant.organisation_id, "someone@example.com"))
    assert [row["payload"] for row in found["cases"]] == [{"way": "papers", "note": "我方说明"}]
