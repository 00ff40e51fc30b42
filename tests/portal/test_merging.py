"""Two entries that are one firm: what the kept one becomes, what follows it, and that all of it can be taken back."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from portal.care import merging
from portal.care.merging import Asked
from portal.indexing.documents import documents
from portal.models import (
    Assessment,
    AuditEntry,
    Certificate,
    ClaimCode,
    ContactAgreement,
    Inquiry,
    Organisation,
    OutboxRow,
    OwnList,
    OwnRow,
    Profile,
    ProfileVersion,
    Ranking,
    ReviewCase,
    Supplier,
    SupplierMerge,
    User,
    table_of,
)
from portal.register.auditing.reading import newest_id
from portal.register.catalogue import Catalogue
from portal.register.facts import RiskFact, SupplierRecord
from portal.register.merging import heads
from portal.register.writer import Outcome, Stale, WriteError, Writer
from search.contract import SupplierDocument, Tombstone
from tests.factories import (
    assessment_facts,
    certificate_facts,
    credit_code,
    edition_facts,
    key_only,
    ranking_facts,
    record,
    supplier_facts,
    supplier_key,
)

KEPT, MERGED, THIRD = supplier_key(1), supplier_key(2), supplier_key(3)
DAY = date(2026, 5, 1)
YES = RiskFact(answer=True, source="公示系统", checked_on=date(2026, 2, 1))
NO = RiskFact(answer=False, source="公示系统", checked_on=date(2026, 1, 1))


@pytest.fixture
def writer(session: Session, catalogue: Catalogue) -> Writer:
    """Of staff; two entries of one firm, and a third firm."""
    made = Writer(session, catalogue, actor="tester", origin="test")
    shared = certificate_facts("Q-9")
    made.write(
        [
            SupplierRecord(
                supplier=supplier_facts(1, website="", risks={"abnormal_operations": NO}),
                certificates=(shared, certificate_facts("Q-1")),
                assessments=(assessment_facts(date(2025, 1, 1)),),
            ),
            SupplierRecord(
                supplier=supplier_facts(
                    2, website="https://example.com", self_declared=("website",), risks={"abnormal_operations": YES}
                ),
                certificates=(shared, certificate_facts("Q-2")),
                assessments=(assessment_facts(date(2026, 1, 1)),),
            ),
            record(3),
        ]
    )
    return made


def the_firm(session: Session, number: int) -> Supplier:
    session.expire_all()
    return session.scalars(select(Supplier).where(Supplier.number == credit_code(number))).one()


def merge(session: Session, writer: Writer, kept: str = KEPT, merged: str = MERGED, **stated: Any) -> int:
    seen = newest_id(session, kept), newest_id(session, merged)
    values: dict[str, Any] = {"seen": seen, "reason": "同一企业", "on": DAY} | stated
    return merging.merge(session, writer, Asked(kept, merged, **values))


def numbers(session: Session, number: int) -> list[str]:
    """Of the certificates of the firm."""
    of_firm = select(Certificate.number).where(Certificate.supplier_id == the_firm(session, number).id)
    return sorted(session.scalars(of_firm))


def image(session: Session) -> list[Any]:
    """Everything that a merge may change, but versions and instants."""
    session.expire_all()
    firms = session.scalars(select(Supplier).order_by(Supplier.id))
    left = ("updated_at", "index_version")
    rows: list[Any] = [
        {name: getattr(firm, name) for name in [column.name for column in table_of(Supplier).c] if name not in left}
        for firm in firms
    ]
    for model in (Certificate, Assessment, Ranking, OwnRow):
        columns = [column for column in model.__table__.columns if column.name in ("id", "supplier_id", "current")]
        rows += session.execute(select(*columns).order_by("id")).all()
    return rows


def test_the_kept_firm_takes_what_it_has_not(session: Session, writer: Writer) -> None:
    logged, due = (session.scalar(select(func.count()).select_from(one)) or 0 for one in (AuditEntry, OutboxRow))
    entry = merge(session, writer)
    kept, merged = the_firm(session, 1), the_firm(session, 2)
    assert (kept.website, kept.self_declared) == ("https://example.com", ["website"])
    assert kept.risks["abnormal_operations"]["answer"] == "yes", "it was checked later"
    assert [former["name"] for former in kept.former_names] == ["宁波第2轴承有限公司", "Ningbo Bearing No. 2 Co., Ltd"]
    assert (numbers(session, 1), numbers(session, 2)) == (["Q-1", "Q-2", "Q-9"], ["Q-9"])
    current = session.scalars(select(Assessment.assessed_on).where(Assessment.current.is_(True))).all()
    assert date(2026, 1, 1) in current
    assert date(2025, 1, 1) not in current
    assert (merged.merged_into_id, merged.withdrawn_reason) == (kept.id, "同一企业")
    assert merged.withdrawn_at is not None
    found = session.get_one(AuditEntry, entry)
    assert (found.action, found.subject, found.changes["reason"]) == ("supplier.merged", KEPT, "同一企业")
    assert found.changes["merged"] == [None, MERGED]
    assert {"belongs_to": [MERGED, KEPT]} in found.changes["certificates"].values()
    assert session.scalar(select(func.count()).select_from(AuditEntry)) == logged + 1
    assert session.scalar(select(func.count()).select_from(OutboxRow)) == due + 2


def test_the_index_has_one_firm_that_both_numbers_find(session: Session, writer: Writer, catalogue: Catalogue) -> None:
    merge(session, writer)
    kept, merged = documents(session, catalogue, [the_firm(session, 1).id, the_firm(session, 2).id])
    assert isinstance(kept, SupplierDocument)
    assert {credit_code(1), credit_code(2)} <= set(kept.codes)
    assert isinstance(merged, Tombstone)


def test_what_is_not_official_follows(session: Session, writer: Writer) -> None:
    writer.publish_edition(edition_facts(), [ranking_facts(2)])
    buyer = Organisation(kind="buyer", name="采购")
    speaks = Organisation(kind="supplier", name="企业", supplier_id=the_firm(session, 2).id)
    session.add_all([buyer, speaks])
    session.flush()
    user = User(organisation_id=buyer.id, sign_in="a@example.com", name="王", role="buyer")
    session.add(user)
    session.flush()
    own = OwnList(organisation_id=buyer.id, owner_id=user.id, name="已有", number_column=0, name_column=None)
    session.add(own)
    session.flush()
    row = OwnRow(own_list_id=own.id, organisation_id=buyer.id, line=1, supplier_id=the_firm(session, 2).id)
    session.add(row)
    session.flush()
    before = image(session)
    entry = merge(session, writer)
    kept = the_firm(session, 1).id
    assert session.scalars(select(Ranking.supplier_id)).all() == [kept]
    assert (row.supplier_id, speaks.supplier_id) == (kept, kept)
    assert "own_row" not in str(session.get_one(AuditEntry, entry).changes)
    merging.take_back(session, writer, KEPT, entry)
    assert image(session) == before
    assert speaks.supplier_id == the_firm(session, 2).id


def test_two_organisations_that_speak_for_the_two_are_settled_first(session: Session, writer: Writer) -> None:
    for number in (1, 2):
        session.add(Organisation(kind="supplier", name=f"企业{number}", supplier_id=the_firm(session, number).id))
    session.flush()
    with pytest.raises(WriteError, match="speaks for each"):
        merge(session, writer)


def test_a_merge_is_taken_back_whole(session: Session, writer: Writer) -> None:
    before = image(session)
    entry = merge(session, writer)
    undone = merging.take_back(session, writer, KEPT, entry)
    assert image(session) == before
    found = session.get_one(AuditEntry, undone)
    assert (found.action, found.changes["undone"]) == ("supplier.undone", "supplier.merged")
    assert {"belongs_to": [KEPT, MERGED]} in found.changes["certificates"].values()
    assert session.scalars(select(SupplierMerge.undone_at)).one() is not None
    with pytest.raises((Stale, WriteError)):
        merging.take_back(session, writer, KEPT, entry)
    merge(session, writer)
    assert the_firm(session, 2).merged_into_id == the_firm(session, 1).id, "and may be merged again"


def test_a_merge_that_something_followed_stays(session: Session, writer: Writer) -> None:
    entry = merge(session, writer)
    writer.set_status(KEPT, "revoked", reason="吊销", on=DAY)
    with pytest.raises(Stale):
        merging.take_back(session, writer, KEPT, entry)
    assert the_firm(session, 2).merged_into_id is not None


def test_chains_lead_to_the_last_firm(session: Session, writer: Writer) -> None:
    before = image(session)
    first = merge(session, writer)
    second = merge(session, writer, kept=THIRD, merged=KEPT)
    one, two, three = (the_firm(session, number).id for number in (1, 2, 3))
    assert heads(session, [one, two, three]) == {one: three, two: three}
    assert the_firm(session, 2).merged_into_id == three, "no address leads on twice"
    with pytest.raises(WriteError, match="merged into"):
        merging.take_back(session, writer, KEPT, first)
    merging.take_back(session, writer, THIRD, second)
    assert the_firm(session, 2).merged_into_id == one
    merging.take_back(session, writer, KEPT, first)
    assert image(session) == before
    session.execute(update(Supplier).where(Supplier.id == two).values(merged_into_id=one))
    session.execute(update(Supplier).where(Supplier.id == one).values(merged_into_id=three))
    assert heads(session, [two]) == {two: three}, "also where a database holds a chain"


@pytest.mark.parametrize("which", [KEPT, MERGED])
def test_of_two_at_once_the_second_is_told(session: Session, writer: Writer, which: str) -> None:
    seen = newest_id(session, KEPT), newest_id(session, MERGED)
    writer.set_status(which, "revoked", reason="吊销", on=DAY)
    with pytest.raises(Stale) as caught:
        merge(session, writer, seen=seen)
    assert caught.value.key == which
    assert the_firm(session, 2).merged_into_id is None


def test_what_cannot_be_merged(session: Session, writer: Writer) -> None:
    with pytest.raises(WriteError, match="reason"):
        merge(session, writer, reason=" ")
    with pytest.raises(WriteError, match="same firm"):
        merge(session, writer, merged=KEPT)
    writer.withdraw(THIRD, "注销")
    with pytest.raises(WriteError, match="not in the register any more"):
        merge(session, writer, merged=THIRD)
    merge(session, writer)
    with pytest.raises(WriteError, match="merged into another"):
        writer.rename(MERGED, "新名", "", reason="更名", on=DAY)
    with pytest.raises(WriteError, match="merged into another"):
        writer.restore(MERGED, "恢复")


def test_a_list_that_still_names_the_merged_firm_speaks_of_the_kept_one(session: Session, writer: Writer) -> None:
    merge(session, writer)
    name = the_firm(session, 1).name_zh
    listed = SupplierRecord(supplier=supplier_facts(2), certificates=(certificate_facts("Q-77"),))
    assert writer.write([listed, SupplierRecord(supplier=key_only(3))]) == [Outcome.CHANGED, Outcome.UNCHANGED]
    assert "Q-77" in numbers(session, 1)
    assert the_firm(session, 1).name_zh == name
    assert writer.write([listed]) == [Outcome.UNCHANGED]
    edition = writer.publish_edition(edition_facts("machinery-2026", period="2026"), [ranking_facts(2)])
    ranked = session.scalars(select(Ranking.supplier_id).where(Ranking.edition_id == edition.id)).all()
    assert ranked == [the_firm(session, 1).id]


def speaker_of(session: Session, number: int) -> User:
    """Who speaks for the firm."""
    speaks = Organisation(kind="supplier", name="企业", supplier_id=the_firm(session, number).id)
    session.add(speaks)
    session.flush()
    made = User(organisation_id=speaks.id, sign_in="firm@example.com", name="李", role="supplier_admin")
    session.add(made)
    session.flush()
    return made


def words_of(session: Session, supplier_id: int, user: User) -> None:
    """A profile with one version that is up, a draft, and a person who agreed to be named."""
    content = {"description": {"zh": f"{supplier_id}号的话"}}
    version = {"number": 1, "content": content, "user_id": user.id}
    session.add_all(
        [
            Profile(supplier_id=supplier_id, published=content, version=1, draft={"website": {"url": "x"}}, saved=1),
            ProfileVersion(supplier_id=supplier_id, **version),
            ContactAgreement(supplier_id=supplier_id, phone=f"+861380000{supplier_id:04}"),
        ]
    )
    session.flush()


def words(session: Session) -> list[tuple[Any, ...]]:
    """Whose is what of the profiles, as the database has it."""
    session.expire_all()
    profiles = session.execute(select(Profile.supplier_id, Profile.version, Profile.draft).order_by(Profile.version))
    versions = session.execute(select(ProfileVersion.supplier_id, ProfileVersion.number).order_by(ProfileVersion.id))
    agreed = session.execute(select(ContactAgreement.supplier_id, ContactAgreement.phone).order_by("phone"))
    return [*map(tuple, profiles), *map(tuple, versions), *map(tuple, agreed)]


def test_what_the_firm_says_of_itself_follows_and_comes_back(
    session: Session, writer: Writer, catalogue: Catalogue
) -> None:
    one, two = the_firm(session, 1).id, the_firm(session, 2).id
    words_of(session, two, speaker_of(session, 2))
    session.add(Profile(supplier_id=one))  # somebody opened the form once and wrote nothing
    before = words(session)
    entry = merge(session, writer)
    assert {row[0] for row in words(session)} == {one}, "profile, its versions and agreements"
    (kept,) = documents(session, catalogue, [one])
    assert isinstance(kept, SupplierDocument)
    assert f"{two}号的话" in str(kept)
    session.execute(update(Profile).values(draft={"website": {"url": "https://later.example"}}))
    merging.take_back(session, writer, KEPT, entry)
    after = words(session)
    assert {row[0] for row in after} == {two}
    assert "https://later.example" in str(after), "no edit is lost"
    assert len(after) == len(before) - 1, "but for the row that said nothing"


def test_a_profile_of_the_kept_firm_stays(session: Session, writer: Writer) -> None:
    one, two = the_firm(session, 1).id, the_firm(session, 2).id
    user = speaker_of(session, 2)
    for firm in (one, two):
        words_of(session, firm, user)
    before = words(session)
    entry = merge(session, writer)
    assert session.get_one(Profile, one).published == {"description": {"zh": f"{one}号的话"}}
    assert set(session.scalars(select(ContactAgreement.supplier_id))) == {one}
    merging.take_back(session, writer, KEPT, entry)
    assert words(session) == before


def test_a_profile_that_was_taken_down_does_not_come_up_by_a_merge(
    session: Session, writer: Writer, catalogue: Catalogue
) -> None:
    one, two = the_firm(session, 1).id, the_firm(session, 2).id
    words_of(session, two, speaker_of(session, 2))
    writer.hide_profile(MERGED, "虚假")
    merge(session, writer)
    assert session.get(Profile, one) is None
    assert "号的话" not in str(documents(session, catalogue, [one]))


def test_a_letter_s_code_and_what_came_meanwhile_go_with_the_firm(session: Session, writer: Writer) -> None:
    one, two = the_firm(session, 1).id, the_firm(session, 2).id
    user = speaker_of(session, 2)
    ends = datetime(2027, 1, 1, tzinfo=UTC)
    code = ClaimCode(supplier_id=two, kind="letter", hash="a" * 64, expires_at=ends)
    session.add(code)
    entry = merge(session, writer)
    session.refresh(code)
    assert code.supplier_id == one
    about: dict[str, Any] = {"supplier_id": one, "organisation_id": user.organisation_id, "user_id": user.id}
    case = ReviewCase(kind="profile", stage="ministry", state="open", **about)
    buyer = Organisation(kind="buyer", name="采购")
    session.add_all([case, buyer])
    session.flush()
    asks = User(organisation_id=buyer.id, sign_in="b@example.com", name="王", role="buyer")
    session.add(asks)
    session.flush()
    asked = Inquiry(
        organisation_id=buyer.id,
        user_id=asks.id,
        supplier_id=one,
        firm_id=user.organisation_id,
        product="轴承",
        answer_by=DAY,
    )
    session.add(asked)
    session.flush()
    merging.take_back(session, writer, KEPT, entry)
    assert (code.supplier_id, case.supplier_id, asked.supplier_id) == (two, two, two)
