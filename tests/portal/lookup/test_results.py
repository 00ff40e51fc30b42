"""Result pages: cards, facets, chips, relaxations, and the firm itself, on a real index."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from urllib.parse import parse_qsl

import pytest
from flask import Flask
from sqlalchemy import event
from werkzeug.datastructures import MultiDict

from portal.extensions import db
from portal.services import services
from portal.web.addresses import Addresses
from portal.web.parameters import Search, parse
from portal.web.presenters import relaxing, results
from portal.web.presenters.context import Context, context
from portal.web.presenters.naming import Naming
from portal.web.screens import Screen
from portal.web.tree import FacetValue, FacetView, ResultPage
from search.contract import SearchEngine
from search.planned import PlannedEngine
from tests.portal.lookup.register import BEARING, MERGED, PLAIN, SECOND, TODAY, UNCERTIFIED, WITHDRAWN, number

Make = Callable[..., Search]
PATH = "/suppliers"


@pytest.fixture
def ask(at: Context, engine: SearchEngine, search: Make) -> Callable[..., tuple[ResultPage, Screen]]:
    def answer(**parameters: str) -> tuple[ResultPage, Screen]:
        asked = search(**parameters)
        page = results.result_page(asked, PATH, at, engine, full=False)
        return page, results.screen(asked, page, PATH, at, engine)

    return answer


Ask = Callable[..., tuple[ResultPage, Screen]]


def value(facet: FacetView, code: str) -> FacetValue:
    """The value of that code, at any depth."""
    todo = list(facet.values)
    while todo:
        found = todo.pop()
        if found.value == code:
            return found
        todo += found.children
    raise AssertionError(f"{code} is not in {facet.name}")


def asked(url: str) -> dict[str, str]:
    return dict(parse_qsl(url.partition("?")[2], keep_blank_values=True))


def test_a_card_says_what_it_makes_at_which_level_and_where(ask: Ask) -> None:
    page, _ = ask(q="bearing", has="certificate")
    assert page.total == 2
    card = next(item for item in page.items if item.id == BEARING)
    assert (card.name.zh, card.name.en) == ("宁波海天轴承有限公司", "Ningbo Haitian Bearing Co., Ltd.")
    assert card.products == ("deep groove ball bearings", "tapered roller bearings")
    assert [place.code for place in card.region] == ["330000", "330200", "330212"]
    quality, iso = card.levels  # the self-assessed GB/T 24001 counts for nothing
    assert (quality.level, quality.rank, quality.levels) == ("assurance", 3, 5)
    assert quality.expires_on == TODAY + timedelta(days=100)  # not that of the lower level, which ends later
    assert (iso.scheme, iso.level, iso.expires_on) == ("gbt19001", None, None)
    assert [tier.tier for tier in card.tiers] == ["srdi"]
    assert card.certified
    assert card.url == f"/suppliers/{BEARING}"
    assert card.rank is None
    assert card.criteria is None
    assert {"Products", "Name"} <= {match.field for match in card.matched}
    assert all(any(hit for _, hit in match.pieces) for match in card.matched)


def test_facets_count_label_and_link(ask: Ask) -> None:
    page, _ = ask(has="certificate")
    assert list(page.facets) == [
        "sector", "industry", "process", "level", "region", "tier", "size", "edition", "grade", "has"
    ]  # fmt: skip
    textiles = value(page.facets["sector"], "textiles")
    assert (textiles.label, textiles.count, textiles.selected) == ("Textiles", PLAIN, False)
    assert asked(textiles.url) == {"sector": "textiles", "has": "certificate"}
    group = value(page.facets["industry"], "345")
    assert group.count == 2
    assert value(page.facets["industry"], "34").children == (group,)
    assert value(page.facets["region"], "330000").count == PLAIN + 2
    assert value(page.facets["level"], "quality_capability").children[0].value.endswith("excellence")
    least = value(page.facets["level"], "quality_capability:inspection").at_least
    assert least is not None
    assert (least.count, least.selected) == (2, False)
    assert asked(least.url)["level_min"] == "quality_capability:inspection"
    assert value(page.facets["grade"], "A+").count == 1
    assert [choice.value for choice in page.facets["edition"].values] == ["machinery-2025", "machinery-2024"]
    risk = value(page.facets["has"], "risk")
    assert asked(risk.url)["has"] == "certificate,risk"
    assert asked(risk.exclude or "") == {"has": "certificate", "lacks": "risk"}


def test_a_selected_value_lets_go_of_itself_and_a_place_replaces_its_province(ask: Ask) -> None:
    page, screen = ask(sector="machinery", region="330000", has="certificate")
    assert asked(value(page.facets["sector"], "machinery").url) == {"region": "330000", "has": "certificate"}
    ningbo = value(page.facets["region"], "330200")
    assert ningbo.count == 2
    assert asked(ningbo.url)["region"] == "330200"
    page, _ = ask(region="330200")
    province = value(page.facets["region"], "330000")
    assert province.open
    assert asked(province.url)["region"] == "330000"
    assert [(chip.parameter, chip.value) for chip in screen.chips] == [
        ("sector", "Industrial machinery and equipment"),
        ("region", "Zhejiang"),
        ("has", "valid certificate"),
    ]
    assert asked(screen.chips[1].url) == {"sector": "machinery", "has": "certificate"}
    assert screen.clear_url == PATH


def test_a_chosen_group_opens_its_classes(ask: Ask) -> None:
    page, _ = ask(industry="345")
    assert value(page.facets["industry"], "345").selected
    leaf = value(page.facets["industry"], "3451")
    assert asked(leaf.url)["industry"] == "3451"


def test_a_level_is_asked_for_beside_the_least_one(ask: Ask) -> None:
    page, screen = ask(level_min="quality_capability:inspection")
    assert page.total == 2
    level = value(page.facets["level"], "quality_capability:assurance")
    assert asked(level.url) == {
        "level": "quality_capability:assurance",
        "level_min": "quality_capability:inspection",  # the counts are made under it
    }
    inspection = value(page.facets["level"], "quality_capability:inspection").at_least
    assert inspection is not None
    assert inspection.selected
    assert inspection.url == PATH
    assert [chip.value for chip in screen.chips] == ["Quality capability Inspection or higher"]
    assert [choice.value for choice in screen.level_min_choices if choice.selected] == ["quality_capability:inspection"]


def test_criteria_say_fit_and_what_is_missing(ask: Ask) -> None:
    page, screen = ask(criteria="X01-05,X01-06", criteria_mode="any", nice="X02-01:3", sector="machinery")
    assert [item.id for item in page.items] == [BEARING, SECOND]  # by fit
    first, second = (item.fit for item in page.items)
    assert first is not None
    assert second is not None
    assert (first.met, first.missing, first.score, first.of) == (("X01-05", "X01-06", "X02-01"), (), 3, 3)
    assert (second.met, second.missing, second.score, second.of) == (("X01-05",), ("X01-06", "X02-01"), 0, 3)
    assert screen.asks_criteria
    assert [coded.code for coded in screen.asked] == ["X01-05", "X01-06", "X02-01"]
    assert [(mode.value, mode.selected) for mode in screen.modes] == [("all", False), ("any", True)]
    facet = page.facets["criteria"]
    chosen = value(facet, "X01-05")
    assert chosen.selected
    assert asked(chosen.url)["criteria"] == "X01-06"
    assert "criteria_mode" not in asked(chosen.url)
    assert asked(chosen.exclude or "")["criteria_not"] == "X01-05"
    counts = page.items[0].criteria
    assert counts is not None
    assert (counts.met, counts.assessed) == (3, 4)
    assert counts.applicable > 100


def test_rank_is_shown_when_it_is_asked_for(ask: Ask) -> None:
    page, screen = ask(sort="rank", has="ranking")
    assert [item.id for item in page.items] == [BEARING, SECOND]
    rank = page.items[1].rank
    assert rank is not None
    assert (rank.edition, rank.position, rank.peers, rank.percentile, rank.grade) == ("machinery-2025", 30, 40, 75, "C")
    assert rank.score == 40.25
    assert not rank.official
    assert screen.asks_rank
    page, screen = ask(edition="machinery-2024", top="10")
    assert [item.id for item in page.items] == [SECOND]
    assert [chip.value for chip in screen.chips] == ["Industrial machinery 2024", "top 10 %"]


def test_the_api_says_rank_and_criteria_unasked(at: Context, engine: SearchEngine, search: Make) -> None:
    page = results.result_page(search(q=number(1)), "/api/v1/suppliers", at, engine)
    assert page.items[0].rank is not None
    assert page.items[0].criteria is not None
    assert page.facets["sector"].values[0].url.startswith("/api/v1/suppliers?")


def test_few_hits_say_what_each_filter_costs(ask: Ask) -> None:
    page, screen = ask(q="bearing", sector="textiles", has="certificate", criteria="X01-05,X01-06")
    assert page.total == 0
    costs = {(relaxation.label, relaxation.value): relaxation.more for relaxation in screen.relaxations}
    assert costs == {("Sector", "Textiles"): 1}
    url = screen.relaxations[0].url
    assert asked(url) == {"q": "bearing", "criteria": "X01-05,X01-06", "has": "certificate"}
    page, screen = ask(criteria="X01-05,X01-06")
    must = [relaxation for relaxation in screen.relaxations if relaxation.value.startswith("X01-06 ")]
    assert (page.total, must[0].more) == (1, 1)
    _, screen = ask(criteria="X01-05,X01-06", criteria_mode="2")
    assert [relaxation.more for relaxation in screen.relaxations] == [1]
    assert asked(screen.relaxations[0].url)["criteria_mode"] == "1"


def test_very_many_musts_are_counted_alike(
    at: Context, engine: SearchEngine, search: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked_for = search(criteria="X01-05,X01-06,X02-01", sector="textiles,machinery", has="certificate")
    answers = []
    for most in (20, 1):
        monkeypatch.setattr(PlannedEngine, "MANY_CRITERIA", most)
        addresses = Addresses(asked_for, PATH)
        answers.append(relaxing.relaxations(asked_for.query, 1, addresses, Naming(at), engine))
    assert answers[0] == answers[1]
    assert answers[0] == ()  # both others miss two
    two = search(criteria="X01-05,X02-01", has="certificate")
    found = relaxing.relaxations(two.query, 1, Addresses(two, PATH), Naming(at), engine)
    assert [(one.value.split()[0], one.more) for one in found] == [("X02-01", 1)]


def test_many_hits_cost_no_further_request(at: Context, search: Make, engine: SearchEngine) -> None:
    asked_for = search(sector="textiles")
    page = results.result_page(asked_for, PATH, at, engine, full=False)

    class Silent:
        def __getattr__(self, name: str) -> object:
            raise AssertionError(f"the engine was asked again: {name}")

    screen = results.screen(asked_for, page, PATH, at, Silent())  # type: ignore[arg-type]
    assert screen.relaxations == ()


def test_nothing_found_offers_another_spelling(ask: Ask) -> None:
    page, screen = ask(q="bearimg")
    assert page.total == 0
    assert screen.did_you_mean is not None
    text, url = screen.did_you_mean
    assert text == "bearing"
    assert asked(url) == {"q": "bearing"}


@pytest.mark.parametrize("text", ["温州无证阀门有限公司", number(3), f"CN-USCC/{number(3)}", number(3).lower()])
def test_a_number_or_exact_name_finds_the_firm_whatever_the_filters(ask: Ask, text: str) -> None:
    _, screen = ask(q=text, has="certificate")
    assert screen.direct is not None
    assert screen.direct.id == UNCERTIFIED
    assert not screen.direct.certified
    page, screen = ask(q=text)
    shown = [item.id for item in page.items] or [screen.direct.id if screen.direct else ""]
    assert shown == [UNCERTIFIED]
    assert not (page.items and screen.direct)


def test_a_certificate_number_finds_its_firm(ask: Ask) -> None:
    page, _ = ask(q="QC-001")
    assert [item.id for item in page.items] == [BEARING]


def test_a_number_not_found_names_the_registers_and_a_withdrawn_one_its_page(ask: Ask) -> None:
    _, screen = ask(q=number(77), has="certificate")
    assert screen.number_searched == number(77)
    assert [(source.issuing_body, str(source.issued_on)) for source in screen.registers] == [
        ("宁波市经信局", "2025-03-01")
    ]
    _, screen = ask(q=number(4))
    assert screen.number_searched is None
    assert screen.withdrawn_url == f"/suppliers/{WITHDRAWN}"
    _, screen = ask(q="plain words")
    assert screen.number_searched is None


def test_pages_and_sorts(ask: Ask) -> None:
    page, screen = ask(sector="textiles", per_page="5", page="3", sort="name")
    assert (page.page, page.pages, len(page.items)) == (3, 6, 5)
    assert [link.label for link in screen.pages] == ["1", "2", "3", "4", "5", "6"]
    assert asked(page.next or "")["page"] == "4"
    assert asked(page.previous or "")["page"] == "2"
    assert [choice.value for choice in screen.sorts if choice.selected] == ["name"]
    assert "relevance" not in [choice.value for choice in screen.sorts]
    assert ("sort", "name") in [(field.name, field.value) for field in screen.hidden]
    page, screen = ask(sector="textiles", per_page="1")
    assert [link.label for link in screen.pages] == ["1", "2", "3", "…", str(PLAIN)]
    page, _ = ask(sector="textiles", page="9")
    assert [notice.code for notice in page.notices] == ["past_the_end"]
    assert asked(page.previous or "")["page"] == "2"


def test_notices_say_what_was_ignored(ask: Ask) -> None:
    page, _ = ask(q="轴承" * 600, colour="red")
    assert {"ignored", "text_cut"} <= {notice.code for notice in page.notices}


def test_dates_and_forms_are_carried(ask: Ask) -> None:
    soon = (TODAY + timedelta(days=150)).isoformat()
    page, screen = ask(level="quality_capability:assurance", expires_before=soon)
    assert [item.id for item in page.items] == [BEARING]
    assert screen.dates["expires_before"] == TODAY + timedelta(days=150)
    assert screen.dates["valid_through"] is None
    assert any(chip.parameter == "expires_before" for chip in screen.chips)


def test_withdrawn_and_merged_firms_are_on_no_page(ask: Ask) -> None:
    page, _ = ask(per_page="100")
    assert not {WITHDRAWN, MERGED} & {item.id for item in page.items}
    assert page.total == PLAIN + 3


def test_chinese_labels_come_from_the_catalogue(zh: Context) -> None:
    search = parse(MultiDict({"sector": "textiles"}), zh.catalogue, zh.editions)
    page = results.result_page(search, PATH, zh, services().engine())
    assert page.facets["sector"].values[0].label == "纺织"
    assert page.items[0].products == ("棉纱",)


def test_a_page_takes_few_statements(lookup_app: Flask) -> None:
    statements: list[str] = []
    with lookup_app.test_request_context("/suppliers?lang=en"):
        event.listen(db.engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
        at = context()
        search = parse(MultiDict({"sector": "textiles", "q": "cotton", "sort": "rank"}), at.catalogue, at.editions)
        page = results.result_page(search, PATH, at, services().engine(), full=False)
        results.screen(search, page, PATH, at, services().engine())
    selects = [text for text in statements if text.startswith("SELECT")]
    assert len(selects) <= 7, selects
