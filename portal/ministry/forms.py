"""Forms of staff, and fields that they share."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_gettext
from wtforms import SelectField, StringField, ValidationError

from portal.web.days import DayField
from portal.web.forms import Form, at_most


class AskForm(Form):
    """A form that is sent by GET, and changes nothing."""

    class Meta(Form.Meta):
        """It needs no token."""

        csrf = False


class LogForm(AskForm):
    """GET /ministry/log."""

    about = StringField(lazy_gettext("Firm, organisation or person"), [at_most(120)])
    who = StringField(lazy_gettext("Done by"), [at_most(120)])
    action = SelectField(lazy_gettext("What was done"))
    first = DayField(lazy_gettext("From the day"))
    last = DayField(lazy_gettext("To the day"))

    def validate_last(self, field: DayField) -> None:
        """Not before the first."""
        if self.first.day and field.day and field.day < self.first.day:
            raise ValidationError(_("This day is before the first one."))
