"""The page where a buyer begins: what it teaches when empty, what it tells when full, to whom, at which cost."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import event, select, update
from sqlalchemy.exc import OperationalError

from portal.extensions import db
from portal.models import Certificate, Job, Organisation, OwnList, RecentSearch, Role, ShortlistEntry, Supplier, User
from portal.register.clock import today_china
from portal.services import services
from portal.workspace import recent, watched
from search.contract import EngineUnavailable
from tests.factories import credit_code, supplier_key
from tests.portal.accounts.conftest import People, Visitor
from tests.portal.buyers.forms import send

CONDITIONS = {"name": "精密轴承", "c-X01-04": "must", "shared": "y", "do": "save"}


def filled(browser: Visitor, people: People, *, name: str = "轴承 2026", shared: str = "y", firms: int = 3) -> str:
    """A list of firms of which each was at another level when it was added; its address."""
    page = send(browser, "/shortlists", follow=False, name=name, shared=shared).location
    keys = [supplier_key(number) for number in range(1, firms + 1)]
    send(browser, "/shortlists/add", id=keys, list=page.rpartition("/")[2])
    with people.session() as session, session.begin():
        for entry in session.scalars(
            select(ShortlistEntry).where(ShortlistEntry.shortlist_id == int(page.rpartition("/")[2]))
        ):
            entry.facts = {**entry.facts, "status": "deregistered"}
    return page


def test_an_empty_workspace_teaches_the_first_steps(wang: Visitor) -> None:
    page = wang.get("/workspace").text
    for link in ("/suppliers?has=certificate", "/own-suppliers#new", "/conditions/new", "/shortlists#new"):
        assert f'href="{link}"' in page, link
    assert "are watched" in page
    assert "No certificate of your firms" in wang.get("/workspace/expiring").text
    chinese = wang.get("/workspace?lang=zh").text
    assert "关注企业动态" in chinese
    assert "90 天内到期的证书" in chinese


def test_a_buyer_begins_there_and_others_at_home(people: People, buyers_app: Flask) -> None:
    for role, start in ((Role.BUYER, "/workspace"), (Role.BUYER_ADMIN, "/workspace"), (Role.SUPPLIER_ADMIN, "/firm")):
        browser, user = Visitor(buyers_app, f"203.1.0.{len(role)}"), people.user(role)
        assert browser.sign_in(user.sign_in, next="/about").location == "/about"
        assert browser.get("/sign-in").location == start
        browser.submit("/sign-out", "/account")
        assert browser.sign_in(user.sign_in).location == start


def test_the_menu_leads_to_every_part(wang: Visitor, people: People, signed_in: Callable[[User], Visitor]) -> None:
    menu = re.search(r'<details class="menu work-menu".*?</details>', wang.get("/shortlists").text, re.DOTALL)
    assert menu
    assert re.findall(r'href="([^"]+)"', menu[0]) == [
        "/workspace",
        "/shortlists",
        "/conditions",
        "/own-suppliers",
        "/workspace/inquiries",
        "/records",
        "/alerts",
        "/exports",
    ]
    assert re.findall(r'href="([^"]+)" aria-current="page"', menu[0]) == ["/shortlists"]
    assert 'href="/shortlists"' not in signed_in(people.user(Role.SUPPLIER_ADMIN)).get("/account").text


def test_news_and_how_many_of_each_list_changed(wang: Visitor, li: Visitor, people: People) -> None:
    path = filled(wang, people)
    for browser in (wang, li):
        page = browser.get("/workspace").text
        assert page.count("registration: ") == 3
        assert page.count(f'href="{path}?changed=1"') == 4  # of each firm, and of the list
        assert "3 changed" in page
        assert "3 firms" in page
    send(wang, path, do="seen", all="1")
    assert "Nothing has changed" in wang.get("/workspace").text


def test_only_so_many_news_are_shown(wang: Visitor, people: People) -> None:
    filled(wang, people, firms=25)
    page = wang.get("/workspace").text
    assert page.count("registration: ") == 20
    assert "The newest 20 are shown" in page


def test_that_not_every_firm_was_compared_is_said(
    wang: Visitor, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = filled(wang, people)
    assert "changed last were compared" not in wang.get("/workspace").text
    send(wang, path, do="seen", all="1")
    monkeypatch.setattr(watched, "MOST", 2)
    page = wang.get("/workspace").text
    assert "Nothing has changed" in page
    assert "changed last were compared" in page


def test_certificates_that_end_soon(wang: Visitor, people: People) -> None:
    filled(wang, people)
    ends = today_china() + timedelta(days=12)
    with people.session() as session:
        firm = session.scalars(select(Supplier.id).where(Supplier.number == credit_code(2))).one()
    of_firm = Certificate.supplier_id == firm

    def set_end(day: date) -> None:
        with people.session() as session, session.begin():
            session.execute(update(Certificate).where(of_firm).values(expires_on=day))

    set_end(ends)
    try:
        for path in ("/workspace", "/workspace/expiring", "/workspace/expiring?page=9", "/workspace/expiring?page=x"):
            page = wang.get(path).text
            assert "12 days left" in page, path
            assert ends.isoformat() in page, path
    finally:
        set_end(date(2099, 4, 30))


def test_conditions_with_their_counts_and_without_an_engine(
    wang: Visitor, buyers_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = send(wang, "/conditions/new", follow=False, **CONDITIONS)
    assert answer.status_code == 302, answer.text
    page = wang.get("/workspace").text
    assert "精密轴承" in page
    assert re.search(r"\d+ firms? now", page)
    with buyers_app.app_context():
        engine = services().engine()

    def down(*_queries: object) -> None:
        raise EngineUnavailable("down")

    monkeypatch.setattr(type(engine), "counts", down)
    without = wang.get("/workspace")
    assert without.status_code == 200
    assert "精密轴承" in without.text
    assert "no numbers at the moment" in without.text


def test_a_check_under_way_says_how_far_it_is(
    wang: Visitor, zhao: Visitor, people: People, organisation: Organisation
) -> None:
    with people.session() as session, session.begin():
        owner = session.scalars(select(User).where(User.organisation_id == organisation.id)).first()
        assert owner is not None
        job = Job(kind="own_list", organisation_id=organisation.id, user_id=owner.id, state="running", done=1, total=4)
        session.add(job)
        session.flush()
        session.add(OwnList(organisation_id=organisation.id, owner_id=owner.id, name="台账甲", job_id=job.id))
        session.add(OwnList(organisation_id=organisation.id, owner_id=owner.id, name="台账乙"))
    page = wang.get("/workspace").text
    assert "being checked: 25%" in page
    assert "columns to be confirmed" in page
    assert "台账" not in zhao.get("/workspace").text
    with people.session() as session, session.begin():  # no worker of another test is to do it
        session.execute(update(Job).where(Job.organisation_id == organisation.id).values(state="failed"))
    assert "the check did not succeed" in wang.get("/workspace").text


@pytest.mark.parametrize("who", ["zhao", "li"])
def test_another_s_private_things_are_not_there(
    wang: Visitor, people: People, request: pytest.FixtureRequest, who: str
) -> None:
    filled(wang, people, name="机密名单", shared="")
    send(wang, "/conditions/new", follow=True, **CONDITIONS | {"name": "机密条件", "shared": ""})
    own = wang.get("/workspace").text
    assert "机密名单" in own
    assert "机密条件" in own
    assert "registration: " in own
    page = request.getfixturevalue(who).get("/workspace").text
    assert "机密" not in page
    assert "registration: " not in page
    assert "轴承有限公司" not in page


def test_the_page_takes_the_same_few_statements_whatever_is_kept(
    wang: Visitor, people: People, buyers_app: Flask
) -> None:
    asked: list[str] = []
    with buyers_app.app_context():
        engine = db.engine

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        asked.append(statement)

    def statements() -> int:
        wang.get("/workspace")
        asked.clear()
        event.listen(engine, "before_cursor_execute", note)
        try:
            assert wang.get("/workspace").status_code == 200
        finally:
            event.remove(engine, "before_cursor_execute", note)
        return sum(statement.startswith("SELECT") for statement in asked)

    filled(wang, people, name="0", firms=1)
    few = statements()
    for number in range(1, 6):
        filled(wang, people, name=str(number), firms=40)
    many = statements()
    assert many == few <= 18


def searched(browser: Visitor) -> list[str]:
    """The recent searches on the page, as addresses."""
    part = re.search(r'aria-labelledby="recent".*?</section>', browser.get("/workspace").text, re.DOTALL)
    assert part
    return re.findall(r'<a href="/suppliers\?([^"]+)"', part[0])


def test_recent_searches_are_offered_again_to_whoever_made_them(wang: Visitor, li: Visitor) -> None:
    assert searched(wang) == []
    assert "one press away" in wang.get("/workspace").text
    for asks in ("q=轴承&sector=machinery&page=1", "sector=textiles", "q=轴承&sector=machinery&view=table"):
        assert wang.get(f"/suppliers?{asks}").status_code == 200
    wang.get("/suppliers?mine=hide")
    assert "without those we have" in wang.get("/workspace").text
    for asks in ("", "has=certificate", "sector=electronics&page=2"):
        wang.get(f"/suppliers?{asks}")
    wang.get("/suppliers?sector=nonsense")
    bearings = "q=%E8%BD%B4%E6%89%BF&amp;sector=machinery"
    assert searched(wang) == ["mine=hide", bearings, "sector=textiles"], "the newest first, each once"
    assert "“轴承”, Industrial machinery and equipment" in wang.get("/workspace").text
    assert searched(li) == []
    assert "were forgotten" in send(wang, "/workspace/recent/clear").text
    assert searched(wang) == []


def test_a_recent_search_on_conditions_goes_with_them(wang: Visitor) -> None:
    page = send(wang, "/conditions/new?sector=machinery", follow=False, **CONDITIONS).location
    identifier = page.rpartition("/")[2]
    wang.get(f"/suppliers?conditions={identifier}&sector=machinery")
    assert searched(wang)[0].startswith(f"conditions={identifier}")
    send(wang, f"{page}/delete")
    assert searched(wang) == []


def test_only_so_many_recent_searches_are_kept(wang: Visitor, people: People) -> None:
    for number in range(recent.KEPT + 3):
        wang.get(f"/suppliers?q=轴承{number}")
    with people.session() as session:
        newest = session.scalars(select(RecentSearch.user_id).order_by(RecentSearch.id.desc()).limit(1)).one()
        kept = session.scalars(select(RecentSearch.id).where(RecentSearch.user_id == newest)).all()
    assert len(kept) == recent.KEPT
    assert len(searched(wang)) == 6
    assert searched(wang)[0].endswith(f"{recent.KEPT + 2}")


def test_a_database_that_takes_no_writes_costs_no_search(wang: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    def locked(*_: object) -> None:
        raise OperationalError("INSERT", {}, Exception("database is locked"))

    monkeypatch.setattr(recent, "note", locked)
    assert wang.get("/suppliers?q=轴承").status_code == 200
    assert searched(wang) == []
