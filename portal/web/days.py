"""A field for a calendar day."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask_babel import gettext as _
from wtforms import StringField, ValidationError
from wtforms.widgets import DateInput

from portal.web.forms import clean


class DayField(StringField):
    """A calendar day; `day` is None where nothing, or nothing sensible, was given."""

    widget = DateInput()
    day: date | None = None

    def process_formdata(self, valuelist: list[str]) -> None:
        """Take what was sent."""
        self.data: str = clean(valuelist[0]) if valuelist else ""
        self.day = day_of(self.data)

    def pre_validate(self, _form: Any) -> None:
        """Refuse what is no day."""
        if self.data and self.day is None:
            raise ValidationError(_("Enter a day such as 2026-03-31."))


def day_of(text: str) -> date | None:
    """The day that an ISO date names; None for anything else."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
