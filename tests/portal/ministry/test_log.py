"""The operation log on pages: read in words, filtered, paged, checked, taken out as a file."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, insert, select, update

from portal.models import AuditEntry, Fact, OrganisationState, Role, now, table_of
from portal.models.database import begin_write
from portal.register.audit import Actor
from portal.register.auditing.sealing import sign_anew
from portal.register.clock import today_china
from portal.register.facts import CertificateState, SupplierRecord
from portal.register.writer import Writer
from portal.services import services
from tests.factories import credit_code, key_only, record, supplier_key
from tests.portal.accounts.conftest import People, Visitor

SCHEME = "quality_capability"


@pytest.fixture
def reader(staff: Callable[..., Visitor]) -> Visitor:
    """A publisher."""
    return staff(Role.STAFF_PUBLISHER)


def write(app: Flask, people: People, act: Callable[[Writer], object], actor: str = "import") -> None:
    with app.app_context(), people.session() as session, session.begin():
        act(Writer(session, services().catalogue, actor=actor, origin="list.xlsx:7"))


def rows(browser: Visitor, path: str) -> list[str]:
    """The text of each entry that a page shows."""
    answer = browser.get(path)
    assert answer.status_code == 200, answer.text
    found = re.findall(r'<tr id="entry-\d+">(.*?)</tr>', answer.text, re.DOTALL)
    return [" ".join(re.sub(r"<[^>]+>", " ", row).split()) for row in found]


def entries(people: People, action: str) -> int:
    with people.session() as session:
        return session.scalar(select(func.count(AuditEntry.id)).where(AuditEntry.action == action)) or 0


def test_a_change_reads_in_words_and_in_both_languages(ministry_app: Flask, people: People, reader: Visitor) -> None:
    key, number = supplier_key(2), credit_code(2)
    on = today_china()

    def act(writer: Writer) -> None:
        writer.set_certificate_state(key, SCHEME, "Q-2", CertificateState.SUSPENDED, reason="整改", on=on)

    write(ministry_app, people, act)
    first = rows(reader, f"/ministry/log?about={number}&action=certificate.state&lang=en")[0]
    assert "certificate: state" in first
    assert number in first
    assert "State: valid → suspended" in first
    assert "Reason: 整改" in first
    assert "import list.xlsx:7" in first
    chinese = rows(reader, f"/ministry/log?about={number}&lang=zh")[0]
    assert "状态: 有效 → 暂停" in chinese
    assert "证书状态变更" in chinese


def test_a_new_firm_s_many_facts_are_folded(people: People, ministry_app: Flask, reader: Visitor) -> None:
    write(ministry_app, people, lambda writer: writer.write([record(701)]))
    page = reader.get(f"/ministry/log?about={credit_code(701)}&lang=en").text
    assert re.search(r"<summary>\d+ more</summary>", page)
    assert "Industrial machinery" in page or "machinery" in page
    assert "provenance_id" not in page
    assert "index_version" not in page


def test_a_firm_is_found_by_number_by_name_and_when_it_is_withdrawn(
    people: People, ministry_app: Flask, reader: Visitor
) -> None:
    write(ministry_app, people, lambda writer: writer.write([record(702, name_zh="甬江特种轴承有限公司")]))
    write(ministry_app, people, lambda writer: writer.withdraw(supplier_key(702), "破产"))
    for about in (credit_code(702), credit_code(702).lower(), supplier_key(702), "甬江特种轴承有限公司"):
        assert len(rows(reader, f"/ministry/log?about={about}")) == 2, about
    assert rows(reader, "/ministry/log?about=没有这家") == []
    by_part = rows(reader, "/ministry/log?about=宁波第5轴承")
    assert by_part
    assert all(credit_code(5) in row for row in by_part)


def test_people_are_found_by_name_and_address_and_shown_by_name(
    people: People, staff: Callable[..., Visitor], reader: Visitor
) -> None:
    watched = staff(Role.STAFF_EDITOR, name="欧阳海")
    watched.submit("/account/profile", "/account", name="欧阳海", language="en")
    signed_in = rows(reader, "/ministry/log?who=欧阳海&action=signed+in")
    assert len(signed_in) == 1
    assert watched.address in signed_in[0]
    assert rows(reader, f"/ministry/log?who={watched.user.sign_in}&action=signed+in") == signed_in
    assert rows(reader, "/ministry/log?about=欧阳海&action=signed+in") == signed_in


def test_days_are_china_s_and_a_wrong_day_is_named(people: People, reader: Visitor) -> None:
    old = Actor("import").entry(now() - timedelta(days=3000), "supplier.changed", "CN-USCC/OLD", {})
    with people.session() as session, session.begin():
        begin_write(session)
        session.execute(insert(table_of(AuditEntry)), [old])
    day = (today_china() - timedelta(days=2990)).isoformat()
    assert len(rows(reader, f"/ministry/log?last={day}")) == 1
    assert rows(reader, f"/ministry/log?last={day}&about=CN-USCC/NEW") == []
    wrong = reader.get("/ministry/log?first=yesterday")
    assert wrong.status_code == 422
    assert "Enter a day such as" in wrong.text
    backwards = reader.get("/ministry/log?first=2026-01-02&last=2026-01-01")
    assert backwards.status_code == 422
    assert "before the first one" in backwards.text
    with people.session() as session, session.begin():
        begin_write(session)
        session.query(AuditEntry).where(AuditEntry.subject == "CN-USCC/OLD").delete()


def test_older_entries_follow_page_by_page_and_no_entry_is_lost(
    people: People, ministry_app: Flask, reader: Visitor
) -> None:
    made = [Actor("pager").entry(now(), "supplier.changed", "CN-USCC/PAGED", {"n": place}) for place in range(120)]
    with people.session() as session, session.begin():
        begin_write(session)
        session.execute(insert(table_of(AuditEntry)), made)
    path, seen = "/ministry/log?who=pager", []
    while path:
        page = reader.get(path).text
        seen += re.findall(r'<tr id="entry-(\d+)">', page)
        older = re.search(r'href="([^"]+)" rel="next"', page)
        path = older[1].replace("&amp;", "&") if older else ""
    assert len(seen) == len(set(seen)) == 120


def test_an_address_with_a_place_that_is_none_shows_the_newest(reader: Visitor) -> None:
    assert rows(reader, "/ministry/log?after=nowhere")


def test_a_check_finds_the_log_whole_and_is_one_entry(
    people: People, reader: Visitor, worker: Callable[[], None]
) -> None:
    worker()
    before = entries(people, "audit.checked")
    assert reader.submit("/ministry/log/verify").status_code == 302
    assert "data-progress" in reader.get("/ministry/log/verify").text
    assert reader.get("/ministry/log/verify/progress").get_json()["state"] == "waiting"
    assert reader.submit("/ministry/log/export/csv", "/ministry/log").status_code == 302  # another job waits too
    worker()
    assert reader.get("/ministry/log/verify/progress").get_json()["state"] == "done"
    page = reader.get("/ministry/log/verify").text
    assert "The log is whole." in page
    assert entries(people, "audit.checked") == before + 1


def test_a_check_names_the_altered_entry(people: People, reader: Visitor, worker: Callable[[], None]) -> None:
    worker()
    with people.session() as session, session.begin():
        begin_write(session)
        found = session.scalars(select(AuditEntry).where(AuditEntry.seal.is_not(None)).limit(1)).one()
        seal, actor = found.seal, found.actor
        found.actor = "nobody"
    reader.submit("/ministry/log/verify")
    worker()
    assert f"Entry {seal} was altered: it does not match its hash." in reader.get("/ministry/log/verify").text
    assert f"第 {seal} 条记录已被改动" in reader.get("/ministry/log/verify?lang=zh").text
    with people.session() as session, session.begin():
        begin_write(session)
        session.execute(update(AuditEntry).where(AuditEntry.seal == seal).values(actor=actor))
    reader.submit("/ministry/log/verify?lang=en", "/ministry/log/verify?lang=en")
    worker()
    assert "The log is whole." in reader.get("/ministry/log/verify?lang=en").text


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_the_filtered_log_comes_as_a_file_and_that_is_an_entry(
    ministry_app: Flask, people: People, reader: Visitor, worker: Callable[[], None], form: str
) -> None:
    number = 710 if form == "csv" else 711
    write(ministry_app, people, lambda writer: writer.write([record(number)]))
    write(ministry_app, people, lambda writer: writer.write([_renamed(number)]), actor="=1+1")
    before = entries(people, "audit.exported")
    done = reader.submit(f"/ministry/log/export/{form}?about={credit_code(number)}", "/ministry/log")
    assert done.location == "/exports"
    worker()
    assert entries(people, "audit.exported") == before + 1
    page = reader.get("/exports").text
    assert "2 rows" in page
    link = re.search(r'href="(/exports/\d+/file)"', page)
    assert link
    with reader.get(link[1]) as answer:
        content = answer.data
    if form == "csv":
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            table = list(csv.reader(io.TextIOWrapper(archive.open("data.csv"), "utf-8-sig")))
        assert [row[2] for row in table[1:]] == ["'=1+1", "import"], "the newest first, and none runs as a formula"
        assert [row[6] for row in table[1:]] == ["firm changed", "firm listed"]
    else:
        assert content.startswith(b"PK")


def _renamed(number: int) -> SupplierRecord:
    return SupplierRecord(supplier=key_only(number, name_en="Renamed"))


def test_an_export_of_the_log_is_its_maker_s_alone(
    people: People, staff: Callable[..., Visitor], worker: Callable[[], None]
) -> None:
    organisation = people.organisation("ministry", state=OrganisationState.APPROVED)
    first = staff(Role.STAFF_PUBLISHER, organisation=organisation)
    second = staff(Role.STAFF_ADMIN, organisation=organisation)
    first.submit("/ministry/log/export/csv?who=nobody", "/ministry/log")
    worker()
    link = re.search(r'href="(/exports/\d+/file)"', first.get("/exports").text)
    assert link
    with first.get(link[1]) as answer:
        assert answer.status_code == 200
    assert second.get(link[1]).status_code == 404


def test_the_home_lists_what_the_role_may_do(staff: Callable[..., Visitor], reader: Visitor) -> None:
    assert 'href="/ministry/log"' in reader.get("/ministry").text
    assert 'href="/ministry/log"' not in staff(Role.STAFF_VIEWER).get("/ministry").text


def test_a_lost_head_is_told_on_the_page(people: People, reader: Visitor, worker: Callable[[], None]) -> None:
    worker()
    with people.session() as session, session.begin():
        begin_write(session)
        head = session.get_one(Fact, "audit_head")
        kept = head.value
        head.value = kept.replace('"signature":"', '"signature":"0')
    reader.submit("/ministry/log/verify")
    with people.session() as session:
        assert session.get_one(Fact, "audit_head").value != kept
    worker()
    assert "not signed by this portal" in reader.get("/ministry/log/verify").text
    with people.session() as session, session.begin():
        begin_write(session)
        with people.app.app_context():
            sign_anew(session, services().settings.secret_key)
