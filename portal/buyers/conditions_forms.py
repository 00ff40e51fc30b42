"""The forms of sourcing conditions; what a field refuses stands at the field."""

from __future__ import annotations

import unicodedata

from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from wtforms import BooleanField, Field, HiddenField, IntegerField, StringField, TextAreaField, ValidationError
from wtforms.widgets import HiddenInput

from portal.workspace.conditions import MAX_NAME, MAX_NOTE


def one_line(text: str | None) -> str:
    """Without control characters and needless spaces."""
    kept = "".join(" " if unicodedata.category(character).startswith("C") else character for character in text or "")
    return " ".join(kept.split())


def many_lines(text: str | None) -> str:
    """The same, line by line."""
    return "\n".join(one_line(line) for line in (text or "").strip().splitlines())


class SentForm(FlaskForm):
    """A button alone, safe against being pressed from elsewhere."""


class VersionForm(SentForm):
    """What is done to the version that the sender saw."""

    version = IntegerField(widget=HiddenInput())

    def seen(self) -> int:
        """That version; none there ever was if it is not said."""
        return self.version.data or 0


class NameForm(VersionForm):
    """Name and note."""

    name = StringField(lazy_gettext("Name"), filters=[one_line])
    note = TextAreaField(lazy_gettext("Note"), filters=[many_lines])

    def validate_name(self, field: Field) -> None:
        """There is one, and it is not too long."""
        if not field.data:
            raise ValidationError(_("This field is required."))
        _at_most(field, MAX_NAME)

    def validate_note(self, field: Field) -> None:
        """Not too long."""
        _at_most(field, MAX_NOTE)


class ConditionsForm(NameForm):
    """What the builder sends beside the criteria and filters (`portal.buyers.conditions_building`)."""

    shared = BooleanField(lazy_gettext("Share with my organisation"), default=True)
    asks = HiddenField()


def _at_most(field: Field, most: int) -> None:
    if len(field.data or "") > most:
        raise ValidationError(_("At most %(max)d characters.", max=most))
