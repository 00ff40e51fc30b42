"""GET /ministry and the head of its pages: parts in groups for the role, and what waits where."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from itertools import count

import pytest
from flask import Flask

from portal.models import OrganisationState, Role
from portal.register.clock import today_china
from portal.register.facts import SupplierRecord
from portal.register.writer import Writer
from portal.services import services
from tests.factories import certificate_facts, supplier_facts, supplier_key
from tests.portal.accounts.conftest import People, Visitor

_numbers = count(8300)

GROUP = re.compile(r'<h2 class="section-title" id="group-(\w+)">')
HEAD = re.compile(r'<nav class="sections".*?</nav>', re.DOTALL)


@pytest.fixture
def ending(ministry_app: Flask, people: People) -> str:
    """The key of a firm whose certificate ends in ten days."""
    number, day = next(_numbers), today_china()
    held = certificate_facts(f"H-{number}", issued_on=day - timedelta(days=700), expires_on=day + timedelta(days=10))
    with ministry_app.app_context(), people.session() as session, session.begin():
        facts = SupplierRecord(supplier=supplier_facts(number), certificates=(held,))
        Writer(session, services().catalogue, actor="import").write([facts])
    return supplier_key(number)


def head(page: str) -> str:
    found = HEAD.search(page)
    assert found
    return found[0]


def test_each_role_finds_its_own_groups(staff: Callable[..., Visitor]) -> None:
    assert GROUP.findall(staff(Role.STAFF_VIEWER).get("/ministry").text) == ["work", "register", "coverage"]
    everything = ["work", "register", "coverage", "lists", "accounts"]
    assert GROUP.findall(staff(Role.STAFF_ADMIN).get("/ministry").text) == everything


def test_a_page_shows_the_parts_of_its_group_and_leads_back(staff: Callable[..., Visitor]) -> None:
    editor = staff(Role.STAFF_EDITOR)
    shown = head(editor.get("/ministry/duplicates").text)
    assert '<a href="/ministry">' in shown
    assert 'href="/ministry/duplicates" aria-current="page"' in shown
    assert 'href="/ministry/imports"' in shown
    assert "/ministry/coverage" not in shown
    below = head(editor.get("/ministry/coverage/trend").text)
    assert 'href="/ministry/coverage" aria-current="true"' in below


def test_a_firms_page_stands_with_the_register(staff: Callable[..., Visitor], ending: str) -> None:
    shown = head(staff(Role.STAFF_EDITOR).get(f"/ministry/suppliers/{ending}").text)
    assert 'href="/ministry/duplicates"' in shown
    assert "aria-current" not in shown


def test_the_home_tells_what_waits_of_what_one_decides(staff: Callable[..., Visitor], people: People) -> None:
    people.organisation("buyer", state=OrganisationState.PENDING)
    said = re.compile(r"\d+ waits? for approval")
    assert said.search(staff(Role.STAFF_ADMIN).get("/ministry").text)
    assert not said.search(staff(Role.STAFF_PUBLISHER).get("/ministry").text)


def test_what_waits_is_counted_within_the_territory(staff: Callable[..., Visitor], ending: str) -> None:
    said = re.compile(r"\d+ within 30 days")
    assert said.search(staff(Role.STAFF_VIEWER).get("/ministry").text)
    assert not said.search(staff(Role.STAFF_VIEWER, regions=["630000"]).get("/ministry").text)
