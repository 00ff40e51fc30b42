"""A profile from draft to public, in the database and in the index of either engine."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from elasticsearch import Elasticsearch
from hypothesis import HealthCheck, given, settings
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from portal.company.agreements import agree, agree_in_person, way_to
from portal.company.kinds import KINDS
from portal.company.profile import Conflict, Hand, base_of, discard, profile_of, restore, save, take_back, versions
from portal.company.profile_publishing import HandedIn, hand_in, take_out
from portal.identity import tokens
from portal.identity.letters import Letters
from portal.identity.log import Act, user_actor
from portal.identity.tokens import Purpose
from portal.indexing.documents import documents
from portal.indexing.sessions import Sessions, writing
from portal.indexing.vocabulary import vocabulary
from portal.indexing.worker import Worker
from portal.models import (
    Base,
    CaseState,
    Organisation,
    OrganisationState,
    OutboxRow,
    Profile,
    ReviewCase,
    Role,
    Supplier,
    TokenKind,
    User,
    now,
)
from portal.profiles.content import (
    GROUPS,
    Contact,
    Content,
    Description,
    OwnAchievement,
    Process,
    Product,
    Reference,
    Site,
    Website,
    decoded,
)
from portal.profiles.joining import prints_of
from portal.profiles.visible import agreed_phones
from portal.register.catalogue import Catalogue
from portal.register.writer import Writer
from portal.reviews.cases import Decision, Desk, decide
from portal.reviews.kinds import Refused
from portal.reviews.stages import Stages
from search import SearchEngine, SearchQuery, open_engine
from search.contract import SupplierDocument
from tests.factories import record, supplier_key
from tests.portal.indexing import TODAY, found, write
from tests.portal.profiles.strategies import CONTENTS

REVIEWED = frozenset(GROUPS) - {"website", "telephone"}
on_sqlite = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

FULL = Content(
    description=Description("专做静音轴承", "We make silent bearings"),
    products=(Product("静音轴承", "silent bearing"),),
    processes=(Process("forging", "in_house", "500 吨每月", 20),),
    sites=(Site("110101", "二厂", "某街 1 号"),),
    references=(Reference("某船厂集团"),),
    achievements=(OwnAchievement("wanted", "陶瓷滚珠技术"),),
    website=Website("https://www.example.com"),
    contacts=(Contact("王芳", "销售", "13800001234", "wang@example.com"),),
)


class Cast:
    """A firm, two people who speak for it, and a member of staff, in one session."""

    def __init__(self, session: Session, catalogue: Catalogue) -> None:
        self.session, self.catalogue = session, catalogue
        self.firm = session.scalars(select(Supplier).order_by(Supplier.id)).all()[0]
        firm_side = Organisation(kind="supplier", name="某厂", state=OrganisationState.APPROVED)
        firm_side.supplier_id = self.firm.id
        ministry = Organisation(kind="ministry", name="某厅", state=OrganisationState.APPROVED)
        named = {"name": "王芳", "language": "zh"}
        self.editor = User(organisation=firm_side, role=Role.SUPPLIER_ADMIN, sign_in="a@example.com", **named)
        self.other = User(organisation=firm_side, role=Role.SUPPLIER_EDITOR, sign_in="b@example.com", **named)
        self.staff = User(organisation=ministry, role=Role.STAFF_EDITOR, sign_in="c@example.com", **named)
        session.add_all([firm_side, ministry, self.editor, self.other, self.staff])
        session.flush()

    def desk(self, user: User) -> Desk:
        act = Act(self.session, Letters("https://portal.example"), user_actor(user.id, ""), now())
        return Desk(act, user, KINDS, Stages({}), self.catalogue)

    def base(self) -> str:
        return base_of(self.session, self.firm, self.profile())

    def profile(self) -> Profile | None:
        return profile_of(self.session, self.firm.id)

    def published(self) -> Content:
        profile = self.profile()
        return decoded(profile.published) if profile and profile.published else Content()

    def write(self, content: Content, user: User | None = None, base: str = "") -> None:
        save(self.session, self.firm, base or self.base(), content, Hand((user or self.editor).id, now()))

    def hand_in(
        self, content: Content | None = None, reviewed: frozenset[str] = REVIEWED
    ) -> tuple[HandedIn, ReviewCase | None]:
        if content is not None:
            self.write(content)
        done = hand_in(self.desk(self.editor), self.firm, reviewed)
        profile = self.profile()
        return done, self.session.get(ReviewCase, profile.case_id) if profile and profile.case_id else None

    def decide(self, case: ReviewCase, decision: Decision = Decision.APPROVE, comment: str = "") -> None:
        decide(self.desk(self.staff), case.id, case.version, decision, comment)

    def publish(self, content: Content) -> None:
        self.hand_in(content, frozenset())

    def document(self) -> SupplierDocument:
        (made,) = documents(self.session, self.catalogue, [self.firm.id], TODAY)
        assert isinstance(made, SupplierDocument)
        return made


@pytest.fixture
def cast(session: Session, writer: Writer, catalogue: Catalogue) -> Cast:
    writer.write([record(1)])
    return Cast(session, catalogue)


def test_website_goes_up_at_once_and_the_rest_after_review(cast: Cast) -> None:
    done, case = cast.hand_in(FULL)
    assert done.published == ("website",)
    assert set(done.reviewed) == {
        *("description", "products", "processes", "sites", "references", "achievements", "contacts")
    }
    assert cast.published() == Content(website=FULL.website)
    assert case is not None
    cast.decide(case)
    assert cast.published() == FULL
    profile = cast.profile()
    assert profile is not None
    assert (profile.version, profile.draft) == (2, None)
    assert [one.number for one in versions(cast.session, profile.supplier_id)] == [2, 1]


def test_what_is_up_stays_up_while_a_change_is_returned_and_handed_in_again(cast: Cast) -> None:
    cast.publish(FULL)
    better = Content(products=(Product("更静音的轴承"),), website=FULL.website)
    _, case = cast.hand_in(better)
    assert case is not None
    cast.decide(case, Decision.RETURN, "请写明型号")
    assert cast.published().products == FULL.products
    done, again = cast.hand_in(Content(products=(Product("静音轴承 608"),), website=FULL.website))
    assert again is not None
    assert (again.id, again.state, done.reviewed) == (case.id, CaseState.OPEN, ("products",))
    cast.decide(again)
    assert [one.zh for one in cast.published().products] == ["静音轴承 608"]


def test_words_that_are_only_taken_back_need_nobody_s_leave(cast: Cast) -> None:
    cast.publish(FULL)
    less = Content(website=FULL.website, products=FULL.products, contacts=FULL.contacts, buyers_only=("contacts",))
    done, case = cast.hand_in(less)
    assert (done.reviewed, case) == ((), None)
    assert cast.published() == less
    done, _ = cast.hand_in(Content(website=FULL.website, products=FULL.products, contacts=FULL.contacts))
    assert done.reviewed == ("contacts",)  # shown to more people than before


def test_what_went_up_meanwhile_outlives_an_approval(cast: Cast) -> None:
    _, case = cast.hand_in(Content(products=(Product("静音轴承"),)))
    assert case is not None
    cast.publish(Content(products=(Product("静音轴承"),), website=Website("https://new.example.com")))
    assert case.state == CaseState.WITHDRAWN  # all of it is up
    _, case = cast.hand_in(Content(products=(Product("别的"),), website=Website("https://new.example.com")))
    assert case is not None
    cast.write(Content(products=(Product("别的"),), website=Website("https://newer.example.com")))
    done, _ = cast.hand_in()
    assert done.published == ("website",)
    cast.decide(case)
    assert (cast.published().website.url, cast.published().products) == (
        "https://newer.example.com",
        (Product("别的"),),
    )


@pytest.mark.parametrize("gone", ["disabled", "another speaks"])
def test_words_of_who_speaks_for_the_firm_no_more_do_not_go_up(cast: Cast, gone: str) -> None:
    _done, case = cast.hand_in(FULL)
    assert case is not None
    organisation = cast.session.get_one(Organisation, case.organisation_id)
    if gone == "disabled":
        organisation.state = OrganisationState.DISABLED
    else:
        organisation.supplier_id = None
    cast.session.flush()
    with pytest.raises(Refused):
        cast.decide(case)
    assert cast.published().description == Description()


@pytest.mark.parametrize(
    ("phone", "own"),
    [("13800001234", False), ("+86 138 0000 1234", False), ("0574-87654321", True), ("+86 574 8765 4321", True)],
)
def test_nobody_agrees_in_person_for_another_s_mobile(cast: Cast, phone: str, own: bool) -> None:
    contact = Contact("王芳", "销售", phone, cast.editor.sign_in)  # the editor's address beside another's number
    desk = cast.desk(cast.editor)
    assert agree_in_person(desk.act, cast.firm, contact, cast.editor) is own
    assert bool(agreed_phones(cast.session, cast.firm.id)) is own
    assert way_to(contact) == (cast.editor.sign_in if own else "+8613800001234")


def test_a_person_agrees_for_the_firm_that_the_asking_one_went_into(cast: Cast, writer: Writer) -> None:
    writer.write([record(2)])
    kept = cast.session.scalars(select(Supplier.id).order_by(Supplier.id.desc())).first()
    desk = cast.desk(cast.editor)
    asked = {"supplier": cast.firm.id, "phone": "13800001234", "person": "王芳"}
    purpose = Purpose(TokenKind.AGREEMENT, "+8613800001234", payload=asked)
    issued = tokens.issue(cast.session, purpose, desk.act.at, link=True)
    cast.firm.merged_into_id = kept
    cast.session.flush()
    assert agree(desk.act, issued.secret)
    assert agreed_phones(cast.session, kept or 0) == {"+8613800001234"}


def test_taking_back_what_was_handed_in_keeps_the_draft(cast: Cast) -> None:
    _, case = cast.hand_in(FULL)
    assert take_out(cast.desk(cast.editor), cast.firm)
    assert not take_out(cast.desk(cast.editor), cast.firm)
    profile = cast.profile()
    assert case is not None
    assert profile is not None
    assert profile.draft is not None
    assert (case.state, decoded(profile.draft)) == (CaseState.WITHDRAWN, FULL)


def test_the_second_editor_is_told_and_nothing_is_lost(cast: Cast) -> None:
    base = cast.base()
    cast.write(Content(products=(Product("甲"),), website=Website("https://a.example.com")), cast.editor, base)
    cast.write(Content(description=Description("乙")), cast.other, base)  # elsewhere: joined
    profile = cast.profile()
    assert profile is not None
    assert profile.draft is not None
    both = decoded(profile.draft)
    assert (both.products, both.description.zh) == ((Product("甲"),), "乙")
    with pytest.raises(Conflict) as told:
        cast.write(Content(products=(Product("丙"),)), cast.other, base)
    assert told.value.groups == ("products",)
    assert told.value.mine.products == (Product("丙"),)
    assert told.value.theirs == both
    assert decoded(profile.draft) == both


def test_a_draft_that_was_given_up_comes_back_once(cast: Cast) -> None:
    cast.write(FULL)
    profile, hand = cast.profile(), Hand(cast.editor.id, now())
    assert profile is not None
    assert not discard(cast.session, cast.firm, profile.saved - 1, hand)
    assert discard(cast.session, cast.firm, profile.saved, hand)
    assert cast.base() == prints_of(Content(buyers_only=("contacts",)))
    assert take_back(cast.session, cast.firm, hand)
    assert cast.base() == prints_of(FULL)
    assert not take_back(cast.session, cast.firm, hand)


def test_an_earlier_version_becomes_the_draft(cast: Cast) -> None:
    cast.publish(FULL)
    cast.publish(Content(website=FULL.website))
    old = versions(cast.session, cast.firm.id)[-1]
    assert restore(cast.session, cast.firm, old, Hand(cast.editor.id, now()))
    profile = cast.profile()
    assert profile is not None
    assert decoded(profile.draft or {}) == FULL
    assert cast.published() == Content(website=FULL.website)


def test_the_first_draft_begins_with_what_lists_state_as_the_firm_s_own(
    session: Session, writer: Writer, catalogue: Catalogue
) -> None:
    stated = record(1, description_zh="自述文字", self_declared=("description_zh",))
    writer.write([stated])
    cast = Cast(session, catalogue)
    assert "自述文字" in cast.document().texts
    assert cast.base() == prints_of(Content(description=Description("自述文字"), buyers_only=("contacts",)))
    cast.publish(Content(products=(Product("静音轴承"),)))
    assert "自述文字" not in cast.document().texts  # taken out by the firm, so gone


def test_own_words_come_after_official_ones(session: Session, writer: Writer, catalogue: Catalogue) -> None:
    writer.write([record(1, website="https://official.example.com")])
    cast = Cast(session, catalogue)
    cast.publish(FULL)
    made = cast.document()
    assert made.products == ("深沟球轴承", "静音轴承", "deep groove ball bearings", "silent bearing")
    assert made.processes == ("forging",)
    assert {"demand", "profile", "process", "website"} <= set(made.flags)
    assert {"专做静音轴承", "陶瓷滚珠技术", "某船厂集团", "500 吨每月"} <= set(made.texts)


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=CONTENTS)
@on_sqlite
def test_a_firm_changes_no_official_fact(cast: Cast, content: Content) -> None:
    """Whatever it publishes: all tables but its own, and the version of its entry, are as they were."""
    before = official(cast.session)
    cast.publish(content)
    assert official(cast.session) == before


def official(session: Session) -> dict[str, list[Any]]:
    free = {"profile", "profile_version", "audit_entry", "outbox", "review_case", "review_step", "message"}
    moving = {"index_version", "updated_at"}
    tables = [table for name, table in Base.metadata.tables.items() if name not in free]
    return {
        table.name: sorted(
            map(repr, session.execute(select(*(column for column in table.c if column.name not in moving))).all())
        )
        for table in tables
    }


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=CONTENTS)
@on_sqlite
def test_nothing_kept_for_buyers_and_no_contact_is_in_the_index(cast: Cast, content: Content) -> None:
    secret = Content(
        products=(Product("机密产品"),),
        references=(Reference("机密客户"),),
        contacts=(Contact("机密人", "", "13912345678", "secret@example.com"),),
        description=content.description,
        buyers_only=("products", "references"),
    )
    cast.publish(secret)
    told = repr(cast.document())
    assert "机密" not in told
    assert "13912345678" not in told
    assert "secret@example.com" not in told


def test_going_up_and_the_outbox_are_one_transaction(cast: Cast) -> None:
    before = cast.session.scalar(select(Supplier.index_version).where(Supplier.id == cast.firm.id)) or 0
    cast.publish(FULL)
    after = cast.session.scalar(select(Supplier.index_version).where(Supplier.id == cast.firm.id))
    due = cast.session.scalars(select(OutboxRow.version).where(OutboxRow.supplier_id == cast.firm.id)).all()
    assert after == before + 1
    assert due[-1] == after


Publish = Callable[[Content], None]


@pytest.fixture(params=["tantivy", pytest.param("elastic", marks=pytest.mark.elasticsearch)])
def searched(
    request: pytest.FixtureRequest, sqlite_database: Any, catalogue: Catalogue, tmp_path: Path
) -> Iterator[tuple[SearchEngine, Publish]]:
    """An engine, and `publish(content)`, which also lets the worker take its turn."""
    sessions: Sessions = sessionmaker(sqlite_database)
    server, url = "", f"tantivy://{tmp_path / 'index'}"
    if request.param == "elastic":
        server = request.getfixturevalue("elasticsearch_url")
        url = f"{server}/profiles-{secrets.token_hex(4)}"
    write(sessions, catalogue, record(1), record(2))
    with writing(sessions) as session:
        Cast(session, catalogue)
    engine = open_engine(url, vocabulary(catalogue))
    worker = Worker(sessions, lambda: open_engine(url, vocabulary(catalogue)), catalogue, today=lambda: TODAY)
    worker.step()

    def publish(content: Content) -> None:
        with writing(sessions) as session:
            firm = session.scalars(select(Supplier).order_by(Supplier.id)).all()[0]
            user = session.scalars(select(User).where(User.role == Role.SUPPLIER_ADMIN)).one()
            base = base_of(session, firm, profile_of(session, firm.id))
            save(session, firm, base, content, Hand(user.id, now()))
            act = Act(session, Letters("https://portal.example"), user_actor(user.id, ""), now())
            hand_in(Desk(act, user, KINDS, Stages({}), catalogue), firm, frozenset())
        worker.step()

    yield engine, publish
    worker.close()
    engine.close()
    if server:
        with Elasticsearch(server) as client:
            for index in client.indices.get(index=f"{url.rpartition('/')[2]}-*"):
                client.indices.delete(index=index)


def test_published_words_are_found_and_withdrawn_ones_are_not(searched: tuple[SearchEngine, Publish]) -> None:
    engine, publish = searched
    assert found(engine, "静音轴承") == set()
    publish(FULL)
    assert found(engine, "静音轴承") == {supplier_key(1)}
    assert found(engine, "船厂") == {supplier_key(1)}
    asked = SearchQuery(processes=("forging",))
    assert [hit.id for hit in engine.search(asked).hits] == [supplier_key(1)]
    publish(Content(products=FULL.products, references=FULL.references, buyers_only=("references",)))
    assert found(engine, "船厂") == set()  # for signed-in buyers, on the page
    assert found(engine, "静音轴承") == {supplier_key(1)}
    assert engine.search(asked).hits == ()
    publish(Content())
    assert found(engine, "静音轴承") == set()
    assert found(engine, "深沟球轴承") == {supplier_key(1), supplier_key(2)}
