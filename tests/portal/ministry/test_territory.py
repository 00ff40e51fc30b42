"""Staff limited to regions and sectors: every page and act stops at the border, and only an administrator moves it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask

from portal.models import AuditEntry, OrganisationState, Role, Supplier, User
from portal.register.catalogue import Catalogue
from portal.register.clock import today_china
from portal.register.territory import WHOLE, Territory
from tests.portal.accounts.conftest import People, Visitor
from tests.portal.ministry.test_care import ACTS, Firm, entries, form_of, names, new_firm, send

__all__ = ["new_firm"]

NINGBO, HANGZHOU, NANJING = "330206", "330106", "320102"


def supplier(region: str | None, sector: str = "machinery") -> Supplier:
    return Supplier(scheme="CN-USCC", number="1", region=region, sector=sector)


@pytest.mark.parametrize(
    ("territory", "inside"),
    [
        (WHOLE, [NINGBO, HANGZHOU, NANJING, None]),
        (Territory(("330000",)), [NINGBO, HANGZHOU]),
        (Territory(("330200",)), [NINGBO]),
        (Territory((NINGBO, "320000")), [NINGBO, NANJING]),
        (Territory((), ("machinery",)), [NINGBO, HANGZHOU, NANJING, None]),
        (Territory(("330000",), ("textiles",)), []),
    ],
)
def test_places_hold_what_lies_in_them(catalogue: Catalogue, territory: Territory, inside: list[str | None]) -> None:
    found = [place for place in (NINGBO, HANGZHOU, NANJING, None) if territory.holds(supplier(place), catalogue)]
    assert found == inside


LIMITED = {"regions": ["330200"], "sectors": ["machinery", "textiles"]}


@pytest.fixture
def limited(staff: Callable[..., Visitor]) -> Visitor:
    """A publisher of Ningbo, machinery and textiles."""
    return staff(Role.STAFF_PUBLISHER, **LIMITED)


@pytest.mark.parametrize("outside", [{"region": HANGZHOU}, {"sector": "electronics"}, {"region": None}])
def test_a_firm_outside_is_neither_read_nor_changed(
    people: People, limited: Visitor, new_firm: Callable[..., Firm], outside: dict[str, str]
) -> None:
    firm = new_firm(**outside)
    logged = entries(people)
    assert limited.get(firm[2]).status_code == 403
    for act in ACTS:
        assert limited.get(form_of(firm, act)).status_code == 403
        sent = limited.submit(form_of(firm, act), "/account", reason="x", on=today_china().isoformat(), seen="9")
        assert sent.status_code == 403
    assert limited.submit(f"/ministry/suppliers/{firm[0]}/undo/{logged}", "/account").status_code == 403
    assert entries(people) == logged
    assert "outside your regions" in limited.get(firm[2]).text


def test_a_firm_inside_is(people: People, limited: Visitor, new_firm: Callable[..., Firm]) -> None:
    firm = new_firm()
    assert send(limited, form_of(firm, "status"), status="suspended").status_code == 302


def test_lists_stop_at_the_border(limited: Visitor, new_firm: Callable[..., Firm]) -> None:
    soon = {"expires_on": today_china() + timedelta(days=5)}
    old = today_china() - timedelta(days=2000)
    inside = new_firm(certificate=soon, assessed=old)[2].rpartition("/")[2]
    outside = new_firm(certificate=soon, assessed=old, region=HANGZHOU)[2].rpartition("/")[2]
    for path in ("/ministry/expiring", "/ministry/assessments"):
        for asked in ("", "?region=330000", "?sector=electronics"):
            found = names(limited.get(f"{path}{asked}").text)
            assert inside in found, (path, asked)
            assert outside not in found, (path, asked)


def test_the_log_is_that_of_the_territory_s_firms(
    limited: Visitor, staff: Callable[..., Visitor], new_firm: Callable[..., Firm]
) -> None:
    inside, outside = (new_firm(region=region)[2].removeprefix("/ministry/suppliers/") for region in (NINGBO, NANJING))
    unlimited = staff(Role.STAFF_PUBLISHER)

    def shown(browser: Visitor, about: str) -> int:
        return browser.get(f"/ministry/log?about={about}").text.count('<tr id="entry-')

    assert (shown(limited, inside), shown(limited, outside)) == (1, 0)
    assert (shown(unlimited, inside), shown(unlimited, outside)) == (1, 1)
    assert shown(limited, limited.user.name) == 0, "of people neither"
    assert shown(limited, "") == 0
    assert "name one of their firms" in limited.get("/ministry/log").text


def test_an_export_of_the_log_stops_at_the_border(
    ministry_app: Flask, limited: Visitor, new_firm: Callable[..., Firm], worker: Callable[[], None]
) -> None:
    outside = new_firm(region=NANJING)[2].removeprefix("/ministry/suppliers/")
    assert limited.submit(f"/ministry/log/export/csv?about={outside}", "/account").location == "/exports"
    worker()
    assert "0 rows" in limited.get("/exports").text


@pytest.fixture
def colleagues(people: People, staff: Callable[..., Visitor]) -> tuple[Visitor, User]:
    """An administrator, and an editor of the same ministry."""
    organisation = people.organisation("ministry", state=OrganisationState.APPROVED)
    admin = staff(Role.STAFF_ADMIN, organisation=organisation)
    return admin, people.user(Role.STAFF_EDITOR, organisation)


def test_an_admin_sets_the_territory_and_it_holds_at_once(
    people: People, colleagues: tuple[Visitor, User], new_firm: Callable[..., Firm], staff: Callable[..., Visitor]
) -> None:
    admin, editor = colleagues
    path = f"/organisation/members/{editor.id}/territory"
    logged = entries(people)
    sent = admin.submit(path, provinces="320000", places="330200，540000", sectors="machinery")
    assert sent.location == "/organisation"
    found = people.again(editor)
    assert (found.regions, found.sectors) == (["320000", "330200", "540000"], ["machinery"])
    assert entries(people) == logged + 1
    page = admin.get("/organisation").text
    assert "Jiangsu" in page
    shown = admin.get(path).text
    assert re.search(r'value="320000" checked', shown)
    assert 'value="540000" checked' in shown
    assert 'value="330200"' in shown
    admin.submit(path, provinces="320000", places="330200,540000", sectors="machinery")
    assert entries(people) == logged + 1, "the same again is no change"
    admin.submit(path)
    assert people.again(editor).regions == []


def test_a_place_that_is_none_is_named(people: People, colleagues: tuple[Visitor, User]) -> None:
    admin, editor = colleagues
    sent = admin.submit(f"/organisation/members/{editor.id}/territory", places="330200, 999999")
    assert sent.status_code == 422
    assert "There is no place of the code 999999." in sent.text
    assert people.again(editor).regions == []


def test_nobody_sets_the_own_territory_or_that_of_another_organisation(
    people: People, colleagues: tuple[Visitor, User], staff: Callable[..., Visitor]
) -> None:
    admin, _editor = colleagues
    own = f"/organisation/members/{admin.user.id}/territory"
    admin.submit(own, provinces="320000")
    assert people.again(admin.user).regions == []
    stranger = people.user(Role.STAFF_EDITOR)
    assert admin.get(f"/organisation/members/{stranger.id}/territory").status_code == 404
    assert admin.submit(f"/organisation/members/{stranger.id}/territory", "/account").status_code == 404


def test_the_log_tells_of_territories_in_words(
    ministry_app: Flask, people: People, colleagues: tuple[Visitor, User]
) -> None:
    admin, editor = colleagues
    admin.submit(f"/organisation/members/{editor.id}/territory", provinces="330000", sectors="textiles")
    page = admin.get(f"/ministry/log?about=user/{editor.id}").text
    assert "territory changed" in page
    assert "Zhejiang" in page
    with people.session() as session:
        assert session.query(AuditEntry).where(AuditEntry.action == "territory").count()
