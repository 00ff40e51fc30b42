"""GET /firm/data: what is held about the firm and its people, as one JSON file. As it names people: administrators."""

from __future__ import annotations

from collections.abc import Iterator

from flask import Response
from sqlalchemy.orm import sessionmaker

from portal.company.own_data import FIRM, Firm, as_json
from portal.extensions import db
from portal.indexing.sessions import snapshot
from portal.suppliers.blueprint import blueprint
from portal.suppliers.firm import own_firm
from portal.web.permissions import Permission, needs
from portal.web.templating import render_template
from portal.web.users import signed_in


@blueprint.get("/data")
@needs(Permission.SPEAK_FOR_FIRM)
def own_data() -> str:
    """`suppliers/own_data.html` with `firm`."""
    return render_template("suppliers/own_data.html", firm=own_firm(db.session()))


@blueprint.get("/data.json")
@needs(Permission.SPEAK_FOR_FIRM)
def own_data_file() -> Response:
    """The file, streamed."""
    firm = own_firm(db.session())
    of, sessions = Firm(firm.id, signed_in().organisation_id, firm.key), sessionmaker(db.engine)

    def pieces() -> Iterator[bytes]:
        with snapshot(sessions) as session:
            yield from as_json(session, FIRM, of)

    answer = Response(pieces(), content_type="application/json")
    answer.headers["Content-Disposition"] = f'attachment; filename="xunyuan-firm-{firm.number}.json"'
    answer.headers["Cache-Control"] = "no-store"
    return answer
