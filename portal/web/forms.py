"""What every form stands on. What a field refuses stands at the field, in the reader's language."""

from __future__ import annotations

import unicodedata
from typing import Any

from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from wtforms import HiddenField, StringField
from wtforms.validators import DataRequired, Length

REQUIRED = DataRequired(lazy_gettext("This field is required."))


def at_most(characters: int) -> Length:
    """Refuse longer texts."""
    return Length(max=characters, message=lazy_gettext("At most %(max)d characters."))


def clean(text: str | None) -> str:
    """One line without control characters and needless spaces."""
    kept = "".join(" " if unicodedata.category(character).startswith("C") else character for character in text or "")
    return " ".join(kept.split())


class Form(FlaskForm):
    """Of every form: texts are one clean line."""

    class Meta(FlaskForm.Meta):
        """How fields are made."""

        def bind_field(self, form: Any, unbound: Any, options: Any) -> Any:
            """A text field cleans what it is given; passwords are taken as they are."""
            if unbound.field_class is StringField:
                options = {**options, "filters": (clean, *unbound.kwargs.pop("filters", ()))}
            return super().bind_field(form, unbound, options)


class ButtonForm(Form):
    """A button alone, safe against being pressed from elsewhere."""


class SeenForm(Form):
    """A form about something that others may change meanwhile: it carries the version that it was made from."""

    version = HiddenField()

    @property
    def seen(self) -> int:
        """The version, 0 where the field holds none: then everything was changed since."""
        text = self.version.data or ""
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
