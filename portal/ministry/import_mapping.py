"""The columns of a list that was handed in: what its page shows of them, and the mapping that its form states."""

from __future__ import annotations

import re
from collections.abc import Mapping as Map
from dataclasses import dataclass

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from portal.models import WebImport
from portal.register.catalogue import Catalogue
from portal.register.importing import ImportFileError
from portal.register.importing.cells import criterion_code
from portal.register.importing.guessing import of_source
from portal.register.importing.making import make_mapping, restated, restored
from portal.register.importing.mapping import Mapping, ProvenanceTable, check_mapping, missing_fields
from portal.register.importing.naming import GROUPS, KINDS, fields_of, label
from portal.register.importing.targets import NEEDED, SourceKind
from portal.web.forms import clean
from portal.workspace.imports import Look, look_of

PROVENANCE = ("issuing_body", "title", "document_number", "batch", "issued_on", "link")
NAME = re.compile(r"[\w-]{1,60}")
SCHEME = "supplier.scheme"


@dataclass(frozen=True, slots=True)
class ColumnView:
    """A column of the file. `criterion`: it is headed by a criterion's code, whose results it holds."""

    place: int
    heading: str
    cells: tuple[str, ...]
    field: str
    criterion: bool


@dataclass(frozen=True, slots=True)
class MappingView:
    """The form. `groups`: (name, [(field, label)]); `constants`: (field, label, value, [(code, label)] to choose from).

    `sources`: (name, title) of each; `saved`: the name that the mapping is to be kept under.
    """

    look: Look
    kind: SourceKind
    source: str
    sources: list[tuple[str, str]]
    kinds: list[tuple[str, str]]
    groups: list[tuple[str, list[tuple[str, str]]]]
    columns: list[ColumnView]
    constants: list[tuple[str, str, str, list[tuple[str, str]]]]
    provenance: dict[str, str]
    saved: str


@dataclass(frozen=True, slots=True)
class Stated:
    """What the form says, or the guess, or what was checked last."""

    kind: SourceKind
    source: str
    fields: tuple[str, ...]
    constants: Map[str, str]
    provenance: Map[str, str]
    saved: str = ""


def first_stated(web: WebImport, args: Map[str, str], sources: Map[str, Mapping], catalogue: Catalogue) -> Stated:
    """What the form shows first: a source or kind that the address asks for, what was stated before, else the guess."""
    look = look_of(web)
    asked, kind = args.get("source", ""), args.get("kind", "")
    if asked in sources:
        source = sources[asked]
        return Stated(source.kind, asked, of_source(look.headings, asked, source).fields, {}, _plain(source.provenance))
    if kind in set(SourceKind):
        allowed = set(fields_of(SourceKind(kind), catalogue))
        fields = tuple(field if field in allowed else "" for field in look.fields)
        return Stated(SourceKind(kind), "", fields, {}, _provenance(sources.get("")))
    if web.mapping:
        mapping = restored(web.mapping)
        fields = of_source(look.headings, web.source, mapping).fields
        constants = {field: str(value) for field, value in mapping.constants.items()}
        return Stated(mapping.kind, web.source, fields, constants, _plain(mapping.provenance))
    return Stated(look.kind, look.source, look.fields, look.constants, _provenance(sources.get(look.source)))


def form_stated(web: WebImport, form: MultiDict[str, str], sources: Map[str, Mapping]) -> Stated:
    """What the form says."""
    look = look_of(web)
    kind = form.get("kind", "")
    return Stated(
        kind=SourceKind(kind) if kind in set(SourceKind) else look.kind,
        source=form.get("source", "") if form.get("source") in sources else "",
        fields=tuple(form.get(f"field_{place}", "") for place in range(len(look.headings))),
        constants={name.removeprefix("constant."): clean(form[name]) for name in form if name.startswith("constant.")},
        provenance={name: clean(form.get(name)) for name in PROVENANCE},
        saved=clean(form.get("save_as")),
    )


def mapping_of(web: WebImport, stated: Stated, sources: Map[str, Mapping], catalogue: Catalogue) -> Mapping:
    """The mapping that is stated. Raises MappingError, which names every field that is at fault."""
    look = look_of(web)
    problems = _problems(stated, look, catalogue)
    base = sources.get(stated.source)
    try:
        provenance = restated(
            ProvenanceTable(issuing_body=""), {name: value for name, value in stated.provenance.items() if value}
        )
    except ImportFileError:
        problems["issued_on"] = _("A day such as 2026-01-31, please.")
        provenance = ProvenanceTable(issuing_body="")
    constants = {field: value for field, value in stated.constants.items() if field not in stated.fields and value}
    chosen = zip(look.headings, stated.fields, strict=True)
    made = make_mapping(
        stated.kind,
        [(heading, field) for heading, field in chosen if heading],
        base=base,
        constants=constants,
        provenance=provenance,
    )
    for field in missing_fields(made):
        problems[field] = _("Nothing fills it, and this kind of list needs it.")
    if not problems:
        try:
            check_mapping(web.file_name, made)
        except ImportFileError as error:
            problems["mapping"] = str(error)
    if problems:
        raise MappingError(problems)
    return made


class MappingError(Exception):
    """A form that cannot be taken; `problems` by field."""

    def __init__(self, problems: dict[str, str]) -> None:
        super().__init__(", ".join(problems))
        self.problems = problems


def _problems(stated: Stated, look: Look, catalogue: Catalogue) -> dict[str, str]:
    problems: dict[str, str] = {}
    allowed = set(fields_of(stated.kind, catalogue))
    filled = [field for field in stated.fields if field]
    for field in dict.fromkeys(filled):
        if field not in allowed:
            problems[field] = _("This kind of list has no such field.")
        elif filled.count(field) > 1:
            named = [heading for heading, of in zip(look.headings, stated.fields, strict=True) if of == field]
            problems[field] = _("Several columns fill it: %(columns)s.", columns=", ".join(named))
    if not stated.provenance.get("issuing_body"):
        problems["issuing_body"] = _("Say whose list it is: every official fact names its source.")
    if stated.saved and not NAME.fullmatch(stated.saved):
        problems["save_as"] = _("Letters, digits, - and _ only, at most 60.")
    return problems


def view(stated: Stated, look: Look, sources: Map[str, Mapping], lang: str, catalogue: Catalogue) -> MappingView:
    """The form's view."""
    english = lang == "en"
    groups: dict[str, list[tuple[str, str]]] = {}
    for field in fields_of(stated.kind, catalogue):
        groups.setdefault(field.partition(".")[0], []).append((field, label(field, lang, catalogue)))
    return MappingView(
        look=look,
        kind=stated.kind,
        source=stated.source,
        sources=[(name, source.title or name) for name, source in sources.items()],
        kinds=[(kind, names[english]) for kind, names in KINDS.items()],
        groups=[(GROUPS[group][english], fields) for group, fields in groups.items()],
        columns=[
            ColumnView(
                place=place,
                heading=heading,
                cells=look.cells[place],
                field=stated.fields[place],
                criterion=stated.kind is SourceKind.ASSESSMENTS and criterion_code(heading, catalogue) is not None,
            )
            for place, heading in enumerate(look.headings)
        ],
        constants=_constants(stated, sources, lang, catalogue),
        provenance={name: stated.provenance.get(name, "") for name in PROVENANCE},
        saved=stated.saved,
    )


def _constants(
    stated: Stated, sources: Map[str, Mapping], lang: str, catalogue: Catalogue
) -> list[tuple[str, str, str, list[tuple[str, str]]]]:
    """Fields that may hold the same in every row: what the list needs and no column or source states."""
    base = sources.get(stated.source)
    by_source = {**base.constants, **base.defaults} if base else {}
    named = {
        "certificate.scheme": catalogue.schemes,
        "edition.sector": catalogue.sectors,
        "certificate.basis": {},
    }
    found = []
    optional = ("certificate.basis",) if stated.kind is SourceKind.CERTIFICATES else ()
    for field in (*NEEDED[stated.kind], *optional):
        if field in stated.fields or field in by_source or field == "ranking.position":
            continue
        options = [(code, item.name(lang)) for code, item in named.get(field, {}).items()]
        if field == "certificate.basis":
            options = [("third_party", _("third party")), ("second_party", _("second party")), ("self", _("self"))]
        found.append((field, label(field, lang, catalogue), stated.constants.get(field, ""), options))
    return found


def _provenance(source: Mapping | None) -> dict[str, str]:
    return _plain(source.provenance) if source else {}


def _plain(provenance: ProvenanceTable) -> dict[str, str]:
    """As the form shows it; "not stated" is nothing to show."""
    stated = {name: str(getattr(provenance, name) or "") for name in PROVENANCE}
    return stated | ({"issuing_body": ""} if "not stated" in stated["issuing_body"] else {})
