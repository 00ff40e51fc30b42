"""GET /firm/why: what keeps a firm out of a search, in words; bad addresses are refused at their field."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from flask import Flask

from portal.register.facts import CertificateState, SupplierRecord
from portal.register.writer import Writer
from portal.services import services
from search.contract import EngineUnavailable
from tests.factories import certificate_facts, key_only, record, supplier_key
from tests.portal.accounts.conftest import Visitor

PAGE = "/firm/why"
APRIL = date(2025, 4, 1)
Speaks = Callable[..., Visitor]


def answer(browser: Visitor, asked: str) -> str:
    shown = browser.get(f"{PAGE}?{asked}")
    assert shown.status_code == 200, shown.text
    return shown.text


def test_a_firm_that_appears(speaks_for: Speaks) -> None:
    text = answer(speaks_for(1), "sector=machinery&level_min=quality_capability:experience&has=certificate")
    assert "You appear in this search" in text
    assert "not met" not in text.partition('id="common"')[0]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("region=440000", "Your firm: Zhejiang Ningbo Beilun District"),
        ("sector=electronics", "Your firm: Industrial machinery"),
        ("q=深沟球轴承+阀门", "Not found in the names, products, processes, places, scopes and descriptions"),
        ("level_min=quality_capability:excellence", "Your firm holds Quality capability Inspection."),
        ("level=quality_capability:experience", "Your firm holds a higher level, Quality capability Inspection"),
        ("level=iatf16949", "IATF 16949: no certificate is on record."),
        ("level=quality_capability&valid_through=2100-01-01", "The certificate ends on 2099-04-30."),
        ("level=quality_capability&certified_from=2026-01-01", "Certified since 2024-05-01."),
        ("valid_through=2100-01-01", "The certificate ends on 2099-04-30."),
        ("criteria=X01-05", "Not met at the last assessment of 2025-06-01."),
        ("criteria=X01-06", "Not looked at in the last assessment of 2025-06-01"),
        ("criteria=X01-04,X01-05,X01-06&criteria_mode=2", "1 of 3 are met. Not met or not assessed: X01-05, X01-06."),
        ("criteria_not=X01-04", "Recorded as met on 2025-06-01"),
        ("assessed_since=2026-01-01", "Last assessed on 2025-06-01."),
        ("top=1", "Rank 1 of 40"),
        ("edition=electronics-2025", "Your firm is not in this ranking."),
        ("grade=B", "grade is A"),
        ("has=website", "Your firm has none on record."),
        ("lacks=assessment", "Your firm has it on record"),
        ("tier=little_giant", "Nothing of the kind is on record"),
    ],
)
def test_what_keeps_it_out_is_said(speaks_for: Speaks, asked: str, said: str) -> None:
    text = answer(speaks_for(1), asked)
    assert "You do not appear in this search" in text
    assert said in text
    assert "This one condition keeps you out." in text


def test_each_condition_for_itself_and_the_search_without_those_not_met(speaks_for: Speaks) -> None:
    text = answer(speaks_for(1), "sector=machinery&criteria=X01-04,X01-05&region=310000&has=certificate")
    page = text.partition('id="common"')[0]
    assert page.count("verdict-met") == 3
    assert page.count("verdict-not") == 2
    assert "These 2 conditions keep you out, and nothing else." in page
    assert 'href="/suppliers?sector=machinery&amp;criteria=X01-04&amp;has=certificate"' in page


def test_what_it_takes_is_the_catalogue_s_word(speaks_for: Speaks) -> None:
    text = answer(speaks_for(1), "criteria=X01-05")
    assert "System documents, records, and a self-assessment or outside report" in text
    assert "demonstration catalogue" in text
    assert "体系文件、记录和自评或外部评价报告" in answer(speaks_for(1), "criteria=X01-05&lang=zh")


@pytest.mark.parametrize(
    ("number", "stated", "said"),
    [
        (12, {"expires_on": date(2025, 3, 3)}, "the certificate expired on 2025-03-03"),
        (
            13,
            {"state": CertificateState.SUSPENDED, "state_on": date(2025, 4, 1)},
            "the certificate has been suspended since 2025-04-01",
        ),
        (
            14,
            {"state": CertificateState.REVOKED, "state_on": date(2025, 4, 1)},
            "the issuer revoked the certificate on 2025-04-01",
        ),
        (15, {"basis": "self"}, "rests on a word that does not count"),
    ],
)
def test_a_certificate_that_does_not_count(
    speaks_for: Speaks, official: Callable[..., None], number: int, stated: dict[str, object], said: str
) -> None:
    def write(writer: Writer) -> None:
        held = certificate_facts("G-1", scheme="gbt19001", level=None, **stated)
        writer.write([SupplierRecord(supplier=key_only(number), certificates=(held,))])

    official(write)
    assert said in answer(speaks_for(number), "level=gbt19001")


def test_a_pasted_address(speaks_for: Speaks) -> None:
    browser = speaks_for(1)
    for address in (
        "https://portal.example/suppliers?region=310000&sort=rank&page=3",
        "region=310000",
        "/suppliers?region=310000&nice=X01-05",
    ):
        moved = browser.get(PAGE, query_string={"address": address})
        assert moved.status_code == 302
        assert moved.location == f"{PAGE}?region=310000"


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("hello", "This is no address of a search in this portal."),
        ("http://[", "This is no address of a search in this portal."),
        ("https://portal.example/suppliers", "This is no address of a search in this portal."),
        ("https://portal.example/suppliers?sort=rank", "asks for nothing"),
        ("/suppliers?region=99", "99"),
        ("/suppliers?criteria_mode=9&criteria=X01-05", "At least 9 criteria are to be met"),
        ("/suppliers?q=a&q=b", "can be given only once"),
        ("/suppliers?page=2", "asks for nothing"),
    ],
)
def test_a_bad_address_is_refused_at_its_field(speaks_for: Speaks, address: str, said: str) -> None:
    shown = speaks_for(1).get(PAGE, query_string={"address": address})
    assert shown.status_code == 400
    field = shown.text.partition('id="w-address-errors"')[2]
    assert said in field[:400]
    assert f'value="{address}"'.replace("&", "&amp;") in shown.text


def test_a_bad_field_keeps_the_rest_of_the_form(speaks_for: Speaks) -> None:
    shown = speaks_for(1).get(f"{PAGE}?q=轴承&criteria=X99-99&sector=machinery")
    assert shown.status_code == 400
    assert "X99-99" in shown.text.partition('id="w-criteria-errors"')[2][:200]
    assert 'value="轴承"' in shown.text
    assert '<input type="hidden" name="sector" value="machinery">' in shown.text


def test_what_cannot_be_judged_is_named(speaks_for: Speaks) -> None:
    shown = speaks_for(1).get(PAGE, query_string={"address": "/suppliers?conditions=3&mine=hide&q=轴承"})
    assert shown.status_code == 200
    assert "Not looked at: conditions." in shown.text
    assert "own list" in shown.text


def test_common_searches_stand_there_with_their_answers(speaks_for: Speaks) -> None:
    text = speaks_for(1).get(PAGE).text
    common = text.partition('id="common"')[2].partition('id="own"')[0]
    assert common.count("verdict-met") + common.count("verdict-not") == 8
    assert "level_min=quality_capability:assurance" in common
    assert ">Industrial machinery and equipment, Has no risk on record</a>" in common
    assert "Your next level" in text


def test_markup_in_a_search_stays_text(speaks_for: Speaks) -> None:
    assert "<script>x" not in answer(speaks_for(1), "q=%3Cscript%3Ex%3C/script%3E")


def test_with_the_engine_down_the_reasons_still_stand(
    speaks_for: Speaks, suppliers_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down() -> None:
        raise EngineUnavailable("down")

    browser = speaks_for(1)
    with suppliers_app.app_context():
        monkeypatch.setattr(services(), "engine", down, raising=False)
    text = answer(browser, "region=310000")
    assert "Your firm: Zhejiang" in text
    assert "finds" not in text


def test_a_withdrawn_firm_is_told_so(speaks_for: Speaks, official: Callable[..., None]) -> None:
    official(lambda writer: writer.write([record(901)]))
    browser = speaks_for(901)
    official(lambda writer: writer.withdraw(supplier_key(901), "已停产"))
    text = browser.get(PAGE).text
    assert "no search finds it" in text
    assert "已停产" in text


def test_who_speaks_for_no_firm_is_sent_to_claim_one(speaks_for: Speaks) -> None:
    assert speaks_for(None).get(PAGE).location == "/firm"


def test_never_assessed(speaks_for: Speaks, official: Callable[..., None]) -> None:
    assert "Your firm has no assessment on record." in answer(speaks_for(2), "criteria=X01-05")
