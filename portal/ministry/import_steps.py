"""POST /ministry/imports…: hand a list in, say what its columns hold, have it checked, confirm, undo, remove."""

from __future__ import annotations

from collections.abc import Callable

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.exceptions import NotFound

from portal.extensions import db
from portal.ministry.blueprint import blueprint
from portal.ministry.import_mapping import MappingError, form_stated, mapping_of, view
from portal.ministry.import_reasons import told
from portal.ministry.import_words import refusal
from portal.ministry.imports import import_of, import_page, list_page, may_draft, uploads
from portal.models import WebImport
from portal.register.importing import ImportFileError, source_names
from portal.register.importing.making import all_sources
from portal.register.importing.targets import SourceKind
from portal.services import services
from portal.web.forms import clean
from portal.web.i18n import language
from portal.web.permissions import Permission, needs, takes
from portal.web.templating import render_template
from portal.web.users import act_of, signed_in
from portal.web.writing import writing
from portal.workspace import imports
from portal.workspace.imports import Refused, look, look_of

ABOVE = 64 << 10
"""Bytes of a form around its file."""


def subject(web: WebImport) -> str:
    """How the log names an import."""
    return f"import/{web.id}"


@blueprint.post("/imports")
@needs(Permission.IMPORT)
@takes(lambda: (services().settings.upload_limit << 20) + ABOVE)
def hand_in_import() -> ResponseReturnValue:
    """Keep the `file` and look at it; on to its columns."""
    file = request.files.get("file")
    if file is None or not file.filename:
        return list_page(_("Choose a file first."))
    kept = uploads().keep(file.stream)
    file.close()
    name = clean(file.filename.replace("\\", "/").rpartition("/")[2])[:200] or kept.hash[:12]
    sources = all_sources(db.session())
    try:
        seen = look(uploads().folder / kept.hash, sources, services().catalogue)
    except ImportFileError as error:
        return list_page(told(str(error).replace(kept.hash, name), language(), services().catalogue))
    with writing() as session:
        web = imports.hand_in(session, signed_in(), kept, name, seen)
        act_of(session, signed_in()).record(
            "import.handed_in", subject(web), file=[None, name], sha256=[None, kept.hash]
        )
        made = web.id
    asked = request.form.get("source")
    return redirect(url_for("ministry.one_import", identifier=made, source=asked if asked in sources else None))


@blueprint.post("/imports/<int:identifier>/check")
@needs(Permission.IMPORT)
def check_import(identifier: int) -> ResponseReturnValue:
    """Take over the columns, and have every row's fate found; perhaps keep the mapping as a source."""
    web = import_of(identifier)
    sources, catalogue = all_sources(db.session()), services().catalogue
    stated = form_stated(web, request.form, sources)
    try:
        mapping = mapping_of(web, stated, sources, catalogue)
        if stated.saved in source_names():
            raise MappingError({"save_as": _("A source that ships has this name; choose another.")})
    except MappingError as error:
        return import_page(web, view(stated, look_of(web), sources, language(), catalogue), error.problems)

    def step(session: Session, found: WebImport) -> None:
        imports.check(session, signed_in(), found, mapping, stated.saved or stated.source)
        if stated.saved:
            imports.save_source(session, signed_in(), stated.saved, mapping)
        said = {"mapping": [None, mapping.fingerprint], "source_saved": [None, stated.saved or None]}
        act_of(session, signed_in()).record("import.mapped", subject(found), **said)

    return _stepped(identifier, step)


@blueprint.post("/imports/<int:identifier>/confirm")
@needs(Permission.IMPORT)
def confirm_import(identifier: int) -> ResponseReturnValue:
    """Have what was checked imported; or have an import that did not succeed taken up again."""

    def step(session: Session, found: WebImport) -> None:
        if found.mapping.get("kind") == SourceKind.RANKINGS and not may_draft():
            flash(_("Ranking lists are imported by those who may publish, and have no territory of their own."), "warn")
            return
        before = found.state
        imports.confirm(session, signed_in(), found, request.form.get("checked", ""))
        act_of(session, signed_in()).record("import.confirmed", subject(found), state=[before, found.state])

    return _stepped(identifier, step)


@blueprint.route("/imports/<int:identifier>/undo", methods=["GET", "POST"])
@needs(Permission.IMPORT)
def undo_import(identifier: int) -> ResponseReturnValue:
    """`ministry/import_undo.html` asks once more; then have the whole import undone."""
    if request.method == "GET":
        return render_template("ministry/import_undo.html", web=import_of(identifier))

    def step(session: Session, found: WebImport) -> None:
        before = found.state
        imports.undo(session, signed_in(), found)
        act_of(session, signed_in()).record("import.undo", subject(found), state=[before, found.state])

    return _stepped(identifier, step)


@blueprint.post("/imports/<int:identifier>/remove")
@needs(Permission.IMPORT)
def remove_import(identifier: int) -> ResponseReturnValue:
    """Take one that never ran off the list."""

    def step(session: Session, found: WebImport) -> None:
        imports.remove(session, found)
        act_of(session, signed_in()).record("import.removed", subject(found))
        flash(_("“%(name)s” was removed. The register was not changed.", name=found.file_name))

    return _stepped(identifier, step, to="ministry.all_imports")


def _stepped(
    identifier: int, step: Callable[[Session, WebImport], None], to: str = "ministry.one_import"
) -> ResponseReturnValue:
    """Take a step on the import as it is now, or tell why it cannot be taken."""
    try:
        with writing() as session:
            found = imports.locked(session, identifier)
            if found is None:
                raise NotFound
            step(session, found)
    except Refused as refused:
        flash(refusal(refused), "warn")
        to = "ministry.one_import"
    return redirect(url_for(to) if to == "ministry.all_imports" else url_for(to, identifier=identifier))
