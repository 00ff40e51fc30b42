"""GET /firm/badge: the firm's badges, to look at, to take away, and to put on its website."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from flask import url_for
from markupsafe import Markup

from portal.extensions import db
from portal.models import Supplier
from portal.services import services
from portal.suppliers.blueprint import blueprint
from portal.suppliers.firm import own_firm
from portal.web.i18n import LANGUAGES, Lang, speaking
from portal.web.permissions import Permission, needs
from portal.web.presenters.badge import Badge, badge, certificates
from portal.web.presenters.cards import supplier_url
from portal.web.presenters.context import Context, context
from portal.web.presenters.validity import levels_held
from portal.web.templating import render_template


@dataclass(frozen=True, slots=True)
class Offered:
    """A badge in a language: its address here, what it says, and the HTML to put on a page."""

    lang: Lang
    of: str
    url: str
    badge: Badge
    snippet: str


@blueprint.get("/badge")
@needs(Permission.KEEP_PROFILE)
def badge_page() -> str:
    """`suppliers/badge.html` with `firm` and `badges`: one a scheme held and language, or the one that says none is."""
    row, at = own_firm(db.session()), context()
    schemes = [level.scheme for level in levels_held(certificates(row, at), at.catalogue, at.lang, at.today)] or [""]
    offered = [_offered(row, scheme, lang) for scheme in schemes for lang in LANGUAGES]
    return render_template("suppliers/badge.html", firm=row, badges=offered, shown_url=supplier_url(row.key))


def _offered(row: Supplier, scheme: str, lang: Lang) -> Offered:
    asked = urlencode({"lang": lang} | ({"of": scheme} if scheme else {}))
    url = f"{url_for('lookup.badge_picture', scheme=row.scheme, number=row.number)}?{asked}"
    origin = services().settings.public_url
    record = origin + supplier_url(row.key)
    with speaking(lang):
        at: Context = context()
        made = badge(row, scheme, record, at)
    said = f"{made.whole_name} · {made.label}" if made.valid else made.whole_name
    snippet = Markup('<a href="{}"><img src="{}" alt="{}" width="400" height="120"></a>').format(
        record, origin + url, said
    )
    return Offered(lang, scheme, url, made, str(snippet))
