"""Uploads: what is taken, what is refused and why, what is kept and for how long."""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from portal.company.files import MOST_FILES, Store, Taken, attach, proofs_of, purge, shown_name
from portal.company.looking import Fault, Refused, Seen, looked_at
from portal.indexing.sessions import Sessions, writing
from portal.models import CaseKind, CaseState, Organisation, Proof, ReviewCase, Role, Supplier, User, now
from tests.portal.company.papers import archive, bomb, image, pdf


@pytest.fixture
def look(tmp_path: Path) -> Callable[[bytes], Seen]:
    def looked(content: bytes) -> Seen:
        path = tmp_path / "file"
        path.write_bytes(content)
        return looked_at(path, 20)

    return looked


@pytest.mark.parametrize(
    ("content", "seen"),
    [
        (pdf(3), Seen("application/pdf", 3)),
        (pdf(2) + b"\r\n\0\0", Seen("application/pdf", 2)),
        (image("JPEG"), Seen("image/jpeg", 1)),
        (image("JPEG") + b"SEFT" + b"\0" * 40, Seen("image/jpeg", 1)),  # as some phones end theirs
        (image("PNG"), Seen("image/png", 1)),
    ],
)
def test_what_is_taken(look: Callable[[bytes], Seen], content: bytes, seen: Seen) -> None:
    assert look(content) == seen


HOSTILE = {
    "nothing": (b"", Fault.EMPTY),
    "HTML renamed": (b"<!doctype html><script>alert(1)</script>", Fault.OTHER_TYPE),
    "HTML before a PDF": (b"<html>" + pdf(), Fault.OTHER_TYPE),
    "SVG": (b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', Fault.OTHER_TYPE),
    "GIF": (b"GIF89a" + b"\0" * 40, Fault.OTHER_TYPE),
    "ZIP": (archive(), Fault.OTHER_TYPE),
    "encrypted": (pdf(password="x"), Fault.ENCRYPTED),
    "script": (pdf(action="/JavaScript"), Fault.ACTIVE),
    "script by another spelling": (pdf(action="/JavaScript").replace(b"/JavaScript", b"/Java#53cript"), Fault.ACTIVE),
    "launch": (pdf(action="/Launch"), Fault.ACTIVE),
    "attachment": (pdf(attached=True), Fault.ACTIVE),
    "pages": (pdf(21), Fault.TOO_MANY_PAGES),
    "no pages": (pdf(0), Fault.BROKEN),
    "a PDF's head alone": (b"%PDF-1.7\n", Fault.BROKEN),
    "a PDF's head and end": (b"%PDF-1.7\n" + b"\xff" * 5000 + b"%%EOF", Fault.BROKEN),
    "PDF cut off": (pdf(5)[:-40], Fault.BROKEN),
    "JPEG cut off": (image("JPEG")[:4000], Fault.BROKEN),
    "JPEG's head alone": (b"\xff\xd8\xff\xe0", Fault.BROKEN),
    "PNG cut off": (image("PNG")[:4000], Fault.BROKEN),
    "PNG without its end": (image("PNG")[:-12], Fault.TWO_FILES),
    "PNG with something behind": (image("PNG") + b"<script>", Fault.TWO_FILES),
    "PDF with something behind": (pdf() + b"x" * 2000, Fault.TWO_FILES),
    "PDF and ZIP": (pdf() + archive(), Fault.TWO_FILES),
    "JPEG and ZIP": (image("JPEG") + archive(), Fault.TWO_FILES),
    "bomb": (bomb(), Fault.TOO_MANY_PIXELS),
    "a bomb that Pillow lets pass": (bomb(9_000, 9_000), Fault.TOO_MANY_PIXELS),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_what_is_refused(look: Callable[[bytes], Seen], what: str) -> None:
    content, fault = HOSTILE[what]
    with pytest.raises(Refused) as refused:
        look(content)
    assert refused.value.fault is fault


@given(at=st.integers(0, 3000), byte=st.integers(0, 255), form=st.sampled_from(["PDF", "JPEG", "PNG"]))
def test_any_broken_file_is_taken_or_refused(
    tmp_path_factory: pytest.TempPathFactory, at: int, byte: int, form: str
) -> None:
    content = bytearray(pdf(2) if form == "PDF" else image(form, (64, 64)))
    content[at % len(content)] = byte
    path = tmp_path_factory.getbasetemp() / "damaged"
    path.write_bytes(content)
    with suppress(Refused):
        assert looked_at(path, 20).pages


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "proofs", most_bytes=200_000, most_pages=20)


def files(store: Store) -> list[str]:
    return sorted(path.name for path in store.folder.rglob("*") if path.is_file())


def test_a_file_lies_under_its_hash(store: Store) -> None:
    content = pdf(2)
    taken = store.take(io.BytesIO(content), "../../etc/营业执照.pdf")
    assert taken == Taken("营业执照.pdf", "application/pdf", 2, len(content), hashlib.sha256(content).hexdigest())
    assert store.take(io.BytesIO(content), "again.pdf").sha256 == taken.sha256
    assert store.path_of(taken.sha256).read_bytes() == content
    assert files(store) == [taken.sha256]


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"\xff\xd8\xff" + b"x" * 200_000, Fault.TOO_LARGE),
        (pdf(password="x"), Fault.ENCRYPTED),
        (b"%PDF-x", Fault.BROKEN),
    ],
)
def test_nothing_is_left_of_a_refused_file(store: Store, content: bytes, fault: Fault) -> None:
    with pytest.raises(Refused) as refused:
        store.take(io.BytesIO(content), "a.pdf")
    assert refused.value.fault is fault
    assert files(store) == []


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("C:\\Users\\wang\\执照.PDF", "执照.pdf"),
        ("执照\u202efdp.exe", "执照 fdp.exe.pdf"),
        ("📄 license.pdf", "📄 license.pdf"),
        ("x" * 100_000 + ".pdf", "x" * 116 + ".pdf"),
        ("a\r\nSet-Cookie: b.pdf", "a Set-Cookie: b.pdf"),
        ("../..", "file.pdf"),
        ("", "file.pdf"),
        (".pdf", "file.pdf"),
        ("index.html", "index.html.pdf"),
    ],
)
def test_names_are_shown_only(name: str, shown: str) -> None:
    assert shown_name(name, "application/pdf") == shown


def test_a_picture_keeps_its_ending() -> None:
    assert shown_name("IMG_1.JPEG", "image/jpeg") == "IMG_1.jpg"


@pytest.fixture
def case(sessions: Sessions) -> ReviewCase:
    with writing(sessions) as session:
        session.expire_on_commit = False
        organisation = Organisation(kind="supplier", name="甲厂")
        firm = Supplier(scheme="CN-USCC", number="1", sector="machinery")
        user = User(sign_in="a@example.com", name="王芳", role=Role.SUPPLIER_ADMIN, organisation=organisation)
        session.add_all([organisation, firm, user])
        session.flush()
        made = ReviewCase(
            kind=CaseKind.CLAIM, supplier_id=firm.id, organisation_id=organisation.id, user_id=user.id, stage="local"
        )
        session.add(made)
    return made


def taken(number: int) -> Taken:
    return Taken(f"{number}.pdf", "application/pdf", 1, 10, f"{number:064d}")


class Someone:
    def __init__(self, case: ReviewCase) -> None:
        self.id, self.organisation_id = case.user_id, case.organisation_id


def test_the_same_file_counts_once_and_there_is_an_end(sessions: Sessions, case: ReviewCase) -> None:
    with writing(sessions) as session:
        attach(session, Someone(case), case.id, [taken(1), taken(2), taken(1)], now())
        attach(session, Someone(case), case.id, [taken(2), taken(3)], now())
        assert [proof.name for proof in proofs_of(session, case.id)] == ["1.pdf", "2.pdf", "3.pdf"]
        with pytest.raises(Refused) as refused:
            attach(session, Someone(case), case.id, [taken(n) for n in range(10, 10 + MOST_FILES)], now())
        assert refused.value.fault is Fault.TOO_MANY


def test_files_go_when_no_case_needs_them(sessions: Sessions, case: ReviewCase, store: Store) -> None:
    kept, orphan, fresh = (store.take(io.BytesIO(pdf(n)), "a.pdf") for n in (1, 2, 3))
    for one in (kept, orphan):
        os.utime(store.path_of(one.sha256), (0, 0))
    with writing(sessions) as session:
        attach(session, Someone(case), case.id, [kept], now())
    days = timedelta(days=30)
    assert purge(sessions, store, days, now()) == 1
    assert files(store) == sorted([kept.sha256, fresh.sha256])

    with writing(sessions) as session:
        found = session.get_one(ReviewCase, case.id)
        found.state, found.decided_at = CaseState.REFUSED, now() - timedelta(days=29)
    assert purge(sessions, store, days, now()) == 0
    assert purge(sessions, store, days, now() + timedelta(days=2)) == 2
    assert files(store) == []
    with sessions() as session:
        assert session.scalars(select(Proof)).all() == []
