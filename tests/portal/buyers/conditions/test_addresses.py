"""Addresses that stand on stored conditions: short, and asking exactly what the long ones ask."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from portal.services import services
from portal.web.addresses import Addresses, bare, to_args
from portal.web.parameters import ParameterError, Search, parse
from portal.web.stored import Stored, merged
from tests.portal.buyers.conditions.conftest import Buyer

CODES = [f"X01-{number:02}" for number in range(4, 12)]
LISTS = {
    "sector": ["machinery", "textiles", "steel"],
    "region": ["330000", "330200", "330206", "310000"],
    "process": ["forging", "casting"],
    "level_min": ["quality_capability:inspection", "quality_capability:assurance"],
    "criteria": CODES,
    "criteria_not": CODES,
    "nice": [*CODES, "X01-04:3", "X01-05:7"],
    "has": ["certificate", "website"],
    "lacks": ["certificate", "risk"],
}
SINGLE = {
    "q": ["轴承", "pump"],
    "criteria_mode": ["any", "2", "1-2"],
    "top": ["10"],
    "valid_through": ["2027-01-01"],
    "sort": ["rank", "name"],
}


@st.composite
def queries(draw: st.DrawFn) -> dict[str, str]:
    """Parameters of an address; some contradict each other."""
    lists = {name: draw(st.lists(st.sampled_from(values), max_size=4)) for name, values in LISTS.items()}
    single = {name: draw(st.sampled_from(["", *values])) for name, values in SINGLE.items()}
    return {name: ",".join(values) for name, values in lists.items()} | single


def searched(asked: dict[str, str]) -> Search | None:
    """The search, if the parameters do not contradict each other."""
    try:
        return bare(parse(MultiDict(asked), services().catalogue, {}))
    except ParameterError:
        return None


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=queries(), after=queries())
def test_a_search_on_conditions_is_the_search_itself(
    buyers_app: Flask, before: dict[str, str], after: dict[str, str]
) -> None:
    """Whatever the conditions ask and whatever is asked instead: the address that stands on them asks just that."""
    with buyers_app.test_request_context():
        kept, wanted = searched(before), searched(after)
        if kept is None or wanted is None:
            return
        stored = Stored("7", 7, 1, "", dict(to_args(kept)))
        on_it = Search(query=wanted.query, stored=stored)
        for args in (to_args(on_it), parse_qsl(Addresses(on_it, "/suppliers").of().partition("?")[2])):
            assert args[0] == ("conditions", "7")
            found = parse(merged(stored.args, MultiDict(args)), services().catalogue, {})
            assert found.query == wanted.query
            assert not found.ignored
        assert to_args(Search(query=kept.query, stored=stored)) == [("conditions", "7")]


def links(page: str) -> list[str]:
    return [link.replace("&amp;", "&") for link in re.findall(r'href="(/suppliers\?[^"]+)"', page)]


def test_three_hundred_criteria_make_no_long_address(buyer: Buyer, buyers_app: Flask) -> None:
    with buyers_app.app_context():
        codes = list(services().catalogue.criteria)
    kept = buyer.keep(f"criteria={','.join(codes)}&sector=machinery")
    page = buyer.get(f"/suppliers?conditions={kept}").text
    assert max(map(len, links(page))) < 200
    assert len(re.findall('class="chip"', page)) == len(codes) + 1


def test_chips_take_out_and_facets_add(buyer: Buyer) -> None:
    kept = buyer.keep("criteria=X01-04,X02-01&sector=machinery")
    page = buyer.get(f"/suppliers?conditions={kept}").text
    assert f"/suppliers?conditions={kept}&without=criteria:X01-04" in links(page)
    assert f"/suppliers?conditions={kept}&without=sector" in links(page)
    assert f"/suppliers?conditions={kept}&industry=34" in links(page)
    assert "changed here" not in page
    fewer = buyer.get(f"/suppliers?conditions={kept}&without=criteria:X01-04").text
    assert "changed here, not saved" in fewer
    assert f"/conditions/{kept}/edit?conditions={kept}&without=criteria:X01-04" in fewer.replace("&amp;", "&")
    buyer.edit(kept, f"conditions={kept}&without=criteria:X01-04")
    assert 'asks" value="sector=machinery&amp;criteria=X02-01"' in buyer.get(f"/conditions/{kept}/edit").text


def test_forms_can_empty_what_is_stored(buyer: Buyer) -> None:
    """A search box that was emptied asks for no text, though the conditions have one."""
    kept = buyer.keep("q=轴承&level_min=quality_capability:inspection&sort=name")
    page = buyer.get(f"/suppliers?conditions={kept}").text
    for name in ("q", "sort", "level_min"):
        assert re.search(rf'name="without" value="(\w+,)*{name}(,\w+)*"', page), name
    emptied = buyer.get(f"/suppliers?conditions={kept}&without=q&q=").text
    assert "for “轴承”" in page
    assert "for “轴承”" not in emptied


def test_the_criteria_page_stands_on_conditions_too(buyer: Buyer) -> None:
    kept = buyer.keep("criteria=X01-04")
    page = buyer.get(f"/criteria?conditions={kept}&find=X01-05").text
    assert f'href="/suppliers?conditions={kept}"' in page
    assert f"/criteria?find=X01-05&amp;conditions={kept}&amp;criteria=X01-05" in page


@pytest.mark.parametrize("key", ["0", "x", "-1", "1.", "1.2.3", "99999999999", "１"])
def test_what_are_no_conditions_is_not_found(buyer: Buyer, key: str) -> None:
    assert buyer.get(f"/suppliers?conditions={key}").status_code == 404


def test_others_get_nothing(buyer: Buyer, stranger: Buyer, buyers_app: Flask) -> None:
    kept = buyer.keep("criteria=X01-04")
    for path in (f"/suppliers?conditions={kept}", f"/criteria?conditions={kept}", f"/conditions/new?conditions={kept}"):
        assert buyer.get(path).status_code == 200
        answer = stranger.get(path)
        assert answer.status_code == 404
        assert "轴承供应商" not in answer.text
    answer = buyers_app.test_client().get(f"/api/v1/suppliers?conditions={kept}")
    assert '"code":"ignored"' in answer.text, "the API does not know them"
