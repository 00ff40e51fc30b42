"""/ministry/reviews/<id>…: one case, and what staff do to it. The second of two is told what the first did."""

from __future__ import annotations

from collections.abc import Callable

from flask import Response, flash, redirect, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.exceptions import Forbidden, NotFound

from portal.extensions import db
from portal.ministry.blueprint import blueprint
from portal.ministry.review_forms import DecisionForm
from portal.ministry.review_view import case_view
from portal.ministry.reviews import queue
from portal.ministry.within import supplier_of
from portal.models import Proof, ReviewCase, Supplier
from portal.reviews import cases
from portal.reviews.cases import Decision, Desk, NotYours, Stale
from portal.reviews.kinds import Refused
from portal.web.forms import SeenForm
from portal.web.i18n import language
from portal.web.permissions import Permission, needs
from portal.web.presenters.context import Context, context
from portal.web.proofs import store
from portal.web.reviewing import desk
from portal.web.templating import render_template
from portal.web.users import signed_in
from portal.web.writing import writing

INVALID, CONFLICT = 422, 409
SANDBOX = "sandbox"
"""The policy of a file: should a browser show it after all, it runs nothing and is nobody's page."""


def case_of(session: Session, identifier: int) -> tuple[ReviewCase, Supplier]:
    """A case with its firm. Raises NotFound, and Forbidden for one outside the territory."""
    case = session.get(ReviewCase, identifier)
    if case is None:
        raise NotFound
    return case, supplier_of(session, case.supplier_id)


@blueprint.get("/reviews/<int:identifier>")
@needs(Permission.REVIEW)
def review(identifier: int) -> ResponseReturnValue:
    """`ministry/review.html`: see `_page`."""
    at = context()
    return _page(at, identifier, DecisionForm(formdata=None))


@blueprint.post("/reviews/<int:identifier>/<any(approve, return, refuse):decision>")
@needs(Permission.REVIEW)
def decide_review(identifier: int, decision: str) -> ResponseReturnValue:
    """Decide; then on to the next case. Where someone was quicker: 409, what they did, and the comment kept."""
    at, form = context(), DecisionForm()
    case_of(at.session, identifier)
    if not form.validate():
        return _page(at, identifier, form), INVALID

    said = form.comment.data or ""
    refused = _do(lambda at_desk: cases.decide(at_desk, identifier, form.seen, Decision(decision), said))
    if isinstance(refused, Stale):
        return _page(at, identifier, form, newer=True), CONFLICT
    if refused is not None:
        return _page(at, identifier, form, refused=refused.said(language())), INVALID
    case, _firm = case_of(at.session, identifier)
    flash(_done(case))
    following = queue(at).following(signed_in().id, case.kind)
    if following is None:
        flash(_("Nothing else waits for you."))
        return redirect(url_for("ministry.reviews"))
    return redirect(url_for("ministry.review", identifier=following))


def _done(case: ReviewCase) -> str:
    words: dict[str, str] = {
        "open": _("No. %(id)s was passed on to its next stage.", id=case.id),
        "approved": _("No. %(id)s was approved.", id=case.id),
        "returned": _("No. %(id)s was returned with your comment.", id=case.id),
        "refused": _("No. %(id)s was refused.", id=case.id),
    }
    return words[case.state]


@blueprint.post("/reviews/<int:identifier>/<any(take, release):deed>")
@needs(Permission.REVIEW)
def take_review(identifier: int, deed: str) -> ResponseReturnValue:
    """Take a case, from whoever had it, or let go of it."""
    at, form = context(), SeenForm()
    case_of(at.session, identifier)
    do = cases.take if deed == "take" else cases.release
    refused = _do(lambda at_desk: do(at_desk, identifier, form.seen))
    if isinstance(refused, Stale):
        return _page(at, identifier, DecisionForm(formdata=None), newer=True), CONFLICT
    if refused is not None:
        return _page(at, identifier, DecisionForm(formdata=None), refused=refused.said(language())), INVALID
    flash(_("The case is yours.") if deed == "take" else _("The case is free again."))
    return redirect(url_for("ministry.review", identifier=identifier))


@blueprint.get("/reviews/<int:identifier>/files/<int:entry>")
@needs(Permission.REVIEW)
def review_file(identifier: int, entry: int) -> Response:
    """A file of a case, as a download."""
    session = db.session()
    case, _firm = case_of(session, identifier)
    proof = session.get(Proof, entry)
    if proof is None or proof.case_id != case.id or not store().path_of(proof.sha256).is_file():
        raise NotFound
    path = store().path_of(proof.sha256)
    answer = send_file(path, mimetype=proof.type, as_attachment=True, download_name=proof.name, max_age=0)
    answer.headers["Content-Security-Policy"] = SANDBOX
    return answer


def _do(deed: Callable[[Desk], ReviewCase]) -> Stale | Refused | None:
    """Do it in a transaction of its own; what kept it from being done. Raises Forbidden where it is another's."""
    try:
        with writing() as session:
            deed(desk(session))
    except (Stale, Refused) as refused:
        return refused
    except NotYours:
        raise Forbidden(_("This case is decided at another stage, or elsewhere.")) from None
    finally:
        db.session.rollback()  # what this request read before is not what is there now
    return None


def _page(at: Context, identifier: int, form: DecisionForm, *, newer: bool = False, refused: str = "") -> str:
    """`ministry/review.html`: `view`: CaseView, `form` on the present version, `newer`: its last step, `refused`."""
    case, firm = case_of(at.session, identifier)
    view = case_view(case, firm, at)
    form.version.data = str(case.version)
    last = view.steps[-1] if newer else None
    return render_template("ministry/review.html", view=view, form=form, newer=last, refused=refused)
