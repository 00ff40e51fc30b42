"""Shortlists on their pages: one press from a result, what each form does and says, and whose they are."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, select

from portal.extensions import db
from portal.models import AuditEntry, Organisation, Role, Shortlist, ShortlistEntry, ShortlistNote, User
from portal.web.permissions import Permission, need_of
from portal.workspace.rows import row_of
from tests.factories import credit_code, supplier_key
from tests.portal.accounts.conftest import People, Visitor
from tests.portal.buyers.forms import send, undo_path

RESULT = "/suppliers?q=轴承&has=certificate&per_page=60"
KEYS = [supplier_key(number) for number in (1, 2, 5)]


def made(browser: Visitor, name: str = "轴承", **fields: str) -> str:
    """The address of a new list."""
    answer = send(browser, "/shortlists", follow=False, name=name, **{"shared": "y"} | fields)
    assert answer.status_code == 302, answer.text
    return answer.location


def entries(browser: Visitor, page: str) -> list[str]:
    """The ids of the entries on a page of a list."""
    return re.findall(r'name="entry" value="(\d+)" form="bulk"', browser.get(page).text)


def with_firms(browser: Visitor, **fields: str) -> str:
    page = made(browser, **fields)
    send(browser, "/shortlists/add", id=KEYS, list=page.rpartition("/")[2])
    return page


def test_the_first_press_asks_for_a_list_the_next_ones_do_not(wang: Visitor) -> None:
    assert "No list yet" in wang.get("/shortlists").text
    assert wang.get(RESULT).text.count('form="shortlist-form"') > 5
    asked = send(wang, "/shortlists/add", follow=False, id=KEYS[0], next=RESULT)
    assert asked.location.startswith("/shortlists/add?id=CN-USCC")
    chooser = wang.get(asked.location)
    assert "宁波第1轴承有限公司" in chooser.text
    back = send(wang, "/shortlists/add", id=KEYS[0], list="new", name="轴承 2026", next=RESULT)
    assert dict(back.request.args) == {"q": "轴承", "has": "certificate", "per_page": "60"}
    assert "1 firm was put on “轴承 2026”." in back.text
    assert "on “轴承 2026”</a>" in back.text
    again = send(wang, "/shortlists/add", id=KEYS[1], next=f"/suppliers/{KEYS[1]}")
    assert again.request.path == f"/suppliers/{KEYS[1]}"
    assert "1 firm was put on “轴承 2026”." in again.text
    assert "1 firm was on “轴承 2026” already." in send(wang, "/shortlists/add", id=KEYS[1], next=RESULT).text


def test_a_selection_a_comparison_and_what_is_not_there(wang: Visitor) -> None:
    page = made(wang)
    ids = "&".join(f"id={key}" for key in KEYS)
    assert 'formaction="/shortlists/add"' in wang.get(RESULT).text
    assert "Put all on a list" in wang.get(f"/compare?{ids}").text
    chooser = wang.get(f"/shortlists/add?{ids}", headers={"Referer": f"http://localhost{RESULT}"})
    assert "Put 3 firms on a list" in chooser.text
    assert 'name="next" value="/suppliers?q=' in chooser.text
    answer = send(wang, "/shortlists/add", id=[*KEYS, "CN-USCC/nothing"], list=page.rpartition("/")[2])
    assert answer.request.path == page
    assert "3 firms were put on “轴承”." in answer.text
    assert "CN-USCC/nothing is not in the register" in answer.text
    assert len(entries(wang, page)) == 3
    assert "Tick at least one firm first." in wang.get("/shortlists/add", follow_redirects=True).text
    nameless = send(wang, "/shortlists/add", id=KEYS, list="new", name=" ")
    assert nameless.status_code == 422
    assert "Give the new list a name" in nameless.text
    away = send(wang, "/shortlists/add", follow=False, id=KEYS, list=page.rpartition("/")[2], next="//example.org/")
    assert away.location == page


def test_who_keeps_no_lists_sees_no_buttons(people: People, signed_in: Callable[[User], Visitor]) -> None:
    supplier = signed_in(people.user(Role.SUPPLIER_ADMIN))
    for path in (RESULT, f"/suppliers/{KEYS[0]}", f"/compare?id={KEYS[0]}&id={KEYS[1]}"):
        page = supplier.get(path).text
        assert "shortlist" not in page.lower(), path


def test_statuses_reasons_and_undo(wang: Visitor, li: Visitor) -> None:
    page = with_firms(wang)
    first, second, third = entries(wang, page)
    refused = send(wang, page, do="status", status="not_recommended", entry=[first, second], reason="  ")
    assert refused.status_code == 422
    assert "Say why these firms are not recommended." in refused.text
    assert refused.text.count('form="bulk" checked') == 2
    done = send(wang, page, do="status", status="not_recommended", entry=[first, second], reason="产能不足")
    assert "2 firms changed." in done.text
    assert done.text.count("产能不足") == 2
    send(li, page, do="status", status="recommended", entry=third)
    path = undo_path(done)
    undone = send(wang, path, next=page)
    assert "Undone." in undone.text
    assert "产能不足" not in undone.text
    assert "李伟" in undone.text
    assert "cannot be undone any more" in send(wang, path, next=page).text
    assert send(li, path).status_code == 404
    assert "Tick at least one firm first." in send(wang, page, do="remove").text
    assert "Tick at least one firm first." in send(wang, page, do="nonsense", entry=first).text


def test_removing_moving_copying(wang: Visitor) -> None:
    page, other = with_firms(wang), made(wang, "备选")
    first, second, third = entries(wang, page)
    moved = send(wang, page, do="move", entry=first, to=other.rpartition("/")[2])
    assert entries(wang, other) == [first]
    send(wang, undo_path(moved), next=page)
    assert set(entries(wang, page)) == {first, second, third}
    send(wang, page, do="copy", all="1", to=other.rpartition("/")[2])
    assert len(entries(wang, other)) == 3
    removed = send(wang, page, do="remove", all="1")
    assert "This list is empty" in removed.text
    assert set(entries(wang, page)) == set()
    send(wang, undo_path(removed), next=page)
    assert set(entries(wang, page)) == {first, second, third}
    compared = send(wang, page, follow=False, do="compare", entry=[first, second])
    assert compared.location.startswith("/compare?id=CN-USCC/")
    assert send(wang, page, do="move", entry=first, to="999999").status_code == 404


def test_notes(wang: Visitor, li: Visitor) -> None:
    page = with_firms(wang)
    first = entries(wang, page)[0]
    noted = send(wang, f"{page}/notes", entry=first, text="已致电\r\n<b>等待</b>报价", next=f"{page}?sort=name")
    assert noted.request.full_path == f"{page}?sort=name"
    assert "已致电\n&lt;b&gt;等待&lt;/b&gt;报价" in noted.text
    path = re.search(r'action="(/shortlists/notes/\d+/delete)"', noted.text)
    assert path
    assert path[1] not in li.get(page).text
    assert "Only who made this" in send(li, path[1]).text
    assert "王芳" in li.get(page).text
    deleted = send(wang, path[1], next=page)
    assert "已致电" not in deleted.text
    assert "已致电" in send(wang, undo_path(deleted), next=page).text
    assert "The note is empty." in send(wang, f"{page}/notes", entry=first, text=" \x07 ").text
    assert "at most 2,000" in send(wang, f"{page}/notes", entry=first, text="好" * 2001).text
    assert "no longer on the list" in send(wang, f"{page}/notes", entry="999999", text="好").text


def test_filters_sorting_and_pages(
    wang: Visitor, people: People, organisation: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = with_firms(wang)
    send(wang, page, do="status", status="contacted", entry=entries(wang, page)[0])
    with people.session() as session, session.begin():
        entry = session.get_one(ShortlistEntry, int(entries(wang, page)[1]))
        entry.facts = {**entry.facts, "levels": {"quality_capability": "excellence"}}
    assert len(entries(wang, f"{page}?status=contacted")) == 1
    changed = wang.get(f"{page}?changed=1").text
    assert changed.count("<article") == 1
    assert re.search("Quality capability: .*Excellence.* →", changed), changed
    assert "No firm on this list is like that." in wang.get(f"{page}?changed=1&status=recommended").text
    assert entries(wang, f"{page}?sort=changed")[0] == str(entry.id)
    send(wang, f"{page}?changed=1", do="seen", all="1")
    assert "No firm on this list is like that." in wang.get(f"{page}?changed=1").text
    monkeypatch.setattr("portal.buyers.shortlist_page.PER_PAGE", 2)
    assert len(entries(wang, page)) == 2
    assert len(entries(wang, f"{page}?page=2&sort=name")) == 1
    assert f"{page}?sort=name&amp;page=2" in wang.get(f"{page}?sort=name").text
    assert len(entries(wang, f"{page}?page=99&status=nonsense&sort=nonsense")) == 1
    assert "all 3, on every page" in wang.get(page).text


def test_renaming_and_deleting(wang: Visitor, li: Visitor) -> None:
    page = with_firms(wang, note="用于二号线")
    assert "用于二号线" in li.get(page).text
    assert send(wang, "/shortlists", name="轴承").status_code == 422
    empty = send(wang, f"{page}/edit", name="", note="")
    assert empty.status_code == 422
    assert "This field is required." in empty.text
    assert "Only who made this" in send(li, f"{page}/delete").text
    assert send(li, f"{page}/edit", name="我的").status_code == 422
    private = send(wang, f"{page}/edit", name="轴承二", note="")
    assert "轴承二" in private.text
    assert "private" in private.text
    assert li.get(page).status_code == 404
    deleted = send(wang, f"{page}/delete")
    assert "The list “轴承二” was deleted." in deleted.text
    assert wang.get(page).status_code == 404
    assert "轴承二" in send(wang, undo_path(deleted)).text
    assert len(entries(wang, page)) == 3


def test_limits_are_said(wang: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    page = made(wang)
    monkeypatch.setattr("portal.workspace.entries.MAX_ENTRIES", 2)
    monkeypatch.setattr("portal.workspace.shortlists.MAX_LISTS", 1)
    full = send(wang, "/shortlists/add", id=KEYS, list=page.rpartition("/")[2])
    assert full.status_code == 422
    assert "A list holds at most 2 firms" in full.text
    assert "has 1 lists, which is the most" in send(wang, "/shortlists", name="二").text
    assert entries(wang, page) == []


def test_a_firm_that_was_withdrawn_stays_on_the_list_and_says_so(wang: Visitor, people: People) -> None:
    page = made(wang)
    key = supplier_key(59)
    send(wang, "/shortlists/add", id=key, list=page.rpartition("/")[2])
    with people.session() as session, session.begin():
        entry = session.scalars(select(ShortlistEntry).order_by(ShortlistEntry.id.desc())).first()
        assert entry is not None
        entry.facts = {**entry.facts, "status": "suspended"}
    with people.session() as session, session.begin():
        session.execute(
            db.text("UPDATE supplier SET withdrawn_at = updated_at WHERE number = :number"), {"number": credit_code(59)}
        )
    try:
        shown = wang.get(page).text
        assert "withdrawn from the register" in shown
        assert "宁波第59轴承有限公司" in shown
    finally:
        with people.session() as session, session.begin():
            session.execute(
                db.text("UPDATE supplier SET withdrawn_at = NULL WHERE number = :number"), {"number": credit_code(59)}
            )


def test_nothing_of_it_is_in_the_log_that_staff_read(wang: Visitor, people: People) -> None:
    with people.session() as session:
        before = len(session.scalars(select(AuditEntry.id)).all())
    page = with_firms(wang)
    send(wang, page, do="status", status="contacted", all="1")
    send(wang, f"{page}/delete")
    with people.session() as session:
        assert len(session.scalars(select(AuditEntry.id)).all()) == before


def test_a_page_of_a_list_takes_the_same_statements_whatever_its_size(wang: Visitor, buyers_app: Flask) -> None:
    page = made(wang)
    small, large = [KEYS[:1], [supplier_key(number) for number in range(1, 41)]]
    asked: list[str] = []
    with buyers_app.app_context():
        engine = db.engine

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        asked.append(statement)

    counts = []
    for keys in (small, large):
        send(wang, "/shortlists/add", id=keys, list=page.rpartition("/")[2])
        asked.clear()
        event.listen(engine, "before_cursor_execute", note)
        try:
            wang.get(page)
        finally:
            event.remove(engine, "before_cursor_execute", note)
        counts.append(len(asked))
    assert counts[0] == counts[1] < 20


ROUTES: dict[str, dict[str, Any]] = {
    "shortlist": {},
    "act_on_entries": {"do": "remove", "all": "1"},
    "edit_shortlist": {"name": "别人的"},
    "delete_shortlist": {},
    "alert_shortlist": {"cadence": "daily", "channel": "mail"},
    "export_shortlist": {"form": "csv", "column": "number"},
    "make_record": {"title": "别人的", "do": "fix"},
    "add_note": {"text": "看见了"},
    "remove_note": {},
    "undo": {},
}
"""Every route to a thing that is kept, and what would change it."""

FOR_ANYONE = {"buyers.verify", "buyers.verify_code", "buyers.verify_file"}
"""Those that read what its maker gave away (test_records.py)."""


def test_the_table_names_every_route_to_a_thing_of_shortlists(buyers_app: Flask) -> None:
    rules = [rule for rule in buyers_app.url_map.iter_rules() if rule.endpoint.startswith("buyers.")]
    wanted = (Permission.SOURCE, Permission.EXPORT)  # staff have files prepared too
    closed = [rule for rule in rules if need_of(buyers_app.view_functions[rule.endpoint]) in wanted]
    assert {rule.endpoint for rule in rules} - {rule.endpoint for rule in closed} == FOR_ANYONE
    named = {rule.endpoint[7:] for rule in rules if "identifier" in rule.arguments and "shortlist" in rule.rule}
    assert named | {"undo"} == set(ROUTES)


@pytest.mark.parametrize("who", ["zhao", "li", "nobody"])
@pytest.mark.parametrize("endpoint", ROUTES)
def test_another_s_private_list_is_not_there(
    wang: Visitor, people: People, buyers_app: Flask, request: pytest.FixtureRequest, endpoint: str, who: str
) -> None:
    """Of another organisation, of a colleague, of nobody: all the same."""
    page = made(wang, shared="")
    send(wang, "/shortlists/add", id=KEYS, list=page.rpartition("/")[2])
    noted = send(wang, f"{page}/notes", entry=entries(wang, page)[0], text="机密")
    note = re.search(r"/shortlists/notes/(\d+)/delete", noted.text)
    undo = undo_path(send(wang, page, do="status", status="contacted", all="1")).rpartition("/")[2]
    assert note
    identifiers = {"remove_note": note[1], "undo": undo}
    identifier = "99999999" if who == "nobody" else identifiers.get(endpoint, page.rpartition("/")[2])
    before = state(people)
    browser: Visitor = wang if who == "nobody" else request.getfixturevalue(who)
    rules = [rule for rule in buyers_app.url_map.iter_rules() if rule.endpoint == f"buyers.{endpoint}"]
    for rule in rules:
        path = rule.rule.replace("<int:identifier>", identifier)
        for method in sorted((rule.methods or set()) & {"GET", "POST"}):
            answer = send(browser, path, **ROUTES[endpoint]) if method == "POST" else browser.get(path)
            assert answer.status_code == 404, (method, path)
            assert "轴承" not in answer.text
    assert state(people) == before


def state(people: People) -> list[dict[str, Any]]:
    """Every list, entry and note."""
    with people.session() as session:
        return [
            row_of(row)
            for model in (Shortlist, ShortlistEntry, ShortlistNote)
            for row in session.scalars(select(model))
        ]


def test_a_private_list_is_no_target_either(wang: Visitor, li: Visitor, zhao: Visitor) -> None:
    private = made(wang, "私", shared="").rpartition("/")[2]
    for stranger in (li, zhao):
        assert send(stranger, "/shortlists/add", id=KEYS, list=private).status_code == 404
        own = with_firms(stranger)
        assert send(stranger, own, do="copy", all="1", to=private).status_code == 404
        assert "私" not in stranger.get(f"/shortlists/add?id={KEYS[0]}").text
        assert "“私”" not in stranger.get(f"/suppliers/{KEYS[0]}").text
    assert entries(wang, f"/shortlists/{private}") == []


def test_forms_from_elsewhere_are_refused(wang: Visitor) -> None:
    page = with_firms(wang)
    assert wang.post(f"{page}/delete").status_code == 400
    assert wang.post(page, do="remove", all="1").status_code == 400
    assert len(entries(wang, page)) == 3
