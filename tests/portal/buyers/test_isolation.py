"""No route and no file of the portal shows one organisation's interest to another: everything that it keeps is named
by a word that nothing else holds, and everyone else asks every route for every id of it.

A new thing that buyers keep is made in `fill`; new routes are walked by themselves.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from io import BytesIO
from itertools import product

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.routing import Rule

from portal.models import Base, Organisation, Role, User
from tests.factories import credit_code, supplier_key
from tests.portal.accounts.conftest import People, Visitor
from tests.portal.buyers.forms import send
from tests.portal.buyers.test_exports import ask
from tests.portal.buyers.test_records import fix
from tests.portal.inquiring import claimed, soon

SECRET = "confidential-qxz7"  # in ASCII: it stays itself in addresses
Work = Callable[[], None]
Rows = dict[str, list[tuple[object, ...]]]

OF_USERS = {"user_id", "owner_id", "author_id", "added_by_id"}
"""Columns that say whose a row is, where no column says which organisation's."""

NAMED = {
    *("shortlist", "shortlist_entry", "shortlist_note", "conditions_version", "own_list", "own_row", "export"),
    *("recent_search", "alert", "sourcing_record", "inquiry", "inquiry_message"),
}
"""Tables whose rows hold the word, once a buyer keeps one of everything."""

MOVING = {"user_session", "message", "job"}
"""Tables that change by themselves."""


def fill(browser: Visitor, work: Work) -> None:
    """One of everything that a buyer can keep, shared with colleagues."""
    page = send(browser, "/shortlists", follow=False, name=f"{SECRET}名单", note=SECRET, shared="y").location
    send(browser, "/shortlists/add", id=[supplier_key(1), supplier_key(2)], list=page.rpartition("/")[2])
    entry = re.search(r'name="entry" value="(\d+)"', browser.get(page).text)
    assert entry
    send(browser, page, do="status", status="not_recommended", reason=SECRET, entry=entry[1])
    send(browser, f"{page}/notes", text=SECRET, entry=entry[1])
    asks = {"name": f"{SECRET}条件", "c-X01-04": "must", "shared": "y", "do": "save"}
    conditions = send(browser, "/conditions/new?sector=machinery", follow=False, **asks).location
    rows = f"编号,统一社会信用代码,企业名称\n{SECRET},{credit_code(1)},\n"
    own = send(browser, "/own-suppliers", follow=False, file=(BytesIO(rows.encode()), f"{SECRET}.csv")).location
    send(browser, own, number_column="1", name_column="2", first="2")
    browser.get(f"/suppliers?q={SECRET}")
    fix(browser, page, title=f"{SECRET}记录", note=SECRET)
    for watched in (page, conditions):
        hook = {"cadence": "daily", "channel": "webhook", "url": f"https://8.8.8.8/{SECRET}"}
        assert send(browser, f"{watched}/alerts/new", follow=False, **hook).status_code in {200, 302}
    claimed(People(browser.client.application), 1)
    asked = {"product": SECRET, "quantity": SECRET, "message": SECRET, "answer_by": soon()}
    send(browser, f"/workspace/inquiries/new?id={supplier_key(1)}", True, **asked)
    work()
    for path in (f"{page}/export", f"{own.removesuffix('/columns')}/export", f"/exports/new?q={SECRET}"):
        ask(browser, path)
    ask(browser, f"/exports/new?conditions={conditions.rpartition('/')[2]}")
    work()


def of_organisation(people: People, organisation: Organisation) -> Rows:
    """Every row that belongs to the organisation or to one of its users, by table."""
    with people.session() as session:
        users = set(session.scalars(select(User.id).where(User.organisation_id == organisation.id)))
        found: Rows = {}
        for table in Base.metadata.sorted_tables:
            if table.name in MOVING:
                continue
            if "organisation_id" in table.c:
                mine = table.c.organisation_id == organisation.id
            elif whose := OF_USERS & set(table.c.keys()):
                mine = table.c[min(whose)].in_(users)
            else:
                continue
            found[table.name] = [
                tuple(row) for row in session.execute(select(table).where(mine).order_by(*table.primary_key.columns))
            ]
    return found


def asked(app: Flask, rows: Rows) -> Iterator[tuple[str, str]]:
    """(method, path) of every route, with every id of the organisation's rows where it takes one."""
    ids = {str(row[0]) for of_table in rows.values() for row in of_table if isinstance(row[0], int)}
    for rule in app.url_map.iter_rules():
        methods = sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
        yield from ((method, path) for method, path in product(methods, _paths(rule, ids)))


def _paths(rule: Rule, ids: set[str]) -> Iterator[str]:
    if "<int:" not in rule.rule:
        if "<" not in rule.rule:
            yield rule.rule
        return
    for identifier in sorted(ids):
        first = re.sub(r"<int:identifier>", identifier, rule.rule, count=1)
        yield re.sub(r"<int:\w+>", "1", first)


@pytest.fixture
def kept(wang: Visitor, people: People, organisation: Organisation, work: Work) -> Rows:
    fill(wang, work)
    return of_organisation(people, organisation)


def test_the_word_is_found_by_those_it_belongs_to(wang: Visitor, li: Visitor, kept: Rows) -> None:
    assert {name for name, rows in kept.items() if SECRET in str(rows)} == NAMED
    for path in ("/workspace", "/shortlists", "/conditions", "/own-suppliers", "/exports", "/workspace/inquiries"):
        assert SECRET in wang.get(path).text, path
    assert SECRET in li.get("/shortlists").text, "it is shared"


@pytest.mark.parametrize("role", [Role.BUYER_ADMIN, Role.SUPPLIER_ADMIN, Role.STAFF_ADMIN, None])
def test_nobody_else_sees_or_changes_it(
    buyers_app: Flask, people: People, organisation: Organisation, kept: Rows, work: Work, role: Role | None
) -> None:
    browser = Visitor(buyers_app, f"198.18.0.{len(role or '')}")
    if role is not None:
        user = people.user(role)
        browser.sign_in(user.sign_in)
        if user.totp_secret:
            browser.submit("/sign-in/code", code=people.code(user))
    page = browser.get("/account" if role else "/sign-in").text
    token = re.search(r'name="csrf_token"[^>]* value="([^"]+)"', page)
    assert token
    for method, path in asked(buyers_app, kept):
        if path == "/sign-out" or path.startswith(("/account", "/sign-")):
            continue  # they would end the visit
        data = {"csrf_token": token[1]} if method == "POST" else None
        with browser.client.open(
            path, method=method, data=data, environ_base={"REMOTE_ADDR": browser.address}
        ) as answer:
            assert SECRET.encode() not in answer.get_data(), (method, path)
            assert SECRET not in str(answer.headers), (method, path)
    work()
    assert of_organisation(people, organisation) == kept


def test_the_operation_log_and_messages_do_not_hold_it(people: People, kept: Rows) -> None:
    with people.session() as session:
        for name in ("audit_entry", "message"):
            rows = session.execute(select(Base.metadata.tables[name])).all()
            assert SECRET not in str(rows), name
