"""Values of changed fields in words: codes by the catalogue, lists in one line, sources by their document."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import msgspec
from flask_babel import gettext as _
from sqlalchemy import select

from portal.identity.people import names_of
from portal.ministry.log_words import action_labels, field_labels, take_down_reasons
from portal.models import Provenance
from portal.register.catalogue import Named
from portal.register.clock import CHINA
from portal.web.i18n import once_a_language
from portal.web.presenters.context import Context
from portal.web.presenters.labels import achievement_labels, basis_labels, role_labels, state_labels
from portal.web.presenters.reviews import kind_labels, stage_labels
from portal.web.presenters.reviews import state_labels as case_states

MOST = 400
"""Characters of a value."""


class Values:
    """Texts of the values of some entries' changes; reads the sources that they speak of, once."""

    def __init__(self, at: Context, changes: Iterable[Mapping[str, Any]]) -> None:
        self._at = at
        stated = list(changes)
        self._rows = _provenances(at, stated) | _people(at, stated)
        catalogue = at.catalogue
        self._codes: Mapping[str, Mapping[str, Named]] = {
            "sector": catalogue.sectors,
            "sectors": catalogue.sectors,
            "regions": catalogue.regions,
            "size": catalogue.sizes,
            "status": catalogue.statuses,
            "region": catalogue.regions,
            "industries": catalogue.industries,
            "processes": catalogue.processes,
            "tier": catalogue.tiers,
        }

    def text(self, name: str, value: Any) -> str:
        """The value of a field, in words."""
        said = self._said(name, value)
        return said if len(said) <= MOST else f"{said[:MOST]}…"

    def which(self, kind: str, key: str) -> str:
        """Which of a firm's certificates, assessments, tiers: its scheme or tier in words."""
        first, slash, rest = key.partition("/")
        if kind == "achievements":
            return f"{achievement_labels().get(first, first)} {rest}".strip()
        names: Mapping[str, Named] = {
            "certificates": self._at.catalogue.schemes,
            "recognitions": self._at.catalogue.tiers,
        }.get(kind, {})
        return f"{self._code(first, names)} {rest}".strip() if slash else key

    def _said(self, name: str, value: Any) -> str:
        if value in (None, "", [], {}):
            return "—"
        if isinstance(value, list):
            return "; ".join(self._said(name, one) for one in value)
        if isinstance(value, dict):
            return self._risks(value) if name == "risks" else self._mapping(name, value)
        return self._plain(name, value)

    def _plain(self, name: str, value: Any) -> str:
        if isinstance(value, bool):
            return str(_("yes") if value else _("no"))
        if name in {"owner", "provenance_id"}:
            return self._rows.get(value, "—")
        words = _words().get(f"{name}.{value}")
        if words is not None:
            return words
        if name == "level":
            levels = (level for scheme in self._at.catalogue.schemes.values() for level in scheme.levels)
            return next((level.name(self._at.lang) for level in levels if level.code == value), str(value))
        if name.endswith("_at") and isinstance(value, str):
            return f"{datetime.fromisoformat(value).astimezone(CHINA):%Y-%m-%d %H:%M}"
        return self._code(str(value), self._codes.get(name, {}))

    def _mapping(self, name: str, value: Mapping[str, Any]) -> str:
        if "result" in value:
            return self._plain("result", value["result"])
        if name == "results":
            return ", ".join(f"{self._plain('result', code)} {count}" for code, count in value.items())
        if name == "processes":
            return self._code(value.get("code", ""), self._codes["processes"])
        if name == "sites":
            parts = (self._code(value.get("region") or "", self._codes["region"]), value.get("name"))
            return " ".join(part for part in parts if part)
        if name == "former_names":
            return str(value.get("name", ""))
        return msgspec.json.encode(value).decode()

    def _risks(self, risks: Mapping[str, Mapping[str, Any]]) -> str:
        kinds = self._at.catalogue.risk_kinds
        told = (
            f"{self._code(kind, kinds)}: {_('yes') if risk['answer'] == 'yes' else _('no')}"
            f" ({risk['source']}, {risk['checked_on']})"
            for kind, risk in risks.items()
        )
        return "; ".join(told)

    def _code(self, code: str, names: Mapping[str, Named]) -> str:
        named = names.get(code)
        return named.name(self._at.lang) if named else code


def _sources(changes: Mapping[str, Any]) -> Iterable[int]:
    for name, change in changes.items():
        if isinstance(change, dict):
            yield from _sources(change)
        elif name == "provenance_id" and isinstance(change, list):
            yield from (identity for identity in change if isinstance(identity, int))


def _provenances(at: Context, changes: Iterable[Mapping[str, Any]]) -> dict[int | str, str]:
    """Documents by their ids."""
    ids = {identity for change in changes for identity in _sources(change)}
    found = at.session.scalars(select(Provenance).where(Provenance.id.in_(ids))) if ids else ()
    return {row.id: " ".join(filter(None, (row.issuing_body, row.document_number))) for row in found}


def _people(at: Context, changes: Iterable[Mapping[str, Any]]) -> dict[int | str, str]:
    """Those who took a case, by the log's words for them."""
    owners = {one for change in changes for one in change.get("owner") or () if one}
    found = names_of(at.session, (int(one.partition("/")[2]) for one in owners))
    return {f"user/{identifier}": name for identifier, name in found.items()}


@once_a_language
def _words() -> Mapping[str, str]:
    """Words by field and value, as in state.valid."""
    return {
        **{f"state.{code}": label for code, label in state_labels().items()},
        **{f"undone.{code}": label for code, label in action_labels().items()},
        **{f"role.{code}": label for code, label in role_labels().items()},
        **{f"profile_hidden_reason.{code}": label for code, label in take_down_reasons().items()},
        **{f"basis.{code}": label for code, label in basis_labels().items()},
        "result.met": _("met"),
        "result.not_met": _("not met"),
        "result.not_applicable": _("not applicable"),
        "state.pending": _("waits for approval"),
        "state.approved": _("approved"),
        "state.disabled": _("disabled"),
        **{f"state.{code}": label for code, label in case_states().items()},
        **{f"stage.{code}": label for code, label in stage_labels().items()},
        **{f"case.{code}": label for code, label in kind_labels().items()},
        **{f"field.{code}": label for code, label in field_labels().items()},
    }
