"""JSON Schema of every parameter, made from the table that pages and API share and from the catalogue's codes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from portal.indexing.documents import FLAGS
from portal.models import Edition
from portal.register.catalogue import Catalogue
from portal.web.grammar import MAX_WEIGHT, TABLE, Kind, Parameter
from search.contract import MAX_HITS

Schema = dict[str, Any]

_LEAP = "(?:19|20|21)(?:0[48]|[2468][048]|[13579][26])"
DAY = (
    r"^(?:(?:19|20|21)[0-9]{2}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])"
    r"|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)|02-(?:0[1-9]|1[0-9]|2[0-8]))"
    rf"|(?:{_LEAP}|2000)-02-29)$"
)
"""Every day of 1900 to 2199 and no other text; 1900 and 2100 were and are no leap years."""

KEY = r"^[^,/\s\x00-\x1f\x7f-\xa0]{1,20}/[^,/\s\x00-\x1f\x7f-\xa0]{1,64}$"
"""A supplier's id: registration scheme and number."""

CODE_LISTS: Mapping[str, str] = {
    "sectors": "SectorCode",
    "industries": "IndustryCode",
    "processes": "ProcessCode",
    "tiers": "TierCode",
    "sizes": "SizeCode",
    "statuses": "StatusCode",
    "criteria": "CriterionCode",
    "regions": "RegionCode",
    "flags": "Flag",
    "editions": "EditionCode",
}
"""Component names of the catalogue's code lists, by `Parameter.of`."""


COMPONENTS = {"level": "SchemeOrLevel", "level_min": "Level", "nice": "Weighted", "grade": "Grade"}
"""Component names of parameters whose values are no plain codes."""

PATTERNS: Mapping[Kind, Schema] = {
    Kind.DATE: {"pattern": DAY},
    Kind.MODE: {"pattern": "^(?:all|any|[1-9][0-9]{0,2}(?:-[1-9][0-9]{0,2})?)$", "default": "all"},
}


def code_components(catalogue: Catalogue, editions: Mapping[str, Edition]) -> dict[str, Schema]:
    """The components with all codes that there are. An `EditionCode` only if editions are published."""
    others = {"flags": FLAGS, "editions": editions}
    lists: dict[str, Iterable[str]] = {
        name: others[of] if of in others else getattr(catalogue, of) for of, name in CODE_LISTS.items()
    }
    levels = [f"{s.code}:{level.code}" for s in catalogue.schemes.values() for level in s.levels]
    lists["Level"] = levels
    lists["SchemeOrLevel"] = [*catalogue.schemes, *levels]
    components: dict[str, Schema] = {
        name: {"type": "string", "enum": codes} for name, values in lists.items() if (codes := sorted(values))
    }
    components["Grade"] = _grade(catalogue, editions)
    components["Weighted"] = {
        "type": "string",
        "pattern": f"^(?:{'|'.join(sorted(catalogue.criteria))})(?::(?:[1-9][0-9]?|{MAX_WEIGHT}))?$",
    }
    return components


def _grade(catalogue: Catalogue, editions: Mapping[str, Edition]) -> Schema:
    if any(edition.official for edition in editions.values()):
        return {"type": "string", "pattern": "^[A-Za-z0-9+\\-]{1,10}$"}
    grades = dict.fromkeys(grade for method in catalogue.methods.values() for grade, _share in method.grades)
    return {"type": "string", "enum": list(grades)}


def api_parameters() -> tuple[Parameter, ...]:
    """Those of the shared table that the API takes."""
    return tuple(parameter for parameter in TABLE if not parameter.page_only)


def described(parameter: Parameter) -> Schema:
    """A parameter as OpenAPI describes it. Lists may come as repeated parameters or as one comma list."""
    schema = _value(parameter)
    if parameter.repeat:
        schema = {"type": "array", "items": schema}
    made: Schema = {
        "name": parameter.name,
        "in": "query",
        "required": False,
        "description": parameter.description + (" May repeat or hold a comma list." if parameter.repeat else ""),
        "schema": schema,
    }
    if parameter.repeat:
        made |= {"style": "form", "explode": True}
    if parameter.example and parameter.type is not Kind.MODE:  # an example of "at least 2" contradicts one criterion
        made["example"] = [parameter.example] if parameter.repeat else _typed(parameter)
    return made


def _typed(parameter: Parameter) -> str | int:
    return int(parameter.example) if parameter.type is Kind.INTEGER else parameter.example


def _value(parameter: Parameter) -> Schema:
    if parameter.type is Kind.CODE:
        return _component(CODE_LISTS[parameter.of])
    if parameter.name in COMPONENTS:
        return _component(COMPONENTS[parameter.name])
    if parameter.type is Kind.INTEGER:
        return _integer(parameter)
    if parameter.type is Kind.CHOICE:
        return {"type": "string", "enum": list(parameter.values)}
    return {"type": "string"} | PATTERNS.get(parameter.type, {})


def _integer(parameter: Parameter) -> Schema:
    schema: Schema = {"type": "integer", "minimum": parameter.minimum, "maximum": parameter.maximum or MAX_HITS}
    if parameter.default:
        schema["default"] = int(parameter.default)
    return schema


def _component(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}
