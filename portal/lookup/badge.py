"""GET /badge/<scheme>/<number>.svg: what a firm is certified for now, as a picture for its own website."""

from __future__ import annotations

from flask import Response, abort, request
from sqlalchemy import select

from portal.lookup.views import blueprint
from portal.models import Supplier
from portal.register.loading import by_keys
from portal.services import services
from portal.web.i18n import known, speaking
from portal.web.permissions import Access, needs
from portal.web.presenters.badge import badge
from portal.web.presenters.cards import supplier_url
from portal.web.presenters.context import context
from portal.web.templating import render_template


@blueprint.get("/badge/<scheme>/<path:number>.svg")
@needs(Access.LOOKUP)
def badge_picture(scheme: str, number: str) -> Response:
    """`lookup/badge_svg.html` with `badge`; `?of=<scheme of certification>` (default: the first held), `?lang=` (zh).

    Always a picture: a firm without a valid certificate, a withdrawn or unknown one has a badge that says so, so that
    no website shows a broken image, or an old one, in its place. By its address alone it is the same for everyone.
    """
    of = request.args.get("of", "")
    if of and of not in services().catalogue.schemes:
        abort(404)
    with speaking(known(request.args.get("lang")) or "zh"):
        at = context()
        found = select(Supplier).where(by_keys([f"{scheme.upper()}/{number}"]))
        row = at.session.scalars(found).one_or_none()
        if row is not None and row.merged_into_id is not None:  # its website still shows the old address
            row = at.session.get(Supplier, row.merged_into_id)
        key = row.key if row else f"{scheme.upper()}/{number}"[:100]
        shown = badge(row, of, services().settings.public_url + supplier_url(key), at)
        drawn = render_template("lookup/badge_svg.html", badge=shown)
    answer = Response(drawn, content_type="image/svg+xml; charset=utf-8")
    answer.cache_control.public = True
    answer.cache_control.no_cache = True  # kept, and asked for anew each time: what is revoked shows at once
    answer.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    answer.add_etag()
    answer.make_conditional(request)
    return answer
