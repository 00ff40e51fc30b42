"""The form of a correction: what is right, why, and what shows it. Its input is that of the fact it is about."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext
from wtforms import MultipleFileField, StringField, TextAreaField, URLField, ValidationError
from wtforms.fields.choices import SelectChoice

from portal.company.corrections import TEXT_LENGTH, Reportable
from portal.models import Supplier
from portal.register.checks import lengths
from portal.register.clock import today_china
from portal.register.importing.problems import CellError
from portal.register.importing.words import Words
from portal.services import services
from portal.web.choices import Select
from portal.web.days import DayField
from portal.web.forms import REQUIRED, SeenForm, at_most, clean
from portal.web.i18n import language

RIGHT = lazy_gettext("What is right")
_LENGTHS = lengths(Supplier)


class CorrectionForm(SeenForm):
    """Why, a link and files; `right` is added by `form_of`."""

    right: Any
    why = TextAreaField(lazy_gettext("Why it is wrong"), [REQUIRED, at_most(TEXT_LENGTH)])
    link = URLField(lazy_gettext("Where this can be seen: an address"), [at_most(500)])
    files = MultipleFileField(lazy_gettext("Proof: PDF, JPEG or PNG"))

    def validate_link(self, field: URLField) -> None:
        """An address of the web."""
        field.data = clean(field.data)
        if field.data and not field.data.startswith(("https://", "http://")):
            raise ValidationError(_("Enter an address that begins with https://."))


class PlaceField(StringField):
    """A place by its code or its full name; `data` is its code."""

    data: str | None

    def pre_validate(self, _form: Any) -> None:
        """Refuse what is no place, and a name that several have."""
        if not self.data:
            return
        try:
            self.data = Words(services().catalogue).region(self.data)
        except CellError:
            raise ValidationError(
                _("No place, or several, are called so. Write it with its province, or give its code.")
            ) from None


class PastDay(DayField):
    """A day that has come."""

    def pre_validate(self, form: Any) -> None:
        """Refuse what is no day, and one to come."""
        super().pre_validate(form)
        if self.day is not None and self.day > today_china():
            raise ValidationError(_("This day is still to come."))


def form_of(fact: Reportable, **given: Any) -> CorrectionForm:
    """The form about that fact."""

    class Made(CorrectionForm):
        right = _field(fact)

    return Made(**given)


def _field(fact: Reportable) -> Any:
    if fact.day:
        return PastDay(RIGHT, [REQUIRED])
    if fact.names == "regions":
        return PlaceField(RIGHT, [REQUIRED, at_most(120)])
    if fact.names:
        named = getattr(services().catalogue, fact.names)
        choices = [SelectChoice(code, one.name(language())) for code, one in named.items()]
        return Select(RIGHT, choices=[SelectChoice("", _("choose")), *choices], validators=[REQUIRED])
    if fact.settable:
        return StringField(RIGHT, [REQUIRED, at_most(_LENGTHS[fact.field])])
    return TextAreaField(RIGHT, [REQUIRED, at_most(TEXT_LENGTH)])
