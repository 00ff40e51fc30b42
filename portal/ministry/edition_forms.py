"""The forms of ranking lists."""

from __future__ import annotations

import re
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext
from wtforms import StringField, TextAreaField, ValidationError
from wtforms.fields.choices import SelectChoice

from portal.care.objections import MOST
from portal.models import Verdict
from portal.register.clock import today_china
from portal.register.edition_life import REASON_LENGTH
from portal.web.choices import Radio, Select
from portal.web.forms import REQUIRED, DayField, Form, at_most
from portal.web.presenters.context import Context

PERIOD = re.compile(r"[0-9A-Za-z][0-9A-Za-z.-]{0,11}")


class DraftForm(Form):
    """Have a draft computed."""

    sector = Select(lazy_gettext("Sector"))
    period = StringField(lazy_gettext("Period"), [REQUIRED])
    method = Select(lazy_gettext("Method"))
    as_of = DayField(lazy_gettext("Assessments up to the day"), [REQUIRED])

    def offer(self, at: Context) -> None:
        """The choices, and what is usual."""
        self.sector.choices = [SelectChoice(code, one.name(at.lang)) for code, one in at.catalogue.sectors.items()]
        methods = at.catalogue.methods.items()
        self.method.choices = [SelectChoice(code, f"{one.name(at.lang)} {one.version}") for code, one in methods]
        if not self.is_submitted():
            self.period.data, self.as_of.data = str(at.today.year), at.today.isoformat()

    def validate_period(self, field: StringField) -> None:
        """It stands in the address."""
        if field.data and not PERIOD.fullmatch(field.data):
            raise ValidationError(_("At most 12 letters, digits, points and hyphens, such as 2026 or 2026-H1."))

    def validate_as_of(self, field: DayField) -> None:
        """The future is not known."""
        if field.day is not None and field.day > today_china():
            raise ValidationError(_("This day is still to come."))


class TakeBackForm(Form):
    """Why a list is taken back."""

    reason = StringField(lazy_gettext("Reason"), [REQUIRED, at_most(REASON_LENGTH)])


class AnswerForm(Form):
    """What staff say to an objection."""

    verdict = Radio(lazy_gettext("Decision"))
    answer = TextAreaField(lazy_gettext("Answer"), [REQUIRED, at_most(MOST)])

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.verdict.choices = [
            SelectChoice(Verdict.NOT_UPHELD.value, _("Not upheld: the list stays as it is")),
            SelectChoice(Verdict.UPHELD.value, _("Upheld: the list has to be corrected")),
        ]
