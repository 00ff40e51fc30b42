"""Demand and supply: what several asked for, what no difference gives away, and numbers that are a search's total."""

from __future__ import annotations

import csv
import html
import io
import re
import zipfile
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from itertools import count

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete
from sqlalchemy.orm import Session

from portal.coverage.axes import NONE
from portal.coverage.demand import FINER, Asked, By, Want, kept_conditions, places, supply_query, views
from portal.models import (
    AskedQuery,
    Conditions,
    ConditionsVersion,
    Organisation,
    OrganisationKind,
    Role,
    SearchCount,
    User,
    now,
)
from portal.register.catalogue import Catalogue
from portal.register.clock import CHINA, today_china
from portal.usage import notes
from portal.usage.pseudonyms import quarter
from portal.usage.telling import LEAST_ORGANISATIONS, LEAST_SEARCHES, Tally
from search.contract import LevelChoice, SearchQuery
from tests.portal.accounts.conftest import People, Visitor
from tests.portal.coverage.strategies import CATALOGUE

CRITERION = SearchQuery(criteria=("X01-05",))
LEAST = LevelChoice("quality_capability", "assurance")


def tally(*searches: int, first: int = 0) -> Tally:
    """Of as many organisations as numbers."""
    made = Tally()
    for number, own in enumerate(searches, first):
        made.add(f"2026Q4:{number}", own)
    return made


def within(sector: str = "", region: str = "") -> SearchQuery:
    return SearchQuery(
        criteria=CRITERION.criteria, sectors=(sector,) if sector else (), regions=(region,) if region else ()
    )


def wants(log: list[Asked], kept: list[Asked], by: By, catalogue: Catalogue) -> list[Want]:
    return views(log, kept, catalogue)[by]


def numbers(found: list[Want]) -> dict[tuple[SearchQuery, str], int | None]:
    return {(want.item.query, want.place): want.searches for want in found}


def test_what_is_asked_for_is_told_by_sector_and_by_province() -> None:
    query = SearchQuery(
        criteria=("X01-05",),
        nice=(("X01-06", 1),),
        levels_min=(LEAST,),
        processes=("casting",),
        sectors=("machinery",),
        regions=("330100",),
    )
    log = [(query, tally(5, 5, 5))]
    asked = [CRITERION, SearchQuery(criteria=("X01-06",)), SearchQuery(levels_min=(LEAST,))]
    asked.append(SearchQuery(processes=("casting",)))
    for by, place in ((By.ALL, NONE), (By.SECTOR, "machinery"), (By.REGION, "330000")):
        found = wants(log, [], by, CATALOGUE)
        assert numbers(found) == dict.fromkeys(((one, place) for one in asked), 15)
        assert supply_query(found[0], by) == SearchQuery(
            criteria=("X01-05",),
            sectors=("machinery",) if by is By.SECTOR else (),
            regions=("330000",) if by is By.REGION else (),
        )


@pytest.mark.parametrize("by", By)
@pytest.mark.parametrize(
    ("searches", "told"), [((3, 2), None), ((100,), None), ((2, 1, 1), None), ((2, 2, 1), 5), ((20, 10, 7), 35)]
)
def test_at_the_edges_of_the_rule(searches: tuple[int, ...], told: int | None, by: By) -> None:
    found = wants([(CRITERION, tally(*searches))], [], by, CATALOGUE)
    assert [want.searches for want in found] == ([told] if told else [])


def test_searches_and_kept_conditions_are_told_each_by_itself() -> None:
    kept = [(CRITERION, Tally(1, {f"kept:{number % 3}"})) for number in range(6)]
    [want] = wants([(CRITERION, tally(3, 2))], kept, By.ALL, CATALOGUE)
    assert (want.searches, want.kept) == (None, 5)
    assert wants([], kept[:4], By.ALL, CATALOGUE) == []
    assert wants([], [(CRITERION, Tally(1, {"kept:1"}))] * 100, By.ALL, CATALOGUE) == []


def test_the_total_does_not_tell_of_the_one_sector_that_may_not_be_told() -> None:
    log = [(within("machinery"), tally(10, 10, 10)), (within("textiles"), tally(40))]
    assert numbers(wants(log, [], By.SECTOR, CATALOGUE)) == {(CRITERION, "machinery"): 30}
    assert numbers(wants(log, [], By.ALL, CATALOGUE)) == {(CRITERION, NONE): 30}


def test_a_rest_that_may_be_told_stays_in_the_total() -> None:
    log = [
        (within("machinery"), tally(10, 10, 10)),
        (within("textiles"), tally(2, 1)),
        (within("electronics"), tally(2, first=7)),
    ]
    assert numbers(wants(log, [], By.ALL, CATALOGUE)) == {(CRITERION, NONE): 35}


def test_what_the_catalogue_has_forgotten_is_left_out() -> None:
    gone = SearchQuery(
        criteria=("gone",), levels=(LevelChoice("gone"), LevelChoice("quality_capability", "gone")), processes=("gone",)
    )
    assert wants([(gone, tally(5, 5, 5))], [], By.ALL, CATALOGUE) == []


_SECTORS, _REGIONS = ("machinery", "textiles", "steel"), ("330000", "330100", "440000")
_SUBSET = {
    "sectors": st.lists(st.sampled_from(_SECTORS), max_size=2, unique=True),
    "regions": st.lists(st.sampled_from(_REGIONS), max_size=2, unique=True),
}
_SEARCHES = st.dictionaries(st.sampled_from([f"2026Q4:{name}" for name in "abcd"]), st.integers(1, 9), min_size=1)


@st.composite
def logs(draw: st.DrawFn) -> list[Asked]:
    """Searches for one criterion in some places."""
    made: list[Asked] = []
    for _ in range(draw(st.integers(0, 8))):
        named = {name: tuple(sorted(draw(values))) for name, values in _SUBSET.items()}
        own = Tally()
        for organisation, number in draw(_SEARCHES).items():
            own.add(organisation, number)
        made.append((SearchQuery(criteria=CRITERION.criteria, **named), own))  # type: ignore[arg-type]
    return made


@given(logs())
def test_every_number_is_of_enough_searches_of_enough_organisations_and_so_is_what_a_total_has_beyond_its_parts(
    log: list[Asked],
) -> None:
    for by in FINER:
        shown = {want.place: want.searches for want in wants(log, [], by, CATALOGUE)}
        for place, told in shown.items():
            own = [one for query, one in log if place in places(query, by, CATALOGUE)]
            assert told == _allowed(own)
        for total in wants(log, [], By.ALL, CATALOGUE):
            assert total.searches is not None
            in_parts = [one for query, one in log if not places(query, by, CATALOGUE).isdisjoint(shown)]
            beyond = total.searches - sum(one.searches for one in in_parts)
            rest = [one for query, one in log if places(query, by, CATALOGUE).isdisjoint(shown)]
            assert beyond <= 0 or _allowed(rest) is not None


def _allowed(own: list[Tally]) -> int | None:
    searches = sum(one.searches for one in own)
    organisations = set().union(*(one.organisations for one in own))
    enough = searches >= LEAST_SEARCHES and len(organisations) >= LEAST_ORGANISATIONS
    return searches // 5 * 5 if enough else None


@pytest.fixture
def keep(session: Session, people_in: Callable[[], tuple[int, int]]) -> Callable[..., Conditions]:
    """`keep(query, at)`: an organisation's conditions."""

    def make(query: SearchQuery, at: datetime, **stated: object) -> Conditions:
        organisation, user = people_in()
        row = Conditions(organisation_id=organisation, owner_id=user, created_at=at, **stated)
        session.add(row)
        session.flush()
        for number, asked in ((1, query), (2, query)):
            session.add(
                ConditionsVersion(
                    conditions_id=row.id,
                    number=number,
                    name="x",
                    address="",
                    query=notes.conditions(asked) or {},
                    author_id=user,
                    at=at,
                )
            )
        session.flush()
        return row

    return make


@pytest.fixture
def people_in(session: Session) -> Callable[[], tuple[int, int]]:
    ids = count(1)

    def make() -> tuple[int, int]:
        organisation = Organisation(kind=OrganisationKind.BUYER, name=f"采购集团{next(ids)}")
        session.add(organisation)
        session.flush()
        user = User(
            organisation_id=organisation.id, sign_in=f"d{organisation.id}@example.com", name="王", role=Role.BUYER
        )
        session.add(user)
        session.flush()
        return organisation.id, user.id

    return make


def test_conditions_count_by_their_newest_version_until_they_are_deleted(
    session: Session, keep: Callable[..., Conditions]
) -> None:
    today = date(2026, 11, 24)
    midnight = datetime(2026, 11, 24, tzinfo=CHINA)
    keep(CRITERION, midnight - timedelta(seconds=1), version=2)
    keep(CRITERION, midnight, version=2)  # of today
    keep(CRITERION, midnight - timedelta(days=3), version=2, deleted_at=now())
    [(query, one)] = kept_conditions(session, today)
    assert query == CRITERION
    assert one.searches == 1
    assert len(one.organisations) == 1


_ids = count(1)


@pytest.fixture
def log(coverage_app: Flask) -> Iterator[Callable[..., None]]:
    """`log(query, 3, 2)`: searches of yesterday, a number an organisation."""
    people, yesterday = People(coverage_app), today_china() - timedelta(days=1)

    def forget() -> None:
        with people.session() as session, session.begin():
            session.execute(delete(SearchCount))
            session.execute(delete(AskedQuery))

    def write(query: SearchQuery, *searches: int) -> None:
        identifier = next(_ids)
        people.add(AskedQuery(id=identifier, hash=str(identifier), query=notes.conditions(query), whole=True))
        people.add(
            *(
                SearchCount(
                    day=yesterday, query_id=identifier, organisation=f"{quarter(yesterday)}:{place}", searches=number
                )
                for place, number in enumerate(searches)
            )
        )

    forget()
    yield write
    forget()


def rows(page: str) -> list[tuple[str, list[str], str]]:
    """Label, cells, and the address of the supply of each line."""
    found = []
    for row in re.findall(r"<tr>.*?</tr>", page[page.index("<tbody>") :], re.DOTALL):
        label = re.search(r'<th scope="row">(.*?)</th>', row, re.DOTALL)
        link = re.search(r'href="([^"]+)"', row)
        assert label
        assert link
        cells = [re.sub(r"<[^>]+>", "", cell) for cell in re.findall(r"<td[^>]*>(.*?)</td>", row, re.DOTALL)]
        found.append((html.unescape(label[1]), cells, html.unescape(link[1])))
    return found


@pytest.mark.parametrize("by", ["all", "sector", "region"])
def test_every_supply_is_the_total_of_the_search_it_links_to(staff: Visitor, log: Callable[..., None], by: str) -> None:
    log(SearchQuery(criteria=("X01-05",), sectors=("machinery",)), 5, 5, 5)
    log(SearchQuery(levels_min=(LEAST,), sectors=("electronics",), regions=("330100",)), 5, 5, 5)
    log(SearchQuery(processes=("casting",), levels=(LEAST,)), 5, 5, 5)
    log(SearchQuery(tiers=("srdi",), sectors=("steel",)), 5, 5, 5)
    shown = rows(staff.get(f"/ministry/coverage/demand?by={by}").text)
    assert len(shown) == 4
    for _label, cells, url in shown:
        total = staff.client.get(url.replace("/suppliers", "/api/v1/suppliers", 1)).json
        assert total is not None
        assert int(cells[-3].replace(",", "")) == total["total"]
    gaps = [cells[-2] for _, cells, _ in shown]
    assert gaps == sorted(gaps, key=lambda gap: (gap != "no firm", -float(gap) if gap != "no firm" else 0))


def test_a_kind_alone_and_the_file_with_all(staff: Visitor, log: Callable[..., None], catalogue: Catalogue) -> None:
    log(SearchQuery(criteria=("X01-05",), processes=("casting",), sectors=("machinery",)), 5, 5, 8)
    log(SearchQuery(criteria=("X01-06",), sectors=("machinery",)), 50, 50)
    [(label, cells, _url)] = rows(staff.get("/ministry/coverage/demand?by=sector&kind=process").text)
    assert label == catalogue.processes["casting"].name_en
    assert cells[:2] == [catalogue.sectors["machinery"].name_en, "15"]
    assert cells[-1] == "—"
    with zipfile.ZipFile(io.BytesIO(staff.get("/ministry/coverage/files/demand.csv").data)) as archive:
        text = archive.read("data.csv").decode("utf-8-sig")
    lines = list(csv.reader(io.StringIO(text)))
    assert {line[1] for line in lines if len(line) > 6 and line[6] == "15"} == {"X01-05", "casting"}
    assert "X01-06" not in text
    assert staff.get("/ministry/coverage/files/demand.xlsx").status_code == 200
    assert "Demand and supply" in staff.get("/ministry/coverage/report?part=demand").text


def test_an_empty_log_says_what_it_takes(staff: Visitor, log: Callable[..., None]) -> None:
    page = staff.get("/ministry/coverage/demand").text
    assert "nothing was asked for by 3 buyer organisations or more, 5 times or more" in page


@pytest.mark.parametrize("wrong", ["by=city", "kind=tier"])
def test_what_is_not_offered_is_refused(staff: Visitor, wrong: str) -> None:
    answer = staff.get(f"/ministry/coverage/demand?{wrong}")
    assert answer.status_code == 400
    assert wrong.partition("=")[2] in answer.text
