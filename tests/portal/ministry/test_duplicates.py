"""Entries that may be one firm: found by the worker, offered within territories, merged in the browser, told apart."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import count
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from stdnum.cn import uscc

from portal.care.duplicates import number_keys, pairs
from portal.models import AuditEntry, Certificate, DuplicatePair, PairState, Role, Supplier
from portal.register.catalogue import Catalogue
from portal.register.facts import SupplierFacts, SupplierRecord
from portal.register.writer import Writer
from portal.services import services
from tests.factories import certificate_facts, credit_code, supplier_facts
from tests.portal.accounts.conftest import People, Visitor

_numbers = count(700)
Two = tuple[Supplier, Supplier]


@pytest.fixture
def editor(staff: Callable[..., Visitor]) -> Visitor:
    return staff(Role.STAFF_EDITOR)


@pytest.fixture
def two(ministry_app: Flask, people: People) -> Callable[..., Two]:
    """`two(**facts)`: two entries of one name, of the test's own, each with a certificate."""

    def make(**stated: Any) -> Two:
        numbers = next(_numbers), next(_numbers)
        name = f"余姚双录{numbers[0]}轴承"
        records = [
            SupplierRecord(
                supplier=supplier_facts(number, name_zh=name + form, name_en="", **stated),
                certificates=(certificate_facts(f"D-{number}"),),
            )
            for number, form in zip(numbers, ("有限公司", "股份有限公司"), strict=True)
        ]
        with ministry_app.app_context(), people.session() as session, session.begin():
            Writer(session, services().catalogue, actor="import").write(records)
            first, second = (
                session.scalars(select(Supplier).where(Supplier.number == credit_code(number))).one()
                for number in numbers
            )
            return first, second

    return make


def pair_of(people: People, firms: Two) -> DuplicatePair:
    with people.session() as session:
        return session.scalars(select(DuplicatePair).where(DuplicatePair.first_id == firms[0].id)).one()


def newest(people: People) -> AuditEntry:
    with people.session() as session:
        return session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc()).limit(1)).one()


def search(editor: Visitor, worker: Callable[[], None]) -> None:
    editor.submit("/ministry/duplicates/search", "/ministry/duplicates")
    worker()


def merge(browser: Visitor, firms: Two, **fields: str) -> Any:
    path = f"/ministry/suppliers/{firms[0].id}/merge?other={firms[1].key}"
    shown = browser.get(path).text
    seen = {name: re.search(rf'name="{name}"[^>]* value="(\d+)"', shown)[1] for name in ("seen", "seen_other")}  # type: ignore[index]
    return browser.submit(path, **({"reason": "同一企业"} | seen | fields))


def test_firms_are_found_by_number_name_and_former_name(session: Session, catalogue: Catalogue) -> None:
    writer = Writer(session, catalogue, actor="import")
    body = "91330200" + credit_code(1)[8:17]  # registered with another authority, the same organisation
    moved = body + str(uscc.calc_check_digit(body))
    writer.write(
        [
            SupplierRecord(supplier=supplier_facts(1, name_en="")),
            SupplierRecord(supplier=SupplierFacts(scheme="CN-USCC", number=moved, name_en="Elsewhere Ltd")),
            SupplierRecord(supplier=supplier_facts(3, name_zh="宁波第1轴承股份有限公司", name_en="", region="440300")),
            SupplierRecord(
                supplier=supplier_facts(4, name_zh="新名", name_en="", former_names=(("宁波第1轴承", None),))
            ),
            SupplierRecord(supplier=supplier_facts(5)),
        ]
    )
    ids = {row.id: (row.scheme, row.number) for row in session.scalars(select(Supplier))}
    found = {
        frozenset((ids[pair.first][1], ids[pair.second][1])): how for pair, how in pairs(session, catalogue).items()
    }
    one, three, four = credit_code(1), credit_code(3), credit_code(4)
    assert found == {
        frozenset((one, moved)): ("number", False),
        frozenset((one, three)): ("name", False),
        frozenset((one, four)): ("former", True),
        frozenset((three, four)): ("former", False),
    }
    assert list(number_keys("US-UEI", "zq.gg lhtt 1xx5")) == ["ZQGGLHTT1XX5"]
    assert list(number_keys("OSH", "0123456789abcdef")) == []


def test_a_name_that_many_have_says_nothing(session: Session, catalogue: Catalogue) -> None:
    Writer(session, catalogue, actor="import").write(
        [
            SupplierRecord(supplier=supplier_facts(number, name_zh="宁波轴承有限公司", name_en=""))
            for number in range(20)
        ]
    )
    assert pairs(session, catalogue) == {}


def test_from_the_queue_to_one_firm_and_back(
    people: People, editor: Visitor, worker: Callable[[], None], two: Callable[..., Two]
) -> None:
    firms = two()
    search(editor, worker)
    queue = editor.get("/ministry/duplicates").text
    assert firms[0].number in queue
    assert f"/ministry/suppliers/{firms[0].id}/merge?other={firms[1].key}" in queue
    page = editor.get(f"/ministry/suppliers/{firms[0].id}/merge?other={firms[1].number.lower()}").text
    assert firms[1].name_zh in page
    assert "in both" not in page
    answer = merge(editor, firms)
    assert answer.location == f"/ministry/suppliers/{firms[0].key}", answer.text
    kept = editor.get(answer.location).text
    assert firms[1].number in kept
    undo = re.search(r'action="(/ministry/suppliers/\d+/undo/\d+)"', kept)
    assert undo
    moved = editor.get(f"/suppliers/{firms[1].key}")
    assert (moved.status_code, moved.location) == (301, f"/suppliers/{firms[0].key}")
    api = editor.get(f"/api/v1/suppliers/{firms[1].key}")
    assert (api.status_code, api.location) == (308, f"/api/v1/suppliers/{firms[0].key}")
    with people.session() as session:
        held = session.scalars(select(Certificate.number).where(Certificate.supplier_id == firms[0].id)).all()
    assert len(held) == 2
    assert all(number in editor.get(f"/suppliers/{firms[0].key}").text for number in held)
    assert firms[0].number in editor.get(f"/ministry/suppliers/{firms[1].key}").text, "staff are told where it went"
    assert firms[0].number not in editor.get("/ministry/duplicates").text
    editor.submit(undo[1], "/account")
    assert editor.get(f"/suppliers/{firms[1].key}").status_code == 200
    assert newest(people).changes["undone"] == "supplier.merged"
    assert firms[0].number in editor.get("/ministry/duplicates").text, "they may still be one"


def test_two_staff_at_one_pair(people: People, editor: Visitor, staff: Callable[..., Visitor], two: Any) -> None:
    firms, other = two(), staff(Role.STAFF_PUBLISHER)
    path = f"/ministry/suppliers/{firms[0].id}/merge?other={firms[1].key}"
    shown = editor.get(path).text
    seen = {name: re.search(rf'name="{name}"[^>]* value="(\d+)"', shown)[1] for name in ("seen", "seen_other")}  # type: ignore[index]
    act = f"/ministry/suppliers/{firms[1].id}/status"
    first = re.search(r'name="seen"[^>]* value="(\d+)"', other.get(act).text)
    assert first
    done = other.submit(act, status="revoked", on="2026-01-05", reason="吊销", seen=first[1])
    assert done.status_code == 302
    late = editor.submit(path, reason="同一企业", **seen)
    assert late.status_code == 409
    assert "Someone else changed one of the two firms" in late.text
    assert merge(other, firms).status_code == 302
    again = editor.submit(f"/ministry/suppliers/{firms[1].id}/merge?other={firms[0].key}", "/account", reason="反过来")
    assert again.status_code == 302, "the one that is gone cannot be kept"
    assert editor.get(f"/ministry/suppliers/{firms[0].id}/merge?other={firms[1].key}").status_code == 422


def test_what_the_form_refuses(editor: Visitor, two: Callable[..., Two]) -> None:
    firms = two()
    assert merge(editor, firms, reason="").status_code == 422
    path = f"/ministry/suppliers/{firms[0].id}/merge"
    missing = editor.get(f"{path}?other=91330206MA2AAAAAAA")
    assert missing.status_code == 422
    assert "No other entry" in missing.text
    assert editor.get(f"{path}?other={firms[0].number}").status_code == 422, "not with itself"
    assert editor.get("/ministry/suppliers/99999999/merge").status_code == 404


def test_told_apart_for_good(
    people: People, editor: Visitor, worker: Callable[[], None], two: Callable[..., Two]
) -> None:
    firms = two()
    search(editor, worker)
    pair = pair_of(people, firms)
    path = f"/ministry/duplicates/{pair.id}"
    editor.submit(f"{path}/different", "/ministry/duplicates", reason="")
    assert pair_of(people, firms).state == PairState.OPEN
    editor.submit(f"{path}/different", "/ministry/duplicates", reason="母子公司")
    assert newest(people).changes == {"firms": [firms[0].key, firms[1].key], "reason": "母子公司"}
    editor.submit(f"{path}/different", "/ministry/duplicates", reason="又一次")
    assert "Someone else has decided" in editor.get("/ministry/duplicates").text
    search(editor, worker)
    assert firms[0].number not in editor.get("/ministry/duplicates").text, "another search does not offer it again"
    assert "母子公司" in editor.get("/ministry/duplicates?state=different").text
    assert firms[1].number not in editor.get(f"/ministry/suppliers/{firms[0].id}/merge").text
    editor.submit(f"{path}/reopen", "/ministry/duplicates?state=different")
    assert firms[0].number in editor.get("/ministry/duplicates").text


def test_a_search_under_way_is_not_begun_twice(editor: Visitor, worker: Callable[[], None]) -> None:
    editor.submit("/ministry/duplicates/search", "/ministry/duplicates")
    editor.submit("/ministry/duplicates/search", "/account")
    assert "under way already" in editor.get("/ministry/duplicates").text
    worker()
    assert editor.get("/ministry/duplicates/search/progress").get_json()["state"] == "done"


def test_both_firms_lie_in_the_territory(
    people: People, editor: Visitor, staff: Callable[..., Visitor], worker: Callable[[], None], two: Callable[..., Two]
) -> None:
    firms = two(region="330206")
    search(editor, worker)
    here, elsewhere = staff(regions=["330000"]), staff(regions=["440000"])
    pair = pair_of(people, firms)
    assert firms[0].number in here.get("/ministry/duplicates").text
    assert firms[0].number not in elsewhere.get("/ministry/duplicates").text
    assert elsewhere.get(f"/ministry/suppliers/{firms[0].id}/merge").status_code == 403
    for what in ("different", "reopen"):
        refused = elsewhere.submit(f"/ministry/duplicates/{pair.id}/{what}", "/account", reason="不在辖区")
        assert refused.status_code == 403
    assert merge(here, firms).status_code == 302


def test_who_reads_sees_no_merge(staff: Callable[..., Visitor], two: Callable[..., Two]) -> None:
    firms, viewer = two(), staff(Role.STAFF_VIEWER)
    page = viewer.get(f"/ministry/suppliers/{firms[0].key}").text
    assert "/merge" not in page
    assert viewer.get("/ministry/duplicates").status_code == 403
