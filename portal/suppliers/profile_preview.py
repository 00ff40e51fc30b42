"""GET /firm/profile/preview: the page and the card exactly as buyers see them, over the draft."""

from __future__ import annotations

from flask import request
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from portal.company.profile import profile_of, writing_of
from portal.extensions import db
from portal.models import Supplier
from portal.profiles.visible import Audience, Own, seen_by
from portal.services import services
from portal.suppliers.blueprint import blueprint
from portal.suppliers.firm import own_firm
from portal.web.charts import rank_chart
from portal.web.permissions import Permission, needs
from portal.web.presenters import supplier
from portal.web.presenters.cards import Asked, cards
from portal.web.presenters.context import context
from portal.web.templating import render_template


@blueprint.get("/profile/preview")
@needs(Permission.KEEP_PROFILE)
def profile_preview() -> ResponseReturnValue:
    """`suppliers/profile_preview.html`: that of `lookup.sheet`, with `card` and the `audience` that looks.

    `?as=buyers`: as signed-in buyers see it. Cards are the same for everyone: only what is public stands on them.
    """
    session, at = db.session(), context()
    mine = select(Supplier).where(Supplier.id == own_firm(session).id).options(joinedload(Supplier.provenance))
    firm = session.scalars(mine).one()
    content = writing_of(session, firm, profile_of(session, firm.id))
    audience = Audience.BUYERS if request.args.get("as") == Audience.BUYERS else Audience.PUBLIC
    public = Own(seen_by(content, Audience.PUBLIC))
    shown = supplier.sheet_with(firm, Own(seen_by(content, audience)), at)
    card = next(iter(cards([firm.key], at, Asked(), {firm.id: public})), None)
    return render_template(
        "suppliers/profile_preview.html",
        sheet=shown,
        card=card,
        audience=audience.value,
        similar=supplier.similar(firm, at, services().engine),
        chart=rank_chart(shown.rankings),
        marks=None,
        own=False,
    )
