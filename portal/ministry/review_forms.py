"""Forms of the review queue and of one case."""

from __future__ import annotations

from flask_babel import lazy_gettext
from wtforms import SelectField, TextAreaField

from portal.ministry.forms import AskForm
from portal.reviews.cases import LONGEST
from portal.web.forms import SeenForm, at_most


class QueueForm(AskForm):
    """GET /ministry/reviews: which cases."""

    kind = SelectField(lazy_gettext("Kind"), validate_choice=False)
    state = SelectField(lazy_gettext("State"), validate_choice=False)
    stage = SelectField(lazy_gettext("Stage"), validate_choice=False)
    owner = SelectField(lazy_gettext("Taken by"), validate_choice=False)
    region = SelectField(lazy_gettext("Region"), validate_choice=False)
    sector = SelectField(lazy_gettext("Sector"), validate_choice=False)


class DecisionForm(SeenForm):
    """What is decided, and why. The decision is the button."""

    comment = TextAreaField(lazy_gettext("Comment for the firm"), [at_most(LONGEST)])
