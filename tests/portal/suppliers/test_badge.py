"""The badge says what is valid now, to everyone, and nothing in a name can get out of its text."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from datetime import date
from xml.etree import ElementTree

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from portal.register.facts import CertificateState, SupplierRecord
from portal.register.writer import Writer
from tests.factories import certificate_facts, key_only, record, supplier_facts, supplier_key
from tests.portal.accounts.conftest import Visitor

SVG = "{http://www.w3.org/2000/svg}"
Official = Callable[[Callable[[Writer], object]], None]


@pytest.fixture
def picture(suppliers_app: Flask) -> Callable[..., TestResponse]:
    """`picture(number, …)`: the badge as a visitor's browser gets it."""

    def get(number: int, **asked: str) -> TestResponse:
        return suppliers_app.test_client().get(f"/badge/{supplier_key(number)}.svg", query_string=asked)

    return get


def texts(answer: TestResponse) -> list[str]:
    """What the picture says, a line each."""
    assert answer.status_code == 200
    assert answer.content_type.startswith("image/svg+xml")
    tree = ElementTree.fromstring(answer.data)
    return [text.text or "" for text in tree.findall(f"{SVG}text")]


def test_level_year_and_end(picture: Callable[..., TestResponse], official: Official) -> None:
    official(lambda writer: writer.write([record(910)]))
    name, level, dates, _day = texts(picture(910))
    assert (name, level) == ("宁波第910轴承有限公司", "质量管理能力 保证级")
    assert dates == "2024 年起 · 有效期至 2099-04-30"
    assert texts(picture(910, lang="en"))[1] == "Quality capability Assurance"


def test_a_revoked_level_shows_at_once(picture: Callable[..., TestResponse], official: Official) -> None:
    official(lambda writer: writer.write([record(911)]))
    before = picture(911, lang="en")
    assert texts(before)[1] == "Quality capability Assurance"

    def revoke(writer: Writer) -> None:
        held = certificate_facts("Q-911-0", state=CertificateState.REVOKED, state_on=date(2025, 9, 1))
        writer.write([SupplierRecord(supplier=key_only(911), certificates=(held,))])

    official(revoke)
    after = picture(911, lang="en")
    assert texts(after)[1] == "no valid certificate"
    assert after.headers["ETag"] != before.headers["ETag"]


@pytest.mark.parametrize("stated", [{"expires_on": date(2025, 3, 3)}, {"issued_on": date(2090, 1, 1)}])
def test_what_is_not_valid_today_is_none(
    picture: Callable[..., TestResponse], official: Official, stated: dict[str, date]
) -> None:
    number = 912 + len(next(iter(stated)))
    held = certificate_facts("Q", **stated)
    official(lambda writer: writer.write([SupplierRecord(supplier=supplier_facts(number), certificates=(held,))]))
    assert texts(picture(number, lang="en"))[1] == "no valid certificate"


def test_a_withdrawn_and_an_unknown_firm_have_none(picture: Callable[..., TestResponse], official: Official) -> None:
    official(lambda writer: writer.write([record(930)]))
    official(lambda writer: writer.withdraw(supplier_key(930), "已停产"))
    assert texts(picture(930, lang="en"))[1] == "no valid certificate"
    assert texts(picture(931, lang="en"))[:2] == ["", "no valid certificate"]


def test_of_one_scheme(picture: Callable[..., TestResponse], official: Official) -> None:
    held = (certificate_facts("Q-1"), certificate_facts("G-1", scheme="gbt19001", level=None))
    official(lambda writer: writer.write([SupplierRecord(supplier=supplier_facts(932), certificates=held)]))
    assert texts(picture(932, lang="en", of="gbt19001"))[1] == "ISO 9001"
    assert texts(picture(932, lang="en", of="iatf16949"))[1] == "no valid certificate"
    assert picture(932, of="none").status_code == 404


def test_anyone_may_keep_it_and_asks_whether_it_still_holds(suppliers_app: Flask) -> None:
    browser, path = suppliers_app.test_client(), f"/badge/{supplier_key(1)}.svg"
    answer = browser.get(path)
    assert answer.cache_control.public
    assert answer.cache_control.no_cache, "what was revoked shows at once, also where the picture was kept"
    assert "Set-Cookie" not in answer.headers
    assert browser.get(path, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304


def test_of_a_firm_that_was_merged_it_is_the_kept_one_s(
    picture: Callable[..., TestResponse], official: Official
) -> None:
    official(lambda writer: writer.write([record(935), record(936)]))
    official(lambda writer: writer.merge(supplier_key(935), supplier_key(936), reason="同一企业", on=date(2026, 1, 1)))
    assert texts(picture(936, lang="en")) == texts(picture(935, lang="en"))
    assert texts(picture(936, lang="en"))[1] == "Quality capability Assurance"


def test_nothing_in_a_name_gets_out_of_its_text(
    picture: Callable[..., TestResponse], official: Official, speaks_for: Callable[..., Visitor]
) -> None:
    hostile = "</text><script>alert(1)</script>\"'&]]>\u202e" + "长" * 90
    firm = record(933, name_zh=hostile, name_en=hostile)
    official(lambda writer: writer.write([firm]))
    answer = picture(933)
    assert "<script" not in answer.text
    assert "\u202e" not in answer.text
    assert texts(answer)[0].endswith("…")
    page = speaks_for(933).get("/firm/badge").text
    assert "<script>alert" not in page
    snippet = re.search(r"<textarea[^>]*>(.*?)</textarea>", page, re.DOTALL)
    assert snippet
    tag = html.unescape(snippet[1])
    assert "<script" not in tag
    assert tag.count("<") == 3


def test_the_page_offers_each_scheme_in_both_languages(speaks_for: Callable[..., Visitor]) -> None:
    page = speaks_for(1).get("/firm/badge").text
    assert page.count("<textarea") == 2
    assert f"http://127.0.0.1:8000/badge/{supplier_key(1)}.svg?lang=zh&amp;" in html.unescape(page)
    assert f'href="/badge/{supplier_key(1)}.svg?lang=en' in page


def test_a_firm_without_certificate_is_shown_what_its_badge_would_say(speaks_for: Callable[..., Visitor]) -> None:
    page = speaks_for(4).get("/firm/badge").text
    assert "no valid certificate" in page
    assert page.count("<textarea") == 2


def test_standing(speaks_for: Callable[..., Visitor]) -> None:
    page = speaks_for(11).get("/firm/standing").text
    assert "Rank 8 of 40" in page
    assert "Of the best 10 % you are 4 places away (rank 4)." in page
    assert "Assessed 2025-06-01" in page
    assert "X01-05" in page
    assert "System documents, records" in page
    assert "1 not met," in page


def test_standing_without_assessment_or_rank(speaks_for: Callable[..., Visitor], official: Official) -> None:
    official(lambda writer: writer.write([record(934)]))
    page = speaks_for(934).get("/firm/standing").text
    assert "Your firm has no assessment on record." in page
    assert "stands in no ranking yet" in page
