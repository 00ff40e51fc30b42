"""What every form stands on. What a field refuses stands at the field, in the reader's language."""

from __future__ import annotations

import unicodedata
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from wtforms import HiddenField, StringField, TextAreaField, URLField, ValidationError
from wtforms.fields.core import UnboundField
from wtforms.validators import DataRequired, Length
from wtforms.widgets import DateInput

from portal.web.numbers import whole

REQUIRED = DataRequired(lazy_gettext("This field is required."))


def at_most(characters: int) -> Length:
    """Refuse longer texts."""
    return Length(max=characters, message=lazy_gettext("At most %(max)d characters."))


def clean(text: str | None) -> str:
    """One line without control characters and needless spaces."""
    kept = "".join(" " if unicodedata.category(character).startswith("C") else character for character in text or "")
    return " ".join(kept.split())


def clean_text(text: str | None) -> str:
    """Several lines without control characters and needless space."""
    lines = unicodedata.normalize("NFC", text or "").replace("\r\n", "\n").split("\n")
    spaced = (line.replace("\t", " ") for line in lines)
    kept = ("".join(sign for sign in line if unicodedata.category(sign)[0] != "C").rstrip() for line in spaced)
    return "\n".join(kept).strip()


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


CLEANED = {StringField: clean, URLField: clean, TextAreaField: clean_text}
"""What a field of a kind does first with a text. Passwords are taken as they are."""


class Form(FlaskForm):
    """Of every form: texts are clean, those of one line too."""

    class Meta(FlaskForm.Meta):
        """How fields are made."""

        def bind_field(self, form: Any, unbound: Any, options: Any) -> Any:
            """A text field cleans what it is given, before filters of its own."""
            first = CLEANED.get(unbound.field_class)
            if first is None:
                return super().bind_field(form, unbound, options)
            return _bound(unbound, form, {**options, "filters": (first, *unbound.kwargs.get("filters", ()))})


def _bound(unbound: Any, form: Any, options: dict[str, Any]) -> Any:
    """With other filters than it was declared with; the declaration stays as it is, for the next form."""
    more = {name: value for name, value in unbound.kwargs.items() if name != "filters"}
    return UnboundField(unbound.field_class, *unbound.args, **more).bind(form=form, **options)


class ButtonForm(Form):
    """A button alone, safe against being pressed from elsewhere."""


class SeenForm(Form):
    """A form about something that others may change meanwhile: it carries the version that it was made from."""

    version = HiddenField()

    @property
    def seen(self) -> int:
        """The version, 0 where the field holds none: then everything was changed since."""
        return whole(self.version.data) or 0
