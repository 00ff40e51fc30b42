"""Keeping a search: save, list, open, edit, versions, share, delete."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask

from portal.models import AuditEntry
from portal.workspace import conditions as store
from tests.portal.accounts.conftest import People
from tests.portal.apps import running, settings_of
from tests.portal.buyers.conditions.conftest import ASKED, Buyer, rows

MUSTS = ",".join(ASKED)
Colleague = Callable[[Buyer], Buyer]


def total(text: str) -> int:
    found = re.search(r'id="total">(\d+) supplier', text)
    assert found, text
    return int(found[1])


def test_a_search_is_kept_and_opened(buyer: Buyer) -> None:
    page = buyer.get("/suppliers?sector=machinery&criteria=X01-04,X02-01").text
    link = re.search(r'href="(/conditions/new\?[^"]+)"[^>]*>Save as sourcing conditions', page)
    assert link
    kept = buyer.keep(link[1].replace("&amp;", "&").partition("?")[2], note="第一行\n第二行")
    shown = buyer.get(f"/conditions/{kept}").text
    assert "轴承供应商" in shown
    assert "第一行\n第二行" in shown
    assert "X01-04" in shown
    assert "machinery" in shown
    assert total(buyer.get(f"/suppliers?conditions={kept}").text) == total(page) == 5


def test_the_list_counts_all_in_one_request(buyer: Buyer) -> None:
    buyer.keep("sector=textiles", "Cloth")
    buyer.keep("criteria=" + MUSTS, "Strict")
    page = buyer.get("/conditions").text
    assert re.findall(r">(\d+)<span class=\"visually-hidden\"> suppliers for (\w+)", page) == [
        ("2", "Strict"),
        ("1", "Cloth"),
    ]


def test_an_empty_list_teaches(buyer: Buyer) -> None:
    page = buyer.get("/conditions").text
    assert "Say once what a supplier must meet" in page
    assert "/conditions/new" in page


def test_visitors_and_others_are_offered_nothing(buyers_app: Flask) -> None:
    client = buyers_app.test_client()
    assert "Save as sourcing conditions" not in client.get("/suppliers?sector=machinery").text
    assert client.get("/suppliers?conditions=1").location == "/sign-in?next=/suppliers?conditions%3D1"


def test_an_edit_makes_a_version(buyer: Buyer) -> None:
    kept = buyer.keep("criteria=X01-04,X01-05&nice=X02-01:2")
    answer = buyer.edit(kept, "criteria=X01-04,X03-01&nice=X02-01:5", name="新名")
    assert answer.status_code == 302
    page = buyer.get(f"/conditions/{kept}").text
    assert "Version 2" in page
    text = re.sub(r"<[^>]+>", "", page)
    for change in ("轴承供应商 → 新名", "removed X01-05", "added X03-01", "nice to have ×2 → nice to have ×5"):
        assert change in text, change
    older = buyer.get(f"/conditions/{kept}/versions/1").text
    assert "This is an older version" in older
    assert f"/suppliers?conditions={kept}.1" in older
    assert total(buyer.get(f"/suppliers?conditions={kept}.1").text) == 2
    compared = buyer.get(f"/conditions/{kept}?from=2&to=1").text
    assert "From version 2 to version 1" in compared


def test_saving_the_same_again_makes_no_version(buyer: Buyer, people: People) -> None:
    kept = buyer.keep("criteria=X01-04")
    buyer.edit(kept)
    assert rows(people, buyer)[0].version == 1


def test_the_second_of_two_savers_is_told_and_loses_nothing(buyer: Buyer, colleague: Colleague) -> None:
    kept = buyer.keep("criteria=X01-04")
    other = colleague(buyer)
    opened = buyer.get(f"/conditions/{kept}/edit?criteria=X01-04,X03-02")
    other.edit(kept, "criteria=X01-04,X01-05", name="Theirs")
    answer = buyer.fill(opened, f"/conditions/{kept}/edit", name="Mine")
    assert answer.status_code == 409
    assert "Somebody else saved a newer version" in answer.text
    assert "Performance excellence applied" in answer.text, "what the other one changed"
    assert 'value="Mine"' in answer.text
    assert 'name="asks" value="criteria=X01-04,X03-02"' in answer.text
    again = buyer.fill(answer, f"/conditions/{kept}/edit")
    assert again.status_code == 302
    page = buyer.get(f"/conditions/{kept}").text
    assert "Version 3" in page
    assert "李强" in page, "the other one's version is there"


def test_an_older_version_is_restored(buyer: Buyer) -> None:
    kept = buyer.keep("criteria=X01-04")
    buyer.edit(kept, "criteria=X01-05")
    assert buyer.press(f"/conditions/{kept}/versions/1/restore", version="1").status_code == 302
    assert "Nothing was changed" in buyer.get(f"/conditions/{kept}").text, "made from an older one"
    buyer.press(f"/conditions/{kept}/versions/1/restore", version="2")
    page = buyer.get(f"/conditions/{kept}").text
    assert "version 1 restored" in page
    assert 'asks" value="criteria=X01-04"' in buyer.get(f"/conditions/{kept}/edit").text
    assert buyer.press(f"/conditions/{kept}/versions/9/restore", version="3").status_code == 404


def test_renaming(buyer: Buyer) -> None:
    kept = buyer.keep("criteria=X01-04")
    assert buyer.press(f"/conditions/{kept}/rename", name="  ", version="1").status_code == 422
    assert buyer.press(f"/conditions/{kept}/rename", name="新名", note="n", version="0").status_code == 409
    assert buyer.press(f"/conditions/{kept}/rename", name="新名", note="n", version="1").status_code == 302
    assert "<h1>新名</h1>" in buyer.get(f"/conditions/{kept}").text


def test_private_ones_are_not_there_for_colleagues(buyer: Buyer, colleague: Colleague) -> None:
    kept = buyer.keep("criteria=X01-04")
    other = colleague(buyer)
    assert "轴承供应商" in other.get("/conditions").text
    assert other.press(f"/conditions/{kept}/share", shared="no").status_code == 403, "the owner alone may"
    buyer.press(f"/conditions/{kept}/share", shared="no")
    assert "轴承供应商" not in other.get("/conditions").text
    assert other.get(f"/conditions/{kept}").status_code == 404
    assert other.get(f"/suppliers?conditions={kept}").status_code == 404
    buyer.press(f"/conditions/{kept}/share", shared="yes")
    assert other.get(f"/conditions/{kept}").status_code == 200


def test_deleting_can_be_undone(buyer: Buyer) -> None:
    kept = buyer.keep("criteria=X01-04")
    answer = buyer.press(f"/conditions/{kept}/delete")
    assert answer.location == f"/conditions?deleted={kept}"
    page = buyer.get(answer.location).text
    assert "was deleted" in page
    assert buyer.get(f"/conditions/{kept}").status_code == 404
    assert buyer.get(f"/suppliers?conditions={kept}").status_code == 404
    assert buyer.press(f"/conditions/{kept}/undelete").status_code == 302
    assert buyer.get(f"/conditions/{kept}").status_code == 200


def test_a_copy_is_a_thing_of_its_own(buyer: Buyer) -> None:
    kept = buyer.keep("criteria=X01-04")
    copy = int(buyer.press(f"/conditions/{kept}/duplicate").location.rpartition("/")[2])
    buyer.press(f"/conditions/{kept}/delete")
    assert "轴承供应商 (copy)" in buyer.get(f"/conditions/{copy}").text


def test_no_more_than_may_be(buyer: Buyer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "MAX_CONDITIONS", 1)
    kept = buyer.keep("criteria=X01-04")
    answer = buyer.press("/conditions/new", asks="q=轴承", name="Another")
    assert answer.status_code == 422
    assert "keeps 1 already" in answer.text
    buyer.press(f"/conditions/{kept}/duplicate")
    assert "keeps 1 already" in buyer.get("/conditions").text
    buyer.press(f"/conditions/{kept}/delete")
    buyer.keep("q=轴承")
    buyer.press(f"/conditions/{kept}/undelete")
    assert "keeps 1 already" in buyer.get("/conditions").text


@pytest.mark.parametrize(("field", "value"), [("name", ""), ("name", "x" * 121), ("note", "x" * 2001)])
def test_what_a_field_refuses(buyer: Buyer, people: People, field: str, value: str) -> None:
    answer = buyer.press("/conditions/new", asks="criteria=X01-04", **{"name": "A", field: value})
    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.text
    assert 'value="criteria=X01-04"' in answer.text
    assert rows(people, buyer) == []


def test_the_pages_stand_without_the_engine(buyer: Buyer, buyers_app: Flask, people: People) -> None:
    kept = buyer.keep("criteria=" + MUSTS)
    data = buyers_app.config["SQLALCHEMY_DATABASE_URI"]
    with running(
        settings_of(people.app.extensions["xunyuan"].settings.data_dir, SEARCH_URL="http://127.0.0.1:9/x")
    ) as app:
        assert app.config["SQLALCHEMY_DATABASE_URI"] == data
        down = Buyer(app, buyer.user)
        for path in ("/conditions", f"/conditions/{kept}"):
            answer = down.get(path)
            assert answer.status_code == 200
            assert "does not answer" in answer.text
            assert "轴承供应商" in answer.text
        assert down.get(f"/conditions/{kept}/edit").status_code == 200
        assert down.get(f"/conditions/{kept}/print").status_code == 200


def test_the_operation_log_tells_nothing(buyer: Buyer, people: People) -> None:
    with people.session() as session:
        before = session.query(AuditEntry).count()
    kept = buyer.keep("criteria=X01-04")
    buyer.edit(kept, "criteria=X01-05", name="B")
    buyer.press(f"/conditions/{kept}/delete")
    with people.session() as session:
        assert session.query(AuditEntry).count() == before
