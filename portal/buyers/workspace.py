"""GET /workspace, where a buyer begins, and /workspace/expiring: all certificates of their firms that end soon."""

from __future__ import annotations

from flask import request

from portal.buyers.blueprint import blueprint
from portal.buyers.workspace_page import expiring_page, workspace_page
from portal.web.permissions import Permission, needs
from portal.web.presenters.context import context
from portal.web.templating import render_template
from portal.web.who import buyer


@blueprint.get("/workspace")
@needs(Permission.SOURCE)
def workspace() -> str:
    """`buyers/workspace.html` with `page`: Workspace."""
    return render_template("buyers/workspace.html", page=workspace_page(buyer(), context()))


@blueprint.get("/workspace/expiring")
@needs(Permission.SOURCE)
def workspace_expiring() -> str:
    """`buyers/workspace_expiring.html` with `screen`: ExpiringPage; `?page=`."""
    text = request.args.get("page", "")
    page = max(1, int(text)) if text.isascii() and text.isdigit() and len(text) < 6 else 1
    return render_template("buyers/workspace_expiring.html", screen=expiring_page(buyer(), page, context()))
