"""Forms of staff, and fields that they share."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext
from wtforms import SelectField, StringField, ValidationError
from wtforms.widgets import DateInput

from portal.web.forms import Form, at_most, clean


class DayField(StringField):
    """A calendar day; `day` is None where nothing, or nothing sensible, was given."""

    widget = DateInput()
    day: date | None = None

    def process_formdata(self, valuelist: list[str]) -> None:
        """Take what was sent."""
        self.data: str = clean(valuelist[0]) if valuelist else ""
        self.day = _day(self.data)

    def pre_validate(self, _form: Any) -> None:
        """Refuse what is no day."""
        if self.data and self.day is None:
            raise ValidationError(_("Enter a day such as 2026-03-31."))


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


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
