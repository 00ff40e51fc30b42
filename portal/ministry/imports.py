"""GET /ministry/imports…: the lists that staff imported, one with its rows, its files, how far it is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from flask import Response, request, send_file, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from werkzeug.exceptions import NotFound

from portal.extensions import db
from portal.identity.people import names_of
from portal.ministry.blueprint import blueprint
from portal.ministry.import_mapping import MappingView, first_stated, view
from portal.ministry.import_reasons import told
from portal.ministry.import_words import changed_fields, fate_labels, state_labels, touched
from portal.ministry.within import territory
from portal.models import Edition, ImportState, Job, WebImport
from portal.register.importing.fates import FateKind
from portal.register.importing.making import all_sources, restored
from portal.register.importing.naming import KINDS
from portal.register.importing.targets import SourceKind
from portal.services import services
from portal.web.i18n import language
from portal.web.numbers import whole
from portal.web.permissions import Permission, needs
from portal.web.presenters.paging import page_links
from portal.web.presenters.people import person
from portal.web.screens import PageLink
from portal.web.templating import render_template
from portal.web.users import signed_in
from portal.workspace import imports
from portal.workspace.import_fates import ALL, Shown, page_of
from portal.workspace.imports import Uploads, look_of

PER_PAGE = 20
ROWS_PER_PAGE = 50
SANDBOX = "sandbox"
"""The policy of a file: should a browser show it after all, it runs nothing and is nobody's page."""


@dataclass(frozen=True, slots=True)
class ImportView:
    """An import as its page shows it. `stuck`: the worker gave up; `rows` of the fate `fate`, on `pages`."""

    web: WebImport
    job: Job | None
    busy: bool
    stuck: bool
    problem: str
    reasons: list[tuple[str, int]]
    editions: dict[str, str]
    drafts: dict[str, int]
    state: str
    kind: str
    people: dict[int, str]
    mapping: MappingView | None
    changed: list[tuple[str, int]]
    fates: dict[str, str]
    counts: dict[str, int]
    fate: str
    rows: list[Shown]
    pages: tuple[PageLink, ...]
    token: str
    may_confirm: bool
    may_undo: bool


def uploads() -> Uploads:
    """The folder of files that were handed in."""
    return Uploads(services().settings.uploads_dir)


def may_draft() -> bool:
    """Whether whoever is signed in may import ranking lists, which become drafts."""
    return Permission.PUBLISH in signed_in().permissions and not territory().limited


def import_of(identifier: int) -> WebImport:
    """The import. Raises NotFound."""
    found = db.session.get(WebImport, identifier)
    if found is None or found.removed_at is not None:
        raise NotFound
    return found


@blueprint.get("/imports")
@needs(Permission.IMPORT)
def all_imports() -> ResponseReturnValue:
    """The list; `?page=`."""
    return list_page()


def list_page(problem: str = "") -> ResponseReturnValue:
    """`ministry/imports.html` with `listed`, `people`, `states`, `sources` by name, `pages`, `most` MB, `problem`."""
    session = db.session()
    last = max(1, -(-imports.count(session) // PER_PAGE))
    number = min(_number("page"), last)
    listed = imports.listed(session, PER_PAGE, (number - 1) * PER_PAGE)
    page = render_template(
        "ministry/imports.html",
        listed=[(web, _stuck(web)) for web in listed],
        people=_people(listed),
        states=state_labels(),
        sources=list(all_sources(session).items()),
        pages=page_links(number, last, lambda one: url_for("ministry.all_imports", page=one)),
        most=services().settings.upload_limit,
        problem=problem,
    )
    return page, 422 if problem else 200


def _stuck(web: WebImport) -> bool:
    return bool(web.problem) or imports.given_up(web, imports.job_of(db.session(), web))


@blueprint.get("/imports/<int:identifier>")
@needs(Permission.IMPORT)
def one_import(identifier: int) -> ResponseReturnValue:
    """`?fate=` and `?page=` of the rows; `?source=` or `?kind=` reads the columns by that; `?columns=` changes them."""
    web = import_of(identifier)
    shown = None
    again = request.args.keys() & {"source", "kind", "columns"} and web.state in imports.NEVER_RAN
    if web.state == ImportState.MAPPING or again:
        sources, catalogue = all_sources(db.session()), services().catalogue
        stated = first_stated(web, request.args, sources, catalogue)
        shown = view(stated, look_of(web), sources, language(), catalogue)
    return import_page(web, shown)


def import_page(
    web: WebImport, mapping: MappingView | None, problems: dict[str, str] | None = None
) -> ResponseReturnValue:
    """`ministry/import.html` with `page`: ImportView and `problems` of the mapping's form by field."""
    job = imports.job_of(db.session(), web)
    busy = imports.busy(web, job)
    fate, number, found = _fate(web), _number("page"), dict(web.report.get("counts", {}))
    counts = {ALL: web.report.get("rows", 0), **found}
    last = max(1, -(-counts.get(fate, 0) // ROWS_PER_PAGE))
    number = min(number, last)
    kind = SourceKind(web.mapping["kind"]) if web.mapping else look_of(web).kind
    page = ImportView(
        web=web,
        job=job,
        busy=busy,
        stuck=imports.given_up(web, job),
        problem=_problem(web),
        reasons=[(_told(reason), count) for reason, count in web.report.get("reasons", [])],
        editions={code: _told(outcome) for code, outcome in web.report.get("editions", {}).items()},
        drafts=_drafts(web),
        state=state_labels()[web.state],
        kind=KINDS[kind][language() == "en"],
        people=_people([web]),
        mapping=None if busy else mapping,
        changed=changed_fields(web.report.get("fields", {}), language(), services().catalogue),
        fates=fate_labels(),
        counts=counts,
        fate=fate,
        rows=_rows(web, fate, (number - 1) * ROWS_PER_PAGE) if not busy and web.state != ImportState.MAPPING else [],
        pages=page_links(
            number, last, lambda one: url_for("ministry.one_import", identifier=web.id, fate=fate, page=one)
        ),
        token=imports.token(web),
        may_confirm=kind is not SourceKind.RANKINGS or may_draft(),
        may_undo=kind is not SourceKind.RANKINGS and web.run_id is not None,
    )
    answer = render_template(
        "ministry/import.html",
        page=page,
        problems=problems or {},
        provenance=restored(web.mapping).provenance if web.mapping else None,
    )
    return answer, 422 if problems else 200


def _drafts(web: WebImport) -> dict[str, int]:
    """The ids of the editions that an import has written, for those who may see them."""
    if web.state != ImportState.DONE or not may_draft():
        return {}
    wanted = select(Edition.code, Edition.id).where(Edition.code.in_(web.report.get("editions", {})))
    return {row.code: row.id for row in db.session.execute(wanted)}


def _problem(web: WebImport) -> str:
    later = web.report.get("later")
    return touched(later["count"], tuple(later["firms"])) if web.problem == "touched" and later else _told(web.problem)


def _fate(web: WebImport) -> str:
    """The fate whose rows are shown: asked for, else the refused ones, else all."""
    asked = request.args.get("fate", "")
    if asked in {ALL, *FateKind}:
        return asked
    return FateKind.REFUSED if web.report.get("counts", {}).get("refused") else ALL


def _rows(web: WebImport, fate: str, start: int) -> list[Shown]:
    try:
        rows = page_of(uploads().fates_of(web), fate, start, ROWS_PER_PAGE)
    except OSError:
        return []
    return [
        replace(row, problems=tuple((column, value, _told(reason)) for column, value, reason in row.problems))
        for row in rows
    ]


def _told(text: str) -> str:
    return told(text, language(), services().catalogue)


def _number(name: str) -> int:
    return max(1, whole(request.args.get(name), 5) or 1)


def _people(webs: Any) -> dict[int, str]:
    named = names_of(db.session(), (one for web in webs for one in (web.user_id, web.confirmed_by, web.undone_by)))
    return {identity: person(name) for identity, name in named.items()}


@blueprint.get("/imports/<int:identifier>/progress")
@needs(Permission.IMPORT)
def import_progress(identifier: int) -> dict[str, Any]:
    """How far the worker is, for the page's script."""
    job = imports.job_of(db.session(), import_of(identifier))
    if job is None:
        raise NotFound
    return {"state": job.state, "done": job.done, "total": job.total}


@blueprint.get("/imports/<int:identifier>/<any(rows, refused):which>.csv")
@needs(Permission.IMPORT)
def import_file(identifier: int, which: str) -> Response:
    """Every row with its fate; or the refused rows, to be mended and handed in again."""
    web = import_of(identifier)
    path = uploads().fates_of(web) if which == "rows" else uploads().refused_of(web)
    if imports.busy(web, imports.job_of(db.session(), web)) or not path.is_file():
        raise NotFound
    name = f"{Path(web.file_name).stem}-{which}.csv"
    answer = send_file(path, mimetype="text/csv", as_attachment=True, download_name=name, max_age=0)
    answer.headers["Content-Security-Policy"] = SANDBOX
    return answer
