"""GET, POST /verify and GET /verify/<code>: is a sourcing record genuine, and what has changed since? For anyone.

It tells what the record itself says of where it comes from, what is public of its firms, and nothing else: no later
decision, no note, no later record.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from flask import make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from portal.buyers.blueprint import blueprint
from portal.buyers.change_words import change_words
from portal.extensions import db
from portal.models import SourcingRecord, Supplier
from portal.register.loading import chunks
from portal.web.permissions import Access, changes_nothing, needs, takes
from portal.web.presenters.cards import supplier_url
from portal.web.presenters.context import Context, context
from portal.web.templating import render_template
from portal.web.tree import Name
from portal.workspace import records
from portal.workspace.changes import changes
from portal.workspace.facts import Facts, Reader, loaded
from portal.workspace.record_codes import NoCode, Slip, read, written
from portal.workspace.records import Public

MAX_FILE = 64 * 1024 * 1024
"""Of a file that is checked; the largest record is a tenth of it."""

UNKNOWN = 404


@dataclass(frozen=True, slots=True)
class Changed:
    """A firm of which something public has changed, each in words: old → new, and whether it is worse for a buyer."""

    name: Name
    key: str
    url: str
    changes: tuple[tuple[str, bool], ...]


@dataclass(frozen=True, slots=True)
class Genuine:
    """A record that was made here. `file`: which of its files was handed in, "" for a code."""

    record: SourcingRecord
    code: str
    parts: dict[str, str]
    replaced_at: datetime | None
    changed: tuple[Changed, ...]
    file: str = ""


@blueprint.get("/verify")
@needs(Access.PUBLIC)
def verify() -> ResponseReturnValue:
    """`buyers/verify.html`: a code to be typed, or a file to be chosen. `?code=` leads to what it is."""
    text = request.args.get("code", "").strip()
    return redirect(url_for("buyers.verify_code", text=_tidy(text))) if text else _page()


def _tidy(text: str) -> str:
    """As it is written, where it is a code; else as it was typed."""
    try:
        return written(read(text[:200]))
    except NoCode:
        return text[:200].replace("/", " ")


@blueprint.get("/verify/<text>")
@needs(Access.PUBLIC)
def verify_code(text: str) -> ResponseReturnValue:
    """The record of a code, or why there is none."""
    try:
        found = records.by_code(db.session(), read(text))
    except NoCode as slip:
        return _page(problem=_slip(slip), typed=text, status=UNKNOWN)
    if found is None:
        problem = _("No record was ever given this code here. If it is the code on the record, that was not made here.")
        return _page(problem=problem, typed=text, status=UNKNOWN)
    return _page(_genuine(found, context()))


def _slip(slip: NoCode) -> str:
    words = {
        Slip.SIGN: _(
            "No code has the sign “%(sign)s”. Codes are of the digits and of capitals without I, L, O, U.",
            sign=slip.sign,
        ),
        Slip.LENGTH: _("A code has 25 signs in five groups of five."),
        Slip.CHECK: _("There is a slip in this code: its last sign does not fit the others. Compare it sign by sign."),
    }
    return str(words[slip.slip])


@blueprint.post("/verify")
@needs(Access.PUBLIC)
@changes_nothing
@takes(MAX_FILE)
def verify_file() -> ResponseReturnValue:
    """The record of which a `file` is part, by its hash; the file is not kept."""
    given = request.files.get("file")
    if given is None or not given.filename:
        return _page(problem=_("Choose a file first."), status=422)
    sha256 = hashlib.file_digest(cast(Any, given.stream), "sha256").hexdigest()
    given.close()
    found = records.by_hash(db.session(), sha256)
    if found is None:
        problem = _(
            "This file is not genuine: no record that was made here has a file with exactly these bytes. "
            "It was changed since, or comes from elsewhere."
        )
        return _page(problem=problem, sha256=sha256, status=UNKNOWN)
    return _page(_genuine(found[0], context(), found[1]))


def _page(
    genuine: Genuine | None = None, *, problem: str = "", typed: str = "", sha256: str = "", status: int = 200
) -> ResponseReturnValue:
    at = context()
    page = render_template(
        "buyers/verify.html",
        genuine=genuine,
        problem=problem,
        typed=typed[:200],
        sha256=sha256,
        today=at.today,
        data_version=at.data_version,
    )
    answer = make_response(page, status)
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["X-Robots-Tag"] = "noindex, nofollow"
    return answer


def _genuine(record: SourcingRecord, at: Context, file: str = "") -> Genuine:
    later = records.replaced_by(at.session, record)
    return Genuine(
        record=record,
        code=written(record.code),
        parts=records.parts(at.session, record),
        replaced_at=later.made_at if later else None,
        changed=tuple(_changed(records.public(record), at)),
        file=file,
    )


def _changed(before: list[Public], at: Context) -> Iterator[Changed]:
    """The firms of which something public is not what it was, in the order of the record."""
    ids = [one.supplier_id for one in before]
    facts = Reader(at.session, at.catalogue, at.today).facts(ids)
    firms: dict[int, Any] = {}
    for some in chunks(ids):
        firms |= {row.id: row for row in at.session.execute(select(*_FIRM).where(Supplier.id.in_(some)))}
    for one in before:
        firm, present = firms[one.supplier_id], facts[one.supplier_id]
        if words := tuple(_words(one, firm, present, at)):
            key = f"{firm.scheme}/{firm.number}"
            yield Changed(Name(zh=firm.name_zh, en=firm.name_en), key, supplier_url(key), words)


def _words(one: Public, firm: Any, present: Facts, at: Context) -> Iterator[tuple[str, bool]]:
    earlier, called = loaded(one.facts), firm.name_zh or firm.name_en
    if one.name != called:
        yield _("name: %(before)s → %(after)s", before=one.name, after=called), False
    yield from ((change_words(change, at), change.worse) for change in changes(earlier, present, at.catalogue))
    if present.gone:
        return
    for scheme, level in present.levels.items():
        ends = earlier.until.get(scheme), present.until[scheme]
        if earlier.levels.get(scheme) == level and ends[0] != ends[1]:
            yield _until(scheme, ends, at), ends[1] is not None and (ends[0] is None or ends[1] < ends[0])


def _until(scheme: str, ends: tuple[Any, Any], at: Context) -> str:
    """That the same level ends on another day."""
    known = at.catalogue.schemes.get(scheme)
    short = (known.short_en if at.lang == "en" else known.short_zh) if known else ""
    before, after = (end.isoformat() if end else _("no end") for end in ends)
    return str(
        _(
            "%(scheme)s valid until: %(before)s → %(after)s",
            scheme=short or at.coded(scheme, at.catalogue.schemes).label,
            before=before,
            after=after,
        )
    )


_FIRM = (Supplier.id, Supplier.scheme, Supplier.number, Supplier.name_zh, Supplier.name_en)
