"""Sourcing records on their pages: looked at, fixed, fetched, verified by anyone, withdrawn, replaced, and whose."""

from __future__ import annotations

import hashlib
import json
import re
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from portal.extensions import db
from portal.models import Organisation, Role, SourcingRecord, User
from portal.models.database import begin_write
from portal.register.facts import SupplierRecord
from portal.register.writer import Writer
from portal.services import services
from portal.workspace import record_files
from portal.workspace.record_codes import SIGNS, new_code, written
from portal.workspace.record_tree import Record, decoded
from portal.workspace.rows import row_of
from tests.factories import certificate_facts, provenance_facts, supplier_facts, supplier_key
from tests.portal.accounts.conftest import People, Visitor
from tests.portal.buyers.forms import send

SEARCH = "http://127.0.0.1/suppliers?has=certificate&sector=machinery&level_min=quality_capability:inspection"
REASON = "产能不足，交期过长"


def make_list(browser: Visitor, *numbers: int, name: str = "轴承 2026", shared: bool = True) -> str:
    """The path of a list of these firms."""
    fields: dict[str, Any] = {"name": name, "shared": "1" if shared else ""}
    page: str = send(browser, "/shortlists", follow=False, **fields).location
    if numbers:
        send(browser, "/shortlists/add", id=[supplier_key(one) for one in numbers], list=page.rpartition("/")[2])
    return page


def entries(browser: Visitor, page: str) -> dict[str, str]:
    """Firm's key → its entry on the list."""
    shown = browser.get(page).text
    found = re.findall(r'name="entry" value="(\d+)" form="bulk"', shown)
    keys = re.findall(r'<h2 id="name-\d+"><a href="/suppliers/([^"]+)"', shown)
    return dict(zip(keys, found, strict=True))


def judge(browser: Visitor, page: str, number: int, status: str, reason: str = "") -> None:
    entry = entries(browser, page)[supplier_key(number)]
    send(browser, page, do="status", status=status, reason=reason, entry=entry)


def preview(browser: Visitor, page: str, **said: str) -> TestResponse:
    fields: dict[str, Any] = {"title": "轴承采购", "address": SEARCH, **said, "do": "preview"}
    return send(browser, f"{page}/record", **fields)


def fix(browser: Visitor, page: str, **said: str) -> str:
    """The path of the record, looked at and fixed."""
    shown = preview(browser, page, **said)
    assert shown.status_code == 200, shown.text
    seen = re.search(r'name="seen" value="([0-9a-f]{64})"', shown.text)
    assert seen, shown.text
    fields: dict[str, Any] = {"title": "轴承采购", "address": SEARCH, **said, "seen": seen[1], "do": "fix"}
    answer = send(browser, f"{page}/record", follow=False, **fields)
    assert answer.status_code == 302, answer.text
    path: str = answer.location
    return path


def files(browser: Visitor, record: str) -> dict[str, bytes]:
    answer = browser.get(f"{record}/file")
    assert answer.status_code == 200
    with zipfile.ZipFile(BytesIO(answer.data)) as archive:
        return {"record.zip": answer.data, **{name: archive.read(name) for name in archive.namelist()}}


def content(browser: Visitor, record: str) -> Record:
    return decoded(files(browser, record)["record.json"])


def hand_in(browser: Visitor, data: bytes, name: str = "any.bin") -> TestResponse:
    """To /verify, as someone without a cookie would."""
    sent = {"file": (BytesIO(data), name)}
    return browser.client.post("/verify", data=sent, environ_base={"REMOTE_ADDR": browser.address})


@pytest.fixture
def anyone(buyers_app: Flask) -> Visitor:
    return Visitor(buyers_app, "203.0.113.77")


@pytest.fixture
def page(wang: Visitor) -> str:
    """A list of four firms: recommended, rejected, and two that nobody judged; one of electronics."""
    made = make_list(wang, 1, 2, 3, 4)
    judge(wang, made, 1, "recommended")
    judge(wang, made, 2, "not_recommended", REASON)
    return made


@contextmanager
def registered(app: Flask) -> Iterator[Writer]:
    """The official writer; what is written is taken back by the test that does it."""
    with app.app_context():
        session = db.session()
        begin_write(session)
        yield Writer(session, services().catalogue, actor="tester", provenance=provenance_facts())
        session.commit()


def test_from_the_list_to_the_file(wang: Visitor, page: str) -> None:
    assert "No sourcing records yet" in wang.get("/records").text
    assert f'href="{page}/record"' in wang.get(page).text
    record = fix(wang, page, reference="CG-2026-017", statement="按评分推荐。")
    shown = wang.get(record).text
    assert REASON in shown
    assert "CG-2026-017" in shown
    assert record in wang.get("/records").text
    held = files(wang, record)
    assert set(held) == {"record.zip", "record.html", "record.json", "README.txt"}
    for name in ("record.zip", "record.html", "record.json"):
        assert hashlib.sha256(held[name]).hexdigest() in shown
    said = content(wang, record)
    assert said.code in shown
    assert said.code.encode() in held["README.txt"]
    assert said.verify == f"http://127.0.0.1:8000/verify/{said.code}"
    assert said.made.at
    assert said.made.at.isoformat().endswith("+08:00")
    html = held["record.html"].decode()
    assert html.startswith("<!doctype html>")
    assert not re.search(r'(?:src|href)="(?!data:)', html)
    assert "<script" not in html
    assert REASON in html
    assert said.verify in html


def test_each_condition_with_hits_before_and_after(wang: Visitor, page: str, buyers_app: Flask) -> None:
    said = content(wang, fix(wang, page)).conditions
    assert said
    assert (said.start.zh, said.start.en) == ("全部获证供应商", "all certified suppliers")
    assert [step.address for step in said.steps] == [
        "sector=machinery",
        "level_min=quality_capability:inspection",
    ]
    assert said.steps[0].said.en == "Sector: Machinery and equipment" or said.steps[0].said.en.startswith("Sector: ")
    assert said.steps[0].said.zh.startswith("行业领域")
    assert [said.steps[0].before, said.steps[1].before] == [said.total, said.steps[0].after]
    assert said.steps[-1].after == said.found
    for address, total in (
        ("has=certificate", said.total),
        ("has=certificate&sector=machinery", said.steps[0].after),
        (said.address.partition("?")[2], said.found),
    ):
        assert wang.get(f"/api/v1/suppliers?{address}").get_json()["total"] == total


def test_everyone_shortlisted_with_reason_person_time_and_facts(wang: Visitor, page: str) -> None:
    said = content(wang, fix(wang, page))
    by_key = {f"{one.scheme}/{one.number}": one for one in said.entries}
    assert set(by_key) == {supplier_key(number) for number in (1, 2, 3, 4)}
    assert [one.decision.status for one in said.entries] == ["recommended", "not_recommended", "new", "new"]
    rejected = by_key[supplier_key(2)]
    assert (rejected.decision.reason, rejected.decision.by, rejected.added_by) == (REASON, "王芳", "王芳")
    assert rejected.decision.at is not None
    standing = {number: by_key[supplier_key(number)].standing for number in (1, 3, 4)}
    assert standing[1] is not None
    assert standing[1].meets_all
    assert standing[3] is not None
    assert 1 in standing[3].failed
    assert standing[4] is not None
    assert standing[4].failed == (0, 2)
    facts = by_key[supplier_key(1)].facts
    [certificate] = facts.certificates
    assert (certificate.number, certificate.state, certificate.counts) == ("Q-1", "valid", True)
    source = said.sources[certificate.source - 1]
    assert (source.issuing_body, source.document_number) == ("示范主管部门", "示范〔2025〕1号")
    assert source.link == "https://example.org/list"
    assert {risk.answer for risk in facts.risks} == {"not_checked"}
    assert facts.rank
    assert facts.rank.official


def test_notes_only_if_they_are_wanted(wang: Visitor, page: str) -> None:
    entry = entries(wang, page)[supplier_key(1)]
    send(wang, f"{page}/notes", entry=entry, text="内部：报价 3.2 万", next=page)
    without, with_them = fix(wang, page), fix(wang, page, notes="y")
    assert not any("报价" in data.decode() for name, data in files(wang, without).items() if name != "record.zip")
    assert "报价" in files(wang, with_them)["record.html"].decode()
    assert "Internal notes are not part" in wang.get(without).text


def test_the_language_is_the_person_s_and_json_has_both(wang: Visitor, page: str) -> None:
    english = files(wang, fix(wang, page))
    wang.get("/?lang=zh")
    chinese = files(wang, fix(wang, page))
    wang.get("/?lang=en")
    assert "Shortlisted firms and decisions" in english["record.html"].decode()
    assert '<html lang="zh-CN">' in chinese["record.html"].decode()
    assert "寻源条件" in chinese["record.html"].decode()
    one, other = json.loads(english["record.json"]), json.loads(chinese["record.json"])
    assert one["conditions"] == other["conditions"]
    assert list(one) == sorted(one)


def test_what_changes_between_look_and_fix_is_looked_at_again(wang: Visitor, page: str, people: People) -> None:
    shown = preview(wang, page)
    seen = re.search(r'name="seen" value="([0-9a-f]{64})"', shown.text)
    assert seen
    judge(wang, page, 3, "contacted")
    again = send(wang, f"{page}/record", title="轴承采购", address=SEARCH, seen=seen[1], do="fix")
    assert "This differs from what you looked at" in again.text
    assert "No sourcing records yet" in wang.get("/records").text


def test_refusals_stand_at_their_field(wang: Visitor, zhao: Visitor, page: str) -> None:
    theirs = send(zhao, "/conditions/new?sector=machinery", follow=False, name="A", shared="1").location
    identifier = re.search(r"/conditions/(\d+)", theirs)
    assert identifier
    for said, words in (
        ({"title": ""}, "This field is required."),
        ({"address": "nonsense"}, "no address of a search"),
        ({"address": "/suppliers?nonsense=1"}, "no filter “nonsense”"),
        ({"address": "/suppliers?sector=nonsense"}, "is not a value of sector"),
        ({"address": f"/suppliers?conditions={identifier[1]}"}, "no address of a search"),
        ({"conditions": f"{identifier[1]}.1", "address": ""}, "Not a valid choice"),
        ({"reference": "x" * 121}, "At most 120 characters."),
    ):
        answer = preview(wang, page, **said)
        assert (answer.status_code, words in answer.text) == (422, True), (said, answer.text)
        assert "record-preview" not in answer.text


def test_kept_conditions_of_a_version(wang: Visitor, page: str) -> None:
    asks = "has=certificate&criteria=X01-04&nice=X01-05:3"
    fields: dict[str, Any] = {"name": "轴承", "shared": "1", "asks": asks, "keep": "has:certificate"}
    kept = send(wang, "/conditions/new", follow=False, **fields)
    found = re.search(r"/conditions/(\d+)", kept.location)
    assert found
    said = content(wang, fix(wang, page, address="", conditions=f"{found[1]}.1"))
    assert said.conditions
    assert said.conditions.kept
    assert (said.conditions.kept.name, said.conditions.kept.version, said.conditions.kept.extended) == (
        "轴承",
        1,
        False,
    )
    assert [nice.code for nice in said.conditions.nices] == ["X01-05"]
    by_number = {one.number: one for one in said.entries}
    first = by_number[supplier_key(1).partition("/")[2]]
    assert first.standing
    assert first.standing.meets_all
    assert first.facts.assessment
    assert {one.code: one.result for one in first.facts.assessment.asked} == {"X01-04": "met", "X01-05": "not_met"}
    second = by_number[supplier_key(2).partition("/")[2]]
    assert second.standing
    assert second.standing.failed == (1,)
    more = content(wang, fix(wang, page, address=f"/suppliers?conditions={found[1]}&sector=machinery"))
    assert more.conditions
    assert more.conditions.kept
    assert more.conditions.kept.extended


def test_firms_chosen_by_hand_need_no_conditions_and_no_engine(wang: Visitor, page: str) -> None:
    record = fix(wang, page, address="")
    assert content(wang, record).conditions is None
    assert "chosen by hand" in wang.get(record).text


def test_who_was_taken_off_is_named(wang: Visitor, page: str) -> None:
    entry = entries(wang, page)[supplier_key(2)]
    send(wang, page, do="remove", entry=entry)
    said = content(wang, fix(wang, page))
    [gone] = said.taken_off
    assert (gone.number, gone.by, gone.decision.reason) == (supplier_key(2).partition("/")[2], "王芳", REASON)
    assert supplier_key(2) not in {f"{one.scheme}/{one.number}" for one in said.entries}


def test_anyone_verifies_by_code_without_cookie(wang: Visitor, page: str, anyone: Visitor, people: People) -> None:
    said = content(wang, fix(wang, page))
    for typed in (said.code, said.code.lower().replace("-", " ")):
        lead = anyone.get("/verify", query_string={"code": typed})
        assert lead.location == f"/verify/{said.code}"
    answer = anyone.get(f"/verify/{said.code}")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert "noindex" in answer.headers["X-Robots-Tag"]
    assert "Set-Cookie" not in answer.headers
    assert "This code is genuine" in answer.text
    assert said.made.organisation in answer.text
    assert "Nothing that is compared has changed" in answer.text
    for private in (REASON, "王芳", "轴承 2026"):
        assert private not in answer.text


def test_anyone_verifies_by_file_and_one_byte_is_noticed(wang: Visitor, page: str, anyone: Visitor) -> None:
    held = files(wang, fix(wang, page))
    for name in ("record.zip", "record.html", "record.json"):
        answer = hand_in(anyone, held[name])
        assert (answer.status_code, f"{name} of this record" in answer.text) == (200, True)
        assert "Set-Cookie" not in answer.headers
        changed = bytearray(held[name])
        changed[len(changed) // 2] ^= 1
        tampered = hand_in(anyone, bytes(changed))
        assert tampered.status_code == 404
        assert "This file is not genuine" in tampered.text
        assert hashlib.sha256(bytes(changed)).hexdigest() in tampered.text
    assert hand_in(anyone, b"", "").status_code == 422


def test_a_slip_is_told_from_a_code_that_was_never_given(anyone: Visitor) -> None:
    code = new_code()
    slipped = code[:3] + SIGNS[(SIGNS.index(code[3]) + 1) % len(SIGNS)] + code[4:]
    for typed, words in (
        (written(code), "No record was ever given this code"),
        (written(slipped), "There is a slip in this code"),
        (code[:-1], "A code has 25 signs"),
        ("源" + code[1:], "No code has the sign “源”"),
    ):
        answer = anyone.get(f"/verify/{typed}")
        assert (answer.status_code, words in answer.text) == (404, True), answer.text
        assert anyone.get("/verify", query_string={"code": typed}).status_code == 302
    assert anyone.get("/verify").status_code == 200


def test_verifying_stays_open_where_the_lookup_is_closed(app_with: Callable[..., Flask], buyers_app: Flask) -> None:
    closed = Visitor(app_with(PUBLIC_LOOKUP="false"), "203.0.113.78")
    assert closed.get("/verify").status_code == 200
    assert closed.get("/suppliers").status_code == 302


def test_what_changed_since_is_told_field_by_field(wang: Visitor, anyone: Visitor, buyers_app: Flask) -> None:
    with registered(buyers_app) as writer:
        writer.write(
            [
                SupplierRecord(supplier=supplier_facts(number), certificates=(certificate_facts(f"V-{number}"),))
                for number in (901, 902, 903)
            ]
        )
    page = make_list(wang, 901, 902, 903)
    record = fix(wang, page, address="")
    code = content(wang, record).code
    with registered(buyers_app) as writer:
        writer.write(
            [
                SupplierRecord(
                    supplier=supplier_facts(901, status="revoked", name_zh="宁波新名轴承有限公司"),
                    certificates=(certificate_facts("V-901", level="experience"),),
                )
            ]
        )
        writer.withdraw(supplier_key(902), "破产清算")
    told = anyone.get(f"/verify/{code}").text
    assert "public facts of 2 have changed" in told
    assert "name: 宁波第901轴承有限公司 → 宁波新名轴承有限公司" in told
    assert "registration: Active → Business licence revoked" in told
    assert "Assurance → Experience" in told
    assert "withdrawn from the register" in told
    assert "宁波第903轴承有限公司" not in told
    again = content(wang, fix(wang, page, address=""))
    gone = next(one for one in again.entries if one.number == supplier_key(902).partition("/")[2])
    assert (gone.gone, gone.withdrawn_reason) == ("withdrawn", "破产清算")
    assert content(wang, record).entries[0].name.zh.startswith("宁波第")


def test_a_withdrawn_record_says_so(wang: Visitor, li: Visitor, page: str, anyone: Visitor) -> None:
    record = fix(wang, page)
    code = content(wang, record).code
    assert "This field is required." in send(wang, f"{record}/withdraw", reason="").text
    assert send(li, f"{record}/withdraw", reason="x").status_code == 422
    assert "withdrawn" not in anyone.get(f"/verify/{code}").text
    send(wang, f"{record}/withdraw", reason="评审程序有误")
    told = anyone.get(f"/verify/{code}").text
    assert "But the record was withdrawn" in told
    assert "评审程序有误" in told
    assert "评审程序有误" in wang.get(record).text
    assert files(wang, record)["record.zip"]
    assert "Withdraw the record" not in wang.get(record).text


def test_a_record_is_replaced_once(wang: Visitor, page: str, anyone: Visitor, people: People) -> None:
    first = fix(wang, page)
    code = content(wang, first).code
    identifier = first.rpartition("/")[2]
    second = fix(wang, page, replaces=identifier, title="轴承采购（更正）")
    said = content(wang, second)
    assert said.replaces
    assert said.replaces.code == code
    told = anyone.get(f"/verify/{code}").text
    assert "But a later record replaced it" in told
    assert said.code not in told
    assert "更正" not in told
    assert second in wang.get(first).text
    assert "Not a valid choice" in preview(wang, page, replaces=identifier).text


def test_a_damaged_file_is_not_handed_out(wang: Visitor, page: str, buyers_app: Flask, people: People) -> None:
    record = fix(wang, page)
    with people.session() as session, buyers_app.app_context():
        kept = session.get_one(SourcingRecord, int(record.rpartition("/")[2]))
        path = record_files.path_of(services().settings.records_dir, kept.sha256)
    path.write_bytes(path.read_bytes()[:-1])
    assert wang.get(f"{record}/file").location == record
    assert "missing or damaged" in wang.get(record).text


def test_nothing_is_kept_when_the_disk_is_full(
    wang: Visitor, page: str, people: People, monkeypatch: pytest.MonkeyPatch, buyers_app: Flask
) -> None:
    before = state(people)

    def full(*_given: object) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(record_files, "store", full)
    buyers_app.testing = False
    buyers_app.config["PROPAGATE_EXCEPTIONS"] = False
    try:
        shown = preview(wang, page)
        seen = re.search(r'name="seen" value="([0-9a-f]{64})"', shown.text)
        assert seen
        answer = send(wang, f"{page}/record", title="轴承采购", address=SEARCH, seen=seen[1], do="fix")
    finally:
        buyers_app.testing = True
        buyers_app.config["PROPAGATE_EXCEPTIONS"] = None
    assert answer.status_code == 500
    assert state(people) == before


ROUTES = ("record", "record_file", "withdraw_record")


def test_the_table_names_every_route_to_a_record(buyers_app: Flask) -> None:
    rules = [rule for rule in buyers_app.url_map.iter_rules() if rule.rule.startswith("/records")]
    assert {rule.endpoint[7:] for rule in rules if "identifier" in rule.arguments} == set(ROUTES)


@pytest.mark.parametrize("endpoint", ROUTES)
def test_another_organisation_s_record_is_not_there(
    wang: Visitor, zhao: Visitor, page: str, people: People, buyers_app: Flask, endpoint: str
) -> None:
    record = fix(wang, page)
    before = state(people)
    [rule] = [rule for rule in buyers_app.url_map.iter_rules() if rule.endpoint == f"buyers.{endpoint}"]
    for browser, identifier in ((zhao, record.rpartition("/")[2]), (wang, "99999999")):
        path = rule.rule.replace("<int:identifier>", identifier)
        answer = send(browser, path, reason="x") if "POST" in (rule.methods or ()) else browser.get(path)
        assert answer.status_code == 404
    assert state(people) == before
    assert record not in zhao.get("/records").text


def test_a_record_of_something_private_is_its_maker_s(wang: Visitor, li: Visitor) -> None:
    hidden, open_ = fix(wang, make_list(wang, 1, shared=False)), fix(wang, make_list(wang, 1, name="B"))
    private = send(wang, "/conditions/new?sector=machinery", follow=False, name="A").location
    found = re.search(r"/conditions/(\d+)", private)
    assert found
    asked = fix(wang, make_list(wang, 1, name="C"), address="", conditions=f"{found[1]}.1")
    for record, status in ((hidden, 404), (open_, 200), (asked, 404)):
        assert li.get(record).status_code == status
        assert li.get(f"{record}/file").status_code == status
        assert (record in li.get("/records").text) == (status == 200)
        assert wang.get(record).status_code == 200


def test_an_administrator_may_withdraw_a_colleague_s(
    wang: Visitor, page: str, people: People, organisation: Organisation, signed_in: Callable[[User], Visitor]
) -> None:
    record = fix(wang, page)
    admin = signed_in(people.user(Role.BUYER_ADMIN, organisation))
    assert "The record is withdrawn" in send(admin, f"{record}/withdraw", reason="x").text


def state(people: People) -> list[dict[str, Any]]:
    with people.session() as session:
        return [row_of(row) for row in session.scalars(select(SourcingRecord).order_by(SourcingRecord.id))]
