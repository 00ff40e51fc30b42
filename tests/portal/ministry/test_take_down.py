"""A firm's own profile taken down in one click: gone from pages, API, exports and index, and back as it was."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import count
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.indexing.documents import documents
from portal.models import AuditEntry, Role, Supplier
from portal.register.catalogue import Catalogue
from portal.register.clock import today_china
from portal.register.facts import SupplierRecord
from portal.register.showing import as_shown, hidden_fields
from portal.register.writer import Outcome, WriteError, Writer
from portal.services import services
from portal.workspace.export_firms import editions
from portal.workspace.export_firms import read as read_exported
from search.contract import SupplierDocument
from tests.factories import achievement_facts, certificate_facts, credit_code, supplier_facts, supplier_key
from tests.portal.accounts.conftest import People, Visitor

_numbers = count(760)
OWN = ("description_zh", "products_zh", "website", "phone", "name_en")
SECRET = ("自荐说明", "自荐产品", "https://own.example", "0574-1234", "Own English Name", "自荐成果")
OFFICIAL = ("轴承的设计和生产", "官方成果")


def declared(number: int) -> SupplierRecord:
    """A firm that says some of it itself."""
    return SupplierRecord(
        supplier=supplier_facts(
            number,
            description_zh="自荐说明",
            products_zh=("自荐产品",),
            products_en=(),
            website="https://own.example",
            phone="0574-1234",
            name_en="Own English Name",
            self_declared=OWN,
        ),
        certificates=(certificate_facts(f"T-{number}"),),
        achievements=(
            achievement_facts("自荐成果", self_declared=True),
            achievement_facts("官方成果"),
        ),
    )


@pytest.fixture
def firm(ministry_app: Flask, people: People) -> Callable[[], Supplier]:
    def make() -> Supplier:
        number = next(_numbers)
        with ministry_app.app_context(), people.session() as session, session.begin():
            Writer(session, services().catalogue, actor="import").write([declared(number)])
            return session.scalars(select(Supplier).where(Supplier.number == credit_code(number))).one()

    return make


@pytest.fixture
def editor(staff: Callable[..., Visitor]) -> Visitor:
    return staff(Role.STAFF_EDITOR)


def shown(texts: tuple[str, ...], page: str) -> set[str]:
    return {text for text in texts if text in page}


def document(session: Session, catalogue: Catalogue) -> SupplierDocument:
    session.expire_all()
    (found,) = documents(session, catalogue, [session.scalars(select(Supplier.id)).one()])
    assert isinstance(found, SupplierDocument)
    return found


def test_the_document_holds_official_facts_alone(session: Session, catalogue: Catalogue) -> None:
    writer = Writer(session, catalogue, actor="tester")
    writer.write([declared(1)])
    before = document(session, catalogue)
    assert {"profile", "website", "products"} <= set(before.flags)
    assert writer.hide_profile(supplier_key(1), "false") is Outcome.CHANGED
    assert writer.hide_profile(supplier_key(1), "again") is Outcome.UNCHANGED
    hidden = document(session, catalogue)
    assert hidden.version == before.version + 1
    assert not shown(SECRET, str(hidden))
    assert shown(OFFICIAL, str(hidden)) == set(OFFICIAL)
    assert not {"profile", "website", "name_en"} & set(hidden.flags)
    assert hidden.certificates == before.certificates
    writer.write([SupplierRecord(supplier=supplier_facts(1, description_zh="自荐说明", self_declared=OWN))])
    assert not shown(SECRET, str(document(session, catalogue))), "nor what it declares meanwhile"
    writer.show_profile(supplier_key(1))
    assert set(document(session, catalogue).flags) == set(before.flags)
    with pytest.raises(WriteError, match="reason"):
        writer.hide_profile(supplier_key(1), "")


def test_a_firm_keeps_a_name_and_a_sector(session: Session, catalogue: Catalogue) -> None:
    writer = Writer(session, catalogue, actor="tester")
    both = ("name_zh", "name_en", "sector", "industries")
    writer.write([SupplierRecord(supplier=supplier_facts(1, self_declared=both))])
    writer.hide_profile(supplier_key(1), "false")
    row = session.scalars(select(Supplier)).one()
    assert hidden_fields(row) == {"name_en", "industries"}
    found = as_shown(row)
    assert (found.name_zh, found.name_en, found.sector, found.industries) == (row.name_zh, "", "machinery", [])
    assert (found.key, found.self_declared, row.self_declared != []) == (row.key, [], True)


def test_exports_show_official_facts_alone(session: Session, catalogue: Catalogue) -> None:
    writer = Writer(session, catalogue, actor="tester")
    writer.write([declared(1)])
    writer.hide_profile(supplier_key(1), "false")
    firms = read_exported(session, [supplier_key(1)], today_china(), editions(session, None))
    row = firms[supplier_key(1)].row
    assert (row.website, row.products_zh, row.name_en, row.self_declared) == ("", [], "", [])


def test_a_merge_publishes_nothing_that_was_taken_down(session: Session, catalogue: Catalogue) -> None:
    writer = Writer(session, catalogue, actor="tester")
    writer.write([declared(1), SupplierRecord(supplier=supplier_facts(2, website=""))])
    writer.hide_profile(supplier_key(1), "false")
    made = writer.merge(supplier_key(2), supplier_key(1), reason="同一企业", on=today_china())
    kept = session.get_one(Supplier, made.kept_id)
    assert (kept.website, kept.description_zh, kept.self_declared) == ("", "", [])
    assert not shown(SECRET, str(documents(session, catalogue, [made.kept_id])))


def test_one_click_on_the_public_page_and_back(people: People, editor: Visitor, firm: Callable[[], Supplier]) -> None:
    row = firm()
    public, api, page = f"/suppliers/{row.key}", f"/api/v1/suppliers/{row.key}", f"/ministry/suppliers/{row.key}"
    assert shown(SECRET, editor.get(public).text) == set(SECRET)
    answer = editor.submit(f"/ministry/suppliers/{row.id}/take-down", public, reason="private")
    assert answer.location == page
    told = editor.get(page).text
    assert "personal data" in told
    undo = re.search(r'action="(/ministry/suppliers/\d+/undo/\d+)"', told)
    assert undo
    for path in (public, api, f"/compare?id={row.key}", f"/api/v1/compare?id={row.key},{supplier_key(760)}"):
        assert not shown(SECRET, editor.get(path).text), path
    assert shown(OFFICIAL, editor.get(public).text) == set(OFFICIAL)
    assert "is not shown at the moment" in editor.get(public).text
    assert editor.get(api).get_json()["profile_hidden"] is True
    with people.session() as session:
        entry = session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc()).limit(1)).one()
    assert (entry.action, entry.changes["profile_hidden_reason"]) == ("profile.hidden", ["", "private"])
    editor.submit(undo[1], "/account")
    assert shown(SECRET, editor.get(public).text) == set(SECRET)
    editor.submit(f"/ministry/suppliers/{row.id}/take-down", page, reason="other", words="企业来函")
    assert "企业来函" in editor.get(page).text
    editor.submit(f"/ministry/suppliers/{row.id}/put-back", page)
    assert shown(SECRET, editor.get(api).text) == set(SECRET)
    editor.submit(f"/ministry/suppliers/{row.id}/put-back", page)
    assert "Nothing was changed" in editor.get(page).text


@pytest.mark.parametrize("fields", [{}, {"reason": "other"}, {"reason": "none of them"}])
def test_a_take_down_has_a_reason(
    people: People, editor: Visitor, firm: Callable[[], Supplier], fields: dict[str, str]
) -> None:
    row = firm()
    editor.submit(f"/ministry/suppliers/{row.id}/take-down", "/account", **fields)
    assert "choose a reason" in editor.get(f"/ministry/suppliers/{row.key}").text
    with people.session() as session:
        assert session.get_one(Supplier, row.id).profile_hidden_at is None


def test_only_staff_of_the_territory_see_and_press_the_button(
    staff: Callable[..., Visitor], firm: Callable[[], Supplier], editor: Visitor
) -> None:
    row: Any = firm()
    path = f"/ministry/suppliers/{row.id}/take-down"
    assert "/take-down" not in staff(Role.STAFF_VIEWER).get(f"/suppliers/{row.key}").text
    elsewhere = staff(regions=["440000"])
    assert elsewhere.submit(path, "/account", reason="false").status_code == 403
    assert elsewhere.submit(f"/ministry/suppliers/{row.id}/put-back", "/account").status_code == 403
    assert editor.submit("/ministry/suppliers/99999999/take-down", "/account", reason="false").status_code == 404
