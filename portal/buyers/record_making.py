"""GET, POST /shortlists/<id>/record: a sourcing record is looked at, then fixed, just as it was looked at."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import msgspec
import segno
from flask import current_app, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal.buyers.blueprint import blueprint
from portal.buyers.record_building import Built, Wanted, build
from portal.buyers.record_forms import RecordForm
from portal.buyers.record_words import labels
from portal.buyers.shortlists import shortlist_of
from portal.buyers.words import refusal
from portal.extensions import db
from portal.models import Shortlist, now
from portal.services import services
from portal.web.kept import member_of
from portal.web.permissions import Permission, needs
from portal.web.presenters.context import Context, context
from portal.web.templating import render_template
from portal.web.users import signed_in
from portal.web.who import buyer
from portal.web.writing import writing
from portal.workspace import conditions, records
from portal.workspace.buyer import Refused
from portal.workspace.record_codes import new_code, written
from portal.workspace.record_entries import china
from portal.workspace.record_files import HTML, JSON, README, digest, packed
from portal.workspace.record_tree import Made, Record, encoded
from portal.workspace.records import Fixed

INVALID = 422


@dataclass(frozen=True, slots=True)
class Preview:
    """What would be fixed; `seen` tells it from another one; `changed`: it is not what the buyer looked at."""

    built: Built
    seen: str
    changed: bool


@blueprint.route("/shortlists/<int:identifier>/record", methods=["GET", "POST"])
@needs(Permission.SOURCE)
def make_record(identifier: int) -> ResponseReturnValue:
    """`buyers/record_new.html` with `shortlist`, `form`, `preview`: Preview; `do=fix` makes what was looked at."""
    at, found = context(), shortlist_of(db.session(), identifier)
    form = RecordForm(title=found.name, conditions=request.args.get("conditions", ""))
    form.offer(conditions.listed(at.session, member_of(signed_in())), records.replaceable(at.session, buyer()))
    wanted = _wanted(form, at) if form.validate_on_submit() else None
    if wanted is None:
        return _page(found, form, None, INVALID if form.is_submitted() else 200)
    built = build(found, wanted, Made(organisation=signed_in().organisation_name, person=signed_in().name), at)
    seen = _digest(built.record)
    fixing = request.form.get("do") == "fix"
    if fixing and request.form.get("seen") == seen:
        try:
            made = _fix(found, built, wanted)
        except Refused as refused:
            form.replaces.errors = [refusal(refused)]
            return _page(found, form, None, INVALID)
        flash(_("The record is fixed. Download it, and put it into the award file."))
        return redirect(url_for("buyers.record", identifier=made))
    return _page(found, form, Preview(built, seen, changed=fixing), 200)


def _page(found: Shortlist, form: RecordForm, preview: Preview | None, status: int) -> ResponseReturnValue:
    page = render_template("buyers/record_new.html", shortlist=found, form=form, preview=preview, labels=labels())
    return page, status


def _wanted(form: RecordForm, at: Context) -> Wanted | None:
    """What the form says; None where the search it names is none."""
    search = form.search(at)
    if form.address.errors:
        return None
    replaces = next(
        (one for one in records.replaceable(at.session, buyer()) if str(one.id) == form.replaces.data), None
    )
    return Wanted(
        title=form.title.data,
        reference=form.reference.data,
        statement=form.statement.data,
        notes=form.notes.data,
        search=search,
        replaces=replaces,
    )


def _digest(record: Record) -> str:
    """Tells a preview from one that says anything else; a newer data version alone is no difference."""
    basis = msgspec.structs.replace(record.basis, data_version=0)
    return digest(encoded(msgspec.structs.replace(record, basis=basis)))


def _fix(found: Shortlist, built: Built, wanted: Wanted) -> int:
    """Give it a code and the time, write its file and keep it. Raises Refused."""
    code, moment = new_code(), china(now())
    record = msgspec.structs.replace(
        built.record,
        code=written(code),
        verify=f"{services().settings.public_url}{url_for('buyers.verify_code', text=written(code))}",
        made=msgspec.structs.replace(built.record.made, at=moment),
    )
    files = {HTML: _html(record), JSON: encoded(record)}
    files[README] = render_template(
        "buyers/record_readme.txt", record=record, hashes={name: digest(content) for name, content in files.items()}
    ).encode()
    fixed = Fixed(
        record=record,
        packed=packed(files, moment),
        code=code,
        shortlist_id=found.id,
        private=built.private,
        public=built.public,
        language=context().lang,
        replaces=wanted.replaces.id if wanted.replaces else None,
    )
    with writing() as session:
        return records.make(session, services().settings.records_dir, buyer(), fixed)


def _html(record: Record) -> bytes:
    """The record as one file that needs no other."""
    style = Path(current_app.static_folder or "", "record.css").read_text(encoding="utf-8")
    page = render_template(
        "buyers/record_file.html", record=record, labels=labels(), style=style, qr=qr_of(record.verify)
    )
    return page.encode()


def qr_of(address: str) -> str:
    """The address as a picture for a phone's camera, as a data URI."""
    return segno.make(address, error="m").svg_data_uri(scale=4, border=2)
