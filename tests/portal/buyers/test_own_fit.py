"""Own suppliers held against sourcing conditions: which meet all of them, which criteria each lacks, whose they are."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask

from portal.services import services
from search.contract import EngineUnavailable
from tests.factories import credit_code
from tests.portal.accounts.conftest import Visitor
from tests.portal.buyers.forms import send
from tests.portal.buyers.test_exports import ask, beside, fetched, table
from tests.portal.buyers.test_own_lists import matched

Work = Callable[[], None]
ROWS = (
    "编号,统一社会信用代码,企业名称\n" + "".join(f"S-{n},{credit_code(n)},\n" for n in range(1, 8)) + "S-8,,没有这家\n"
)
ASKS = {"name": "机械轴承", "c-X01-04": "must", "c-X01-05": "2", "sector": "machinery", "do": "save"}


def kept(browser: Visitor, **fields: str) -> str:
    """The id of conditions."""
    page = send(browser, "/conditions/new?sector=machinery", follow=False, **ASKS | fields).location
    found = re.fullmatch(r"/conditions/(\d+)", page)
    assert found, page
    return found[1]


def found(browser: Visitor, address: str) -> set[str]:
    """The firms of a result or of a view of a list."""
    return set(re.findall(r'href="/suppliers/CN-USCC/([0-9A-Z]{18})"', browser.get(address).text))


def test_a_list_says_of_each_firm_whether_it_meets_them(wang: Visitor, work: Work) -> None:
    page, conditions = matched(wang, work, ROWS), kept(wang, shared="y")
    assert f'<option value="{conditions}">机械轴承' in wang.get(page).text
    assert "meets the conditions" not in wang.get(page).text
    against = f"{page}?conditions={conditions}"
    shown = wang.get(against).text
    assert f'<option value="{conditions}" selected>机械轴承' in shown
    hits = found(wang, f"/suppliers?conditions={conditions}&per_page=100")
    everyone = found(wang, page)
    meeting = found(wang, f"{against}&show=fits")
    assert meeting == hits & everyone
    assert meeting
    assert found(wang, f"{against}&show=unfit") == everyone - hits
    assert shown.count("meets the conditions</span>") == len(meeting)
    assert shown.count("does not meet them</span>") == len(everyone - hits)
    assert shown.count(" of 2 asked") == len(everyone)
    assert "missing X01-0" in shown
    assert f'href="{page}?show=fits&amp;conditions={conditions}"' in shown


def test_a_view_of_conditions_without_any_is_the_whole_list(wang: Visitor, work: Work) -> None:
    page = matched(wang, work, ROWS)
    assert "New sourcing conditions" in wang.get(page).text
    assert found(wang, f"{page}?show=fits") == found(wang, page)


def test_conditions_of_others_are_not_to_be_had(wang: Visitor, li: Visitor, zhao: Visitor, work: Work) -> None:
    page, foreign, private = matched(wang, work, ROWS), kept(zhao, shared="y"), kept(li)
    for conditions in (foreign, private, "0", "x"):
        assert wang.get(f"{page}?conditions={conditions}").status_code == 404, conditions
        assert wang.get(f"{page}/export?conditions={conditions}").status_code == 404, conditions
        assert f'value="{conditions}"' not in wang.get(page).text


def test_an_export_says_it_too(wang: Visitor, li: Visitor, work: Work) -> None:
    page, conditions = matched(wang, work, ROWS), kept(wang)
    columns = ("number", "met", "missing", "fit")
    every = ask(wang, f"{page}/export?conditions={conditions}", columns=columns)
    some = ask(wang, f"{page}/export?show=fits&conditions={conditions}", columns=columns)
    work()
    rows = table(fetched(wang, every))
    place = rows[0].index("Meets the conditions")
    hits = found(wang, f"/suppliers?conditions={conditions}&per_page=100")
    assert {row[1]: row[place] for row in rows[1:]} == {
        number: ("yes" if number in hits else "no") for number in (*map(credit_code, range(1, 8)), "")
    }
    for row in rows[1:8]:
        assert {*filter(None, row[-3].split("; ")), *filter(None, row[-2].split("; "))} == {"X01-04", "X01-05"}
    assert {row[1] for row in table(fetched(wang, some))[1:]} == hits & {*map(credit_code, range(1, 8))}
    assert beside(fetched(wang, some))["Sourcing conditions"] == "机械轴承"
    assert fetched(li, every).status_code == 404, "it names private conditions"


def test_with_the_engine_down_the_criteria_stand(
    wang: Visitor, work: Work, buyers_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    page, conditions = matched(wang, work, ROWS), kept(wang)

    def down() -> None:
        raise EngineUnavailable("it does not answer")

    with buyers_app.app_context():
        shared = services()
    monkeypatch.setattr(type(shared), "engine", lambda _self: down())
    shown = wang.get(f"{page}?conditions={conditions}&show=fits").text
    assert "it cannot be said who meets all the conditions" in shown
    assert shown.count(" of 2 asked") == 7
    assert "does not meet them" not in shown
