"""The builder: criteria from the catalogue, pasted codes, like a supplier; and what conditions show of their hits."""

from __future__ import annotations

import csv
import re
import shutil
from html import unescape
from pathlib import Path

import pytest
from flask import Flask

from config.settings import ROOT
from portal.models import ConditionsVersion
from portal.workspace import conditions as store
from search.contract import LevelChoice, SearchQuery, Sort
from tests.factories import supplier_key
from tests.portal.accounts.conftest import People
from tests.portal.apps import running, settings_of
from tests.portal.buyers.conditions.conftest import ASKED, LACKS, Buyer

MUSTS = ",".join(ASKED)


def asks(page: str) -> str:
    """The state of the builder."""
    found = re.search(r'name="asks" value="([^"]*)"', page)
    assert found, page
    return unescape(found[1])


def newest(people: People, kept: int) -> SearchQuery:
    """What a worker would run, read without the grammar."""
    with people.session() as session:
        version = (
            session.query(ConditionsVersion)
            .filter_by(conditions_id=kept)
            .order_by(ConditionsVersion.number.desc())
            .first()
        )
        assert version is not None
        return store.query_of(version.query)


def test_a_profile_from_the_catalogue(buyer: Buyer, people: People) -> None:
    page = buyer.get("/conditions/new?sector=machinery&region=330000&process=forging,casting&top=20")
    answer = buyer.fill(
        page,
        "/conditions/new",
        name="A",
        q=" 轴承 ",
        sector=["machinery", "steel"],
        level_min="quality_capability:assurance",
        keep=["region:330000", "process:forging"],
        c__X01__04="must",
        c__X01__05="must",
        c__X01__06="must",
        c__X02__01="5",
        c__X03__01="not",
        least="2",
    )
    assert answer.status_code == 302
    assert newest(people, int(answer.location.rpartition("/")[2])) == SearchQuery(
        text="轴承",
        sectors=("machinery", "steel"),
        regions=("330000",),
        processes=("forging",),
        levels_min=(LevelChoice("quality_capability", "assurance"),),
        criteria=("X01-04", "X01-05", "X01-06"),
        criteria_mode=2,
        criteria_not=("X03-01",),
        nice=(("X02-01", 5),),
        sort=Sort.FIT,
    )


def test_searching_among_the_criteria_forgets_nothing(buyer: Buyer) -> None:
    answer = buyer.fill(
        "/conditions/new", "/conditions/new", name="甲", note="乙", c__X01__04="must", find="能耗", step="find"
    )
    assert answer.status_code == 200
    assert asks(answer.text) == "criteria=X01-04"
    assert 'value="甲"' in answer.text
    rows = re.findall(r'name="c-([^"]+)"', answer.text)
    assert 0 < len(rows) < 40
    assert "X01-04" not in rows
    more = buyer.fill(answer, "/conditions/new", **{"c-" + rows[0]: "3"}, step="save")
    assert more.status_code == 302
    page = buyer.get(more.location).text
    assert "X01-04" in page
    assert rows[0] in page


def test_all_criteria_are_offered_by_sector(buyer: Buyer) -> None:
    everything = buyer.get("/conditions/new").text
    assert len(re.findall(r'name="c-', everything)) == 300
    assert len(re.findall(r'name="c-', buyer.get("/conditions/new?sector=textiles").text)) == 175
    other = buyer.get("/conditions/new?sector=textiles&criteria=S-EL-24").text
    assert 'name="c-S-EL-24"' in other, "what is chosen stays in sight"
    assert (
        "No criterion has these words" in buyer.fill("/conditions/new", "/conditions/new", find="zzz", step="find").text
    )


def test_pasting_codes(buyer: Buyer) -> None:
    answer = buyer.fill(
        "/conditions/new?criteria=X01-04&sector=machinery",
        "/conditions/new",
        codes="X01-05、X01-06:4\nX99-01 必备\n某某",
        step="paste",
    )
    assert answer.status_code == 200
    assert asks(answer.text) == "sector=machinery&criteria=X01-04,X01-05&nice=X01-06:4"
    assert "Not in the catalogue: X99-01" in answer.text
    assert re.search(r"<textarea[^>]*>X99-01</textarea>", answer.text)
    assert "某某" in answer.text
    again = buyer.fill(answer, "/conditions/new", codes="X02-01", usual="nice", step="paste")
    assert asks(again.text) == "sector=machinery&criteria=X01-04,X01-05&nice=X01-06:4,X02-01"


def test_like_this_supplier(buyer: Buyer, stranger: Buyer) -> None:
    page = buyer.get(f"/conditions/like/{supplier_key(3)}")
    met = ",".join(code for code in ASKED if code not in LACKS[3])
    assert asks(page.text) == f"sector=machinery&industry=3451&level_min=quality_capability:assurance&nice={met}"
    assert "Ningbo Bearing No. 3" in page.text
    assert buyer.get("/conditions/like/CN-USCC/none").status_code == 404
    sheet = buyer.get(f"/suppliers/{supplier_key(3)}").text
    assert f'href="/conditions/like/{supplier_key(3)}"' in sheet
    saved = buyer.fill(page, "/conditions/new", name="Like")
    assert "Ningbo Bearing" not in buyer.get(f"{saved.location}/print").text


def test_a_must_that_is_nice_to_have_as_well_stays_both(buyer: Buyer, people: People) -> None:
    kept = buyer.keep("criteria=X01-04,X01-05,X02-01&criteria_mode=2&nice=X01-04:9")
    buyer.edit(kept, name="B")
    query = newest(people, kept)
    assert (query.criteria_mode, query.nice) == (2, (("X01-04", 9),))


def test_near_misses_can_be_kept(buyer: Buyer, people: People) -> None:
    kept = buyer.keep(f"criteria={MUSTS}&criteria_mode=4-5&sort=name")
    query = newest(people, kept)
    assert (query.criteria_mode, query.sort) == ((4, 5), Sort.NAME)


@pytest.mark.parametrize("least", ["", "0", "99", "x", "5-9", "²"])
def test_any_number_of_musts(buyer: Buyer, least: str) -> None:
    page = buyer.get("/conditions/new?criteria=X01-04,X01-05,X02-01")
    assert buyer.fill(page, "/conditions/new", name="A", least=least).status_code == 302


def test_hits_near_misses_and_costs(buyer: Buyer) -> None:
    kept = buyer.keep(f"criteria={MUSTS}")
    page = buyer.get(f"/conditions/{kept}").text
    figures = re.findall(r"<dd><a href=\"[^\"]+\">(\d+)</a></dd>", page)
    assert figures == ["2", "4"], "1 and 2 meet all; 3, 4, 5 lack one, 6 lacks two"
    costs = re.findall(r'\+(\d+)<span class="visually-hidden"> without ([^<]+)<', page)
    assert costs == [
        ("2", "X01-05"),
        ("1", "X01-04"),
        ("0", "X01-06"),
        ("0", "X02-01"),
        ("0", "X03-01"),
        ("0", "X03-02"),
    ]
    result = buyer.get(f"/suppliers?conditions={kept}").text
    assert "meets 6 of 6 asked" in result
    assert "Near misses: one or two musts short" in result
    assert re.findall(r'class="missing">lacks ([^<]+)<', result).count("X01-05") == 2
    assert "lacks X01-05, X01-06" in result
    near = re.search(r'class="figures".*?href="([^"]+criteria_mode=4-5[^"]*)"', page, re.DOTALL)
    assert near
    assert 'id="total">4 suppliers' in buyer.get(unescape(near[1])).text


def test_above_few_results_near_misses_are_a_link(buyer: Buyer) -> None:
    page = buyer.get("/suppliers?criteria=X02-01,X03-01,X01-04").text
    assert "Near misses:" not in page
    assert re.search(r'criteria_mode=1-2"[^>]*>2 near misses', page.replace("&amp;", "&"))


def test_the_requirement_sheet(buyer: Buyer) -> None:
    kept = buyer.keep(
        "criteria=X01-04&nice=X01-05:7&region=330000&level_min=quality_capability:assurance", note="internal"
    )
    page = buyer.get(f"/conditions/{kept}/print").text
    for text in (
        "Supplier requirement sheet",
        "轴承供应商",
        "X01-04",
        "GB/T 19004-2020",
        "X01-05",
        "Assurance or higher",
        "To be filled in",
    ):
        assert text in page, text
    sheet = page[page.index('<article class="sheet') :]
    for hidden in ("internal", "Zhejiang", "×7", "near miss", "/suppliers"):
        assert hidden not in sheet, hidden
    chinese = buyer.get(f"/conditions/{kept}/print?lang=zh").text
    for text in ("供应商要求清单", "持续成功自我评价", "由供应商填写"):
        assert text in chinese
    buyer.get("/about?lang=en")
    buyer.edit(kept, "criteria=X01-06")
    assert "X01-04" in buyer.get(f"/conditions/{kept}/print?version=1").text
    assert buyer.get(f"/conditions/{kept}/print?version=9").status_code == 404


@pytest.fixture
def shrunk_catalogue(tmp_path: Path) -> Path:
    """The catalogue without the criterion X01-05, which others do not need."""
    folder = tmp_path / "catalogue"
    shutil.copytree(ROOT / "config/catalogue", folder)
    file = folder / "criteria.csv"
    lines = list(csv.reader(file.read_text(encoding="utf-8").splitlines()))
    with file.open("w", encoding="utf-8", newline="") as written:
        csv.writer(written, lineterminator="\n").writerows(line for line in lines if line[0] != "X01-05")
    return folder


def test_what_the_catalogue_lost_is_named_and_kept(
    buyer: Buyer, buyers_app: Flask, people: People, shrunk_catalogue: Path
) -> None:
    kept = buyer.keep("criteria=X01-04,X01-05&nice=X02-01&sector=machinery")
    data = buyers_app.extensions["xunyuan"].settings.data_dir
    with running(settings_of(data, CATALOGUE_DIR=str(shrunk_catalogue))) as app:
        later = Buyer(app, buyer.user)
        shown = later.get(f"/conditions/{kept}").text
        assert "no longer knows" in shown
        assert "Criterion: X01-05" in shown
        assert "catalogue changed" in later.get("/conditions").text
        edit = later.get(f"/conditions/{kept}/edit").text
        assert "Criterion: X01-05" in edit
        assert asks(edit) == "sector=machinery&criteria=X01-04&nice=X02-01"
        assert later.get(f"/suppliers?conditions={kept}").status_code == 503, "the index is of the other catalogue"
        later.edit(kept, name="B")
        assert "removed" in later.get(f"/conditions/{kept}").text
    assert "X01-05" in buyer.get(f"/conditions/{kept}/versions/1").text, "nothing is lost"
    assert newest(people, kept).criteria == ("X01-04",)
