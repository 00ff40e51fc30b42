"""GET /ministry/suppliers/…: a firm as staff see it, with what may be done and what was done."""

from __future__ import annotations

from dataclasses import dataclass

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from portal.ministry.acts import ACTS, Act
from portal.ministry.blueprint import blueprint
from portal.ministry.log_page import EntryView, entry_views
from portal.ministry.merging import merges_of
from portal.ministry.within import supplier_named
from portal.models import Certificate, Supplier
from portal.register.auditing.reading import Filter, Place, entries
from portal.web.permissions import Permission, needs
from portal.web.presenters.context import Context, context
from portal.web.presenters.supplier import certificate_view, in_order, sheet
from portal.web.templating import render_template
from portal.web.tree import CertificateView
from portal.web.users import signed_in

LOG = 20
"""Entries of the firm's log on its page."""


@dataclass(frozen=True, slots=True)
class Held:
    """A certificate, and the address of the form that changes its state; "" for who may not."""

    view: CertificateView
    url: str


@blueprint.get("/suppliers/<scheme>/<path:number>")
@needs(Permission.READ_REGISTER)
def supplier(scheme: str, number: str) -> str:
    """`ministry/supplier.html`: `row`, `sheet`: SupplierSheet, `held`, `acts`: (title, address), `entries`, `older`;
    `into`: the firm it was merged into, `came`: those that were merged into it.
    """
    at = context()
    row = supplier_named(at.session, scheme, number)
    may = signed_in().permissions
    log, older = _log(row, at) if may & {Permission.CARE, Permission.READ_LOG} else ((), "")
    into, came = merges_of(row, at)
    return render_template(
        "ministry/supplier.html",
        row=row,
        sheet=sheet(row, at),
        held=_held(row, at, may=Permission.CARE in may),
        acts=_acts(row) if Permission.CARE in may else [],
        into=into,
        came=came,
        entries=log,
        older=older if Permission.READ_LOG in may else "",
    )


def act_url(act: Act, row: Supplier) -> str:
    """The address of a form of the firm."""
    return url_for("ministry.act", identifier=row.id, act=act.code)


def _acts(row: Supplier) -> list[tuple[str, str]]:
    """Titles and addresses of what may be done with the firm."""
    found = [(act.title(), act_url(act, row)) for act in ACTS.values() if act.possible(row)]
    if row.withdrawn_at is None:
        found.append((_("Merge with another entry"), url_for("ministry.merge", identifier=row.id)))
    return found


def _held(row: Supplier, at: Context, *, may: bool) -> list[Held]:
    wanted = select(Certificate).where(Certificate.supplier_id == row.id).options(joinedload(Certificate.provenance))
    return [
        Held(certificate_view(one, at), url_for("ministry.certificate", identifier=one.id) if may else "")
        for one in in_order(at.session.scalars(wanted).all(), at)
    ]


def _log(row: Supplier, at: Context) -> tuple[tuple[EntryView, ...], str]:
    rows = entries(at.session, Filter(subjects=(row.key,)), LOG + 1)
    older = ""
    if len(rows) > LOG:
        last = rows[LOG - 1]
        older = url_for("ministry.log", about=row.key, after=str(Place(last.at, last.id)))
    return entry_views(rows[:LOG], at), older
