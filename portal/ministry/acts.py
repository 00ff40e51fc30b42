"""What staff may do with a firm: a table of acts, each with its form, when it is possible, and what it has written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from wtforms.fields.choices import SelectChoice

from portal.ministry.act_forms import NameForm, ReasonForm, RiskForm, StatusForm
from portal.models import Supplier
from portal.register.facts import RiskFact
from portal.register.writer import Outcome, Writer
from portal.web.presenters.context import Context


@dataclass(frozen=True, slots=True)
class Act:
    """An act: `form`, which `offer` fills with choices and what is there now; `write` does it by a form that holds."""

    code: str
    title: Callable[[], str]
    button: Callable[[], str]
    done: Callable[[], str]
    form: type[ReasonForm]
    possible: Callable[[Supplier], bool]
    offer: Callable[[Any, Supplier, Context, bool], None]
    write: Callable[[Writer, str, Any], Outcome]


def _listed(row: Supplier) -> bool:
    return row.withdrawn_at is None


def _withdrawn(row: Supplier) -> bool:
    return row.withdrawn_at is not None and row.merged_into_id is None


def _nothing(_form: Any, _row: Supplier, _at: Context, _fresh: bool) -> None:
    pass


def _offer_names(form: NameForm, row: Supplier, _at: Context, fresh: bool) -> None:
    if fresh:
        form.name_zh.data, form.name_en.data = row.name_zh, row.name_en


def _offer_status(form: StatusForm, row: Supplier, at: Context, fresh: bool) -> None:
    form.status.choices = [SelectChoice(code, named.name(at.lang)) for code, named in at.catalogue.statuses.items()]
    if fresh:
        form.status.data = row.status


def _offer_risk(form: RiskForm, _row: Supplier, at: Context, _fresh: bool) -> None:
    form.kind.choices = [SelectChoice(code, named.name(at.lang)) for code, named in at.catalogue.risk_kinds.items()]
    form.answer.choices = [
        SelectChoice("yes", _("yes")),
        SelectChoice("no", _("no")),
        SelectChoice("not_checked", _("not checked")),
    ]


def _write_names(writer: Writer, key: str, form: NameForm) -> Outcome:
    assert form.on.day is not None, "the form holds"  # noqa: S101
    zh, en = form.name_zh.data or "", form.name_en.data or ""
    return writer.rename(key, zh, en, reason=form.reason.data or "", on=form.on.day)


def _write_status(writer: Writer, key: str, form: StatusForm) -> Outcome:
    assert form.on.day is not None, "the form holds"  # noqa: S101
    return writer.set_status(key, form.status.data, reason=form.reason.data or "", on=form.on.day)


def _write_risk(writer: Writer, key: str, form: RiskForm) -> Outcome:
    fact = None
    if form.answer.data != "not_checked":
        assert form.on.day is not None, "the form holds"  # noqa: S101
        fact = RiskFact(answer=form.answer.data == "yes", source=form.source.data or "", checked_on=form.on.day)
    return writer.set_risk(key, form.kind.data, fact, reason=form.reason.data or "")


_ALL = (
    Act(
        "rename",
        lambda: _("Rename"),
        lambda: _("Save the names"),
        lambda: _("The firm was renamed; its former name still finds it."),
        NameForm,
        _listed,
        _offer_names,
        _write_names,
    ),
    Act(
        "status",
        lambda: _("Registration status"),
        lambda: _("Save the status"),
        lambda: _("The registration status was noted."),
        StatusForm,
        _listed,
        _offer_status,
        _write_status,
    ),
    Act(
        "risk",
        lambda: _("Risk"),
        lambda: _("Save the risk"),
        lambda: _("The risk was noted."),
        RiskForm,
        _listed,
        _offer_risk,
        _write_risk,
    ),
    Act(
        "withdraw",
        lambda: _("Withdraw from the register"),
        lambda: _("Withdraw"),
        lambda: _("The firm was withdrawn: its page tells the reason, and no search finds it."),
        ReasonForm,
        _listed,
        _nothing,
        lambda writer, key, form: writer.withdraw(key, form.reason.data),
    ),
    Act(
        "restore",
        lambda: _("Restore to the register"),
        lambda: _("Restore"),
        lambda: _("The firm is in the register again."),
        ReasonForm,
        _withdrawn,
        _nothing,
        lambda writer, key, form: writer.restore(key, form.reason.data),
    ),
)
ACTS: Mapping[str, Act] = {act.code: act for act in _ALL}
