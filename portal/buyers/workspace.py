"""GET /workspace, where a buyer begins, and /workspace/expiring: all certificates of their firms that end soon."""

from __future__ import annotations

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal.buyers.blueprint import blueprint
from portal.buyers.workspace_page import expiring_page, workspace_page
from portal.web.numbers import asked_page
from portal.web.permissions import Permission, needs
from portal.web.presenters.context import context
from portal.web.templating import render_template
from portal.web.who import buyer
from portal.web.writing import writing
from portal.workspace import recent


@blueprint.get("/workspace")
@needs(Permission.SOURCE)
def workspace() -> str:
    """`buyers/workspace.html` with `page`: Workspace."""
    return render_template("buyers/workspace.html", page=workspace_page(buyer(), context()))


@blueprint.get("/workspace/expiring")
@needs(Permission.SOURCE)
def workspace_expiring() -> str:
    """`buyers/workspace_expiring.html` with `screen`: ExpiringPage; `?page=`."""
    page = asked_page()
    return render_template("buyers/workspace_expiring.html", screen=expiring_page(buyer(), page, context()))


@blueprint.post("/workspace/recent/clear")
@needs(Permission.SOURCE)
def clear_recent() -> ResponseReturnValue:
    """Forget one's recent searches."""
    with writing() as session:
        recent.clear(session, buyer().id)
    flash(_("Your recent searches were forgotten."))
    return redirect(url_for("buyers.workspace"))
