"""Claiming a firm in the browser: finding it, each way, what both sides see, handing over, giving up."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from werkzeug.test import EnvironBuilder, TestResponse

from portal.company.claim_codes import print_codes
from portal.models import CaseKind, ClaimCode, Organisation, Proof, ReviewCase, Role, Supplier, User, now
from portal.models.database import begin_write
from portal.services import services
from portal.workspace.record_codes import new_code, written
from tests.factories import credit_code
from tests.portal.accounts.conftest import People, Visitor
from tests.portal.apps import flask
from tests.portal.company.papers import image, pdf

SignedIn = Callable[[User], Visitor]
FreeFirm = Callable[..., Supplier]


def send(browser: Visitor, path: str, page: str, files: list[tuple[bytes, str]], **fields: str) -> TestResponse:
    """Hand in files by the form on `page`."""
    token = re.search(r'name="csrf_token"[^>]* value="([^"]+)"', browser.get(page).text)
    assert token
    data: dict[str, Any] = {"csrf_token": token[1], **fields}
    data["files"] = [(io.BytesIO(content), name) for content, name in files]
    address = {"REMOTE_ADDR": browser.address}
    environ = EnvironBuilder(path, method="POST", data=data, environ_base=address).get_environ()
    try:
        return browser.client.open(environ)
    finally:
        environ["wsgi.input"].close()  # a file, where much is sent


def link_of(people: People, user: User) -> int | None:
    return people.again_organisation(user).supplier_id


def newest_case(people: People, user: User) -> ReviewCase:
    mine = select(ReviewCase).where(ReviewCase.organisation_id == user.organisation_id)
    with people.session() as session:
        return session.scalars(mine.order_by(ReviewCase.id.desc()).limit(1)).one()


def printed(people: People, firm: Supplier) -> str:
    with people.session() as session, session.begin():
        begin_write(session)
        return print_codes(session, [firm.id], 90, now())[firm.id]


def held(people: People, signed_in: SignedIn, firm: Supplier) -> tuple[User, Visitor]:
    """Someone who claimed the firm by a letter."""
    user = people.user(Role.SUPPLIER_ADMIN)
    browser = signed_in(user)
    assert browser.submit("/firm/claim/letter", "/firm/claim", code=written(printed(people, firm))).location == "/firm"
    assert link_of(people, user) == firm.id
    return user, browser


def test_the_firm_of_the_own_number_is_offered_first(people: People, signed_in: SignedIn, free_firm: FreeFirm) -> None:
    firm = free_firm()
    browser = signed_in(people.user(Role.SUPPLIER_ADMIN, people.organisation("supplier", number=firm.number)))
    assert "Claim your firm" in browser.get("/firm").text
    page = browser.get("/firm/claim").text
    assert firm.name_zh in page
    assert f'href="/firm/claim/{firm.id}"' in page


def test_finding_by_number_name_and_search(
    people: People, signed_in: SignedIn, free_firm: FreeFirm, suppliers_app: Flask
) -> None:
    firm, gone = free_firm(), free_firm(withdrawn_at=now())
    browser = signed_in(people.user(Role.SUPPLIER_ADMIN))
    for asked in (firm.number, firm.number.lower(), f" {firm.number[:6]} {firm.number[6:]} ", firm.name_zh):
        assert f'href="/firm/claim/{firm.id}"' in browser.get("/firm/claim", query_string={"q": asked}).text, asked
    assert "This is my firm" in browser.get("/firm/claim", query_string={"q": "轴承"}).text
    for asked in (gone.number, credit_code(99_999), "没有这家工厂", '"', "<script>alert(1)</script>", "x" * 100_000):
        page = browser.get("/firm/claim", query_string={"q": asked[:9000]})
        assert page.status_code == 200
        assert "Nothing was found" in page.text, asked[:40]
        assert "<script>alert" not in page.text


def test_without_the_engine_numbers_still_find(
    people: People, signed_in: SignedIn, free_firm: FreeFirm, monkeypatch: pytest.MonkeyPatch, suppliers_app: Flask
) -> None:
    firm = free_firm()
    browser = signed_in(people.user(Role.SUPPLIER_ADMIN))
    with suppliers_app.app_context():
        folder = Path(services().settings.search_url.removeprefix("tantivy://"))
    away = folder.with_name("index-away")
    folder.rename(away)
    try:
        page = browser.get("/firm/claim", query_string={"q": firm.number}).text
    finally:
        away.rename(folder)
    assert f'href="/firm/claim/{firm.id}"' in page


def test_papers_from_upload_to_the_state_page(people: People, signed_in: SignedIn, free_firm: FreeFirm) -> None:
    firm, user = free_firm(), people.user(Role.SUPPLIER_ADMIN)
    browser = signed_in(user)
    page, path = f"/firm/claim/{firm.id}", f"/firm/claim/{firm.id}/papers"
    papers = [(pdf(2), "授权书.pdf"), (image(), "IMG_1.JPG")]
    answer = send(browser, path, page, papers, note="I am the director.\u202e\x00")
    case = newest_case(people, user)
    assert answer.location == f"/firm/claims/{case.id}"
    assert case.payload["note"] == "I am the director."
    shown = browser.get(answer.location).text
    for text in ("to be decided", "授权书.pdf", "IMG_1.jpg", "I am the director.", "handed in", "Withdraw the claim"):
        assert text in shown
    with people.session() as session:
        proofs = session.scalars(select(Proof).where(Proof.case_id == case.id)).all()
    assert {(proof.type, proof.pages) for proof in proofs} == {("application/pdf", 2), ("image/jpeg", 1)}
    assert browser.get("/firm/claim").location == answer.location  # one claim at a time
    assert link_of(people, user) is None

    send(
        browser,
        f"/firm/claims/{case.id}/reply",
        answer.location,
        [(pdf(1), "more.pdf")],
        comment="One more",
        version="1",
    )
    assert "more.pdf" in browser.get(answer.location).text
    late = send(browser, f"/firm/claims/{case.id}/reply", answer.location, [], comment="Kept words", version="1")
    assert late.status_code == 409
    assert "Kept words" in late.text
    assert "has changed meanwhile" in late.text
    browser.submit(f"/firm/claims/{case.id}/withdraw", answer.location, version="2")
    assert "Claim it again" in browser.get(answer.location).text


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        (b"<script>alert(1)</script>", "a.pdf", "neither a PDF nor a JPEG or PNG"),
        (pdf(password="x"), "a.pdf", "encrypted"),
        (pdf(action="/JavaScript"), "a.pdf", "scripts"),
        (image()[:2000], "a.jpg", "damaged or incomplete"),
        (b"", "a.pdf", "empty"),
        (b"\xff\xd8\xff" + b"\0" * (11 << 20), "a.jpg", "larger than 10 MB"),
        (pdf(21), "<img src=x>\u202e" + "n" * 3000 + ".pdf", "more than 20 pages"),
    ],
)
def test_bad_files_are_refused_at_the_field_and_the_form_is_kept(
    people: People, signed_in: SignedIn, free_firm: FreeFirm, content: bytes, name: str, said: str
) -> None:
    firm, user = free_firm(), people.user(Role.SUPPLIER_ADMIN)
    browser = signed_in(user)
    answer = send(
        browser,
        f"/firm/claim/{firm.id}/papers",
        f"/firm/claim/{firm.id}",
        [(pdf(), "b.pdf"), (content, name)],
        note="kept",
    )
    assert answer.status_code == 422
    assert said in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert "kept</textarea>" in answer.text
    assert "<img" not in answer.text
    assert "\u202e" not in answer.text
    with people.session() as session:
        assert session.scalars(select(ReviewCase).where(ReviewCase.organisation_id == user.organisation_id)).all() == []


def test_papers_need_a_file_and_a_note_has_an_end(people: People, signed_in: SignedIn, free_firm: FreeFirm) -> None:
    firm, browser = free_firm(), signed_in(people.user(Role.SUPPLIER_ADMIN))
    page, path = f"/firm/claim/{firm.id}", f"/firm/claim/{firm.id}/papers"
    assert "Choose at least one file." in send(browser, path, page, []).text
    answer = send(browser, path, page, [(pdf(), "a.pdf")], note="说" * 100_000)
    assert answer.status_code == 422
    assert "At most 2000 characters." in answer.text
    answer = send(browser, path, page, [(pdf(n), f"{n}.pdf") for n in range(1, 11)])
    assert "At most 8 files." in answer.text


def test_a_code_to_the_contact_on_record(people: People, signed_in: SignedIn, free_firm: FreeFirm) -> None:
    firm, user = free_firm(phone="139 1234 5678"), people.user(Role.SUPPLIER_ADMIN)
    browser = signed_in(user)
    page = f"/firm/claim/{firm.id}"
    shown = browser.get(page).text
    assert "+86…78" in shown
    assert "1234" not in shown
    browser.submit(f"{page}/send", page)
    message = people.messages("+8613912345678")[-1].body
    code = re.search(r"\b\d{8}\b", message)
    assert code
    wrong = browser.submit(f"{page}/code", page, code="00000000")
    assert (wrong.status_code, "This code is wrong" in wrong.text) == (422, True)
    with people.session() as session:
        tries = session.scalars(select(ClaimCode.tries).where(ClaimCode.supplier_id == firm.id)).one()
    assert tries == 1  # a wrong code is counted though it is refused
    assert browser.submit(f"{page}/code", page, code=f" {code[0][:4]} {code[0][4:]}").location == "/firm"
    assert link_of(people, user) == firm.id
    assert f"speaks for {firm.name_zh} now" in browser.get("/firm").text
    assert browser.get("/firm/claim").location == "/firm"


def test_a_letter_claims_at_once_and_a_second_one_disputes(
    people: People, signed_in: SignedIn, free_firm: FreeFirm
) -> None:
    firm = free_firm()
    holder, holders = held(people, signed_in, firm)
    second = people.user(Role.SUPPLIER_ADMIN)
    browser = signed_in(second)
    assert "Another organisation speaks for this firm" in browser.get(f"/firm/claim/{firm.id}").text
    answer = browser.submit("/firm/claim/letter", "/firm/claim", code=printed(people, firm))
    case = newest_case(people, second)
    assert answer.location == f"/firm/claims/{case.id}"
    assert "both sides are heard" in browser.get(answer.location).text
    assert (link_of(people, holder), link_of(people, second)) == (firm.id, None)

    told = people.messages(holder.sign_in)[-1].body
    assert f"/firm/disputes/{case.id}" in told
    assert f'href="/firm/disputes/{case.id}"' in holders.get("/firm").text
    page = holders.get(f"/firm/disputes/{case.id}").text
    assert people.again_organisation(second).name in page
    assert "Withdraw the claim" not in page
    send(
        holders,
        f"/firm/disputes/{case.id}",
        f"/firm/disputes/{case.id}",
        [(pdf(), "deed.pdf")],
        comment="Ours since 2009.",
    )
    assert newest_case(people, second).payload["answer"] == "Ours since 2009."
    mine = browser.get(f"/firm/claims/{case.id}").text
    assert "Ours since 2009." not in mine  # only staff read it
    assert "deed.pdf" not in mine


def test_wrong_letters_codes(people: People, signed_in: SignedIn) -> None:
    browser = signed_in(people.user(Role.SUPPLIER_ADMIN))
    assert "typing error" in browser.submit("/firm/claim/letter", "/firm/claim", code="ABC").text
    assert "This field is required." in browser.submit("/firm/claim/letter", "/firm/claim", code="").text
    answers = [browser.submit("/firm/claim/letter", "/firm/claim", code=new_code(15)) for _ in range(12)]
    assert answers[-1].status_code == 429
    assert "Try again after" in answers[-1].text


def test_the_letter_of_authorisation_is_filled_in(people: People, signed_in: SignedIn, free_firm: FreeFirm) -> None:
    firm, user = free_firm(), people.user(Role.SUPPLIER_ADMIN, name="李<b>强")
    page = signed_in(user).get(f"/firm/claim/{firm.id}/letter").text
    for text in ("授权书", firm.name_zh, firm.number, "李&lt;b&gt;强", people.again_organisation(user).name):
        assert text in page


def test_handing_over_and_giving_up(people: People, signed_in: SignedIn, free_firm: FreeFirm) -> None:
    firm = free_firm()
    giver, browser = held(people, signed_in, firm)
    assert "nobody to hand over to" in browser.get("/firm/speaking").text
    stranger = people.user(Role.SUPPLIER_ADMIN)
    taker = people.user(Role.SUPPLIER_EDITOR, people.again_organisation(giver))
    assert browser.submit("/firm/speaking/hand-over", "/firm/speaking", member=str(stranger.id)).status_code == 422
    browser.submit("/firm/speaking/hand-over", "/firm/speaking", member=str(taker.id))
    assert (people.again(giver).role, people.again(taker).role) == (Role.SUPPLIER_EDITOR, Role.SUPPLIER_ADMIN)
    assert browser.get("/firm/speaking").status_code == 403
    assert browser.get("/firm").status_code == 200

    now_admin = signed_in(taker)
    assert now_admin.submit("/firm/speaking/give-up", "/firm/speaking").status_code == 422
    assert link_of(people, taker) == firm.id
    now_admin.submit("/firm/speaking/give-up", "/firm/speaking", sure="y", reason="sold")
    assert link_of(people, taker) is None
    assert "Claim your firm" in now_admin.get("/firm").text
    assert "administrator of your organisation can claim it" in browser.get("/firm").text


def test_what_is_not_there(people: People, signed_in: SignedIn, free_firm: FreeFirm) -> None:
    gone, into = free_firm(withdrawn_at=now()), free_firm()
    merged = free_firm(withdrawn_at=now(), merged_into_id=into.id)
    browser = signed_in(people.user(Role.SUPPLIER_ADMIN))
    assert browser.get(f"/firm/claim/{gone.id}").status_code == 404
    assert browser.get("/firm/claim/99999999").status_code == 404
    assert browser.get(f"/firm/claim/{merged.id}").location == f"/firm/claim/{into.id}"


def test_a_claim_is_its_claimant_s_and_a_dispute_its_holder_s(
    people: People, signed_in: SignedIn, free_firm: FreeFirm
) -> None:
    firm = free_firm()
    held(people, signed_in, firm)
    claimant = people.user(Role.SUPPLIER_ADMIN)
    browser = signed_in(claimant)
    send(browser, f"/firm/claim/{firm.id}/papers", f"/firm/claim/{firm.id}", [(pdf(), "a.pdf")])
    case = newest_case(people, claimant)
    _other, others = held(people, signed_in, free_firm())
    for path in (f"/firm/claims/{case.id}", f"/firm/disputes/{case.id}"):
        assert others.get(path).status_code == 404
    for path in (f"/firm/claims/{case.id}/reply", f"/firm/claims/{case.id}/withdraw", f"/firm/disputes/{case.id}"):
        assert others.submit(path, "/firm/speaking", comment="x", version=str(case.version)).status_code == 404
    assert browser.get(f"/firm/disputes/{case.id}").location == "/firm"  # it speaks for no firm
    assert newest_case(people, claimant).version == case.version


POSTS = st.sampled_from(["papers", "send", "code", "letter", "reply", "withdraw", "dispute", "hand-over", "give-up"])
BODIES = st.dictionaries(
    st.sampled_from(
        ["code", "comment", "version", "member", "sure", "reason", "note", "supplier_id", "organisation_id"]
    ),
    st.sampled_from(["", "1", "2", "y", "00000000", "ABCDE-FGHJK-MNPQR", "\u202e<b>", "9" * 30]),
)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(deeds=st.lists(st.tuples(POSTS, BODIES), min_size=1, max_size=5))
def test_no_request_changes_another_firm_s_link(
    people: People, signed_in: SignedIn, free_firm: FreeFirm, deeds: list[tuple[str, dict[str, str]]]
) -> None:
    firm, user = free_firm(), people.user(Role.SUPPLIER_ADMIN)
    holder = people.organisation("supplier", supplier_id=firm.id)
    browser = signed_in(user)
    with people.session() as session:
        case = session.scalars(select(ReviewCase.id).where(ReviewCase.kind == CaseKind.CLAIM)).first() or 1
    paths = {
        "papers": f"/firm/claim/{firm.id}/papers",
        "send": f"/firm/claim/{firm.id}/send",
        "code": f"/firm/claim/{firm.id}/code",
        "letter": "/firm/claim/letter",
        "reply": f"/firm/claims/{case}/reply",
        "withdraw": f"/firm/claims/{case}/withdraw",
        "dispute": f"/firm/disputes/{case}",
        "hand-over": "/firm/speaking/hand-over",
        "give-up": "/firm/speaking/give-up",
    }
    before = links(people, user)
    for deed, body in deeds:
        with suppress(AssertionError):  # a page without a form any more
            answer = browser.submit(paths[deed], "/organisation", **body)
            assert answer.status_code < 500, (deed, body)
    assert links(people, user) == before
    with people.session() as session:
        assert session.get_one(Organisation, holder.id).supplier_id == firm.id


def links(people: People, but: User) -> dict[int, int | None]:
    others = select(Organisation.id, Organisation.supplier_id).where(Organisation.id != but.organisation_id)
    with people.session() as session:
        return dict(session.execute(others).all())


def test_letters_are_printed_for_firms_nobody_speaks_for(
    people: People, signed_in: SignedIn, free_firm: FreeFirm, suppliers_app: Flask, tmp_path: Path
) -> None:
    free, taken, elsewhere = free_firm(sector="textiles"), free_firm(sector="textiles"), free_firm(sector="other")
    held(people, signed_in, taken)
    output = tmp_path / "letters.html"
    flask(suppliers_app, "claims", "letters", "--sector", "textiles", "--region", "330000", "--output", str(output))
    text = output.read_text(encoding="utf-8")
    assert output.stat().st_mode & 0o077 == 0
    assert free.name_zh in text
    assert "认领" in text
    assert taken.name_zh not in text
    assert elsewhere.name_zh not in text
    code = re.search(r'class="code">([0-9A-Z-]{17})<', text)
    assert code
    user = people.user(Role.SUPPLIER_ADMIN)
    browser = signed_in(user)
    assert f'value="{code[1]}"' in browser.get("/firm/claim", query_string={"code": code[1]}).text
    browser.submit("/firm/claim/letter", "/firm/claim", code=code[1])
    assert link_of(people, user) == free.id
    with people.session() as session:
        assert code[1].replace("-", "") not in "".join(session.scalars(select(ClaimCode.hash)))


@pytest.mark.parametrize("option", [("--region", "999999"), ("--sector", "toys")])
def test_letters_say_what_is_wrong(suppliers_app: Flask, tmp_path: Path, option: tuple[str, str]) -> None:
    words = ["claims", "letters", *option, "--output", str(tmp_path / "x.html")]
    done = suppliers_app.test_cli_runner().invoke(args=words)
    assert done.exit_code == 2
    assert "is not in the catalogue" in done.output
    assert list(tmp_path.iterdir()) == []
