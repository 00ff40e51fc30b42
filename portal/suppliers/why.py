"""GET /firm/why: why the firm does (not) appear in a search, and what would change it."""

from __future__ import annotations

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from portal.extensions import db
from portal.services import services
from portal.suppliers.blueprint import blueprint
from portal.suppliers.firm import own_firm
from portal.suppliers.why_form import FIELDS, asked, options
from portal.suppliers.why_page import ahead, common_searches, firm_facts, verdict
from portal.web.addresses import address
from portal.web.permissions import Permission, needs
from portal.web.presenters.context import context
from portal.web.templating import render_template
from search.matching import Collection


@blueprint.get("/why")
@needs(Permission.KEEP_PROFILE)
def why() -> ResponseReturnValue:
    """`suppliers/why.html`; the parameters are the lookup's. `?address=…`: those of a pasted address (302 to them).

    With `firm`, `verdict`: Verdict or None where nothing was asked, `common`: tuple[Common], `ahead`: tuple[Advice],
    `form`: Asked, `hidden` and `options`. Without `common` the firm is withdrawn. What cannot be asked: 400.
    """
    row, at = own_firm(db.session()), context()
    form = asked(request.args, at)
    if form.pasted and form.search is not None and not form.notices:
        return redirect(address(form.search, url_for("suppliers.why")))
    firm = firm_facts(row, at)
    among = Collection(at.vocabulary, [firm.document] if firm else [])
    judged = verdict(form.search, firm, among, at, services().engine) if firm and form.search else None
    hidden = [(name, value) for name, value in form.values.items() if value and name not in (*FIELDS, "address")]
    page = render_template(
        "suppliers/why.html",
        firm=row,
        verdict=judged,
        common=common_searches(firm, among, at) if firm else None,
        ahead=ahead(firm, at) if firm else (),
        form=form,
        hidden=hidden,
        options={name: options(name, form.values[name], at) for name in ("region", "level_min")},
    )
    return page, 400 if form.errors else 200
