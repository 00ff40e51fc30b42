"""The forms of acts of care. Each carries `seen`: the firm's newest entry of the log when the form was made."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_gettext
from wtforms import HiddenField, SelectField, StringField, URLField, ValidationError

from portal.register.clock import today_china
from portal.register.facts import ProvenanceFacts
from portal.web.choices import Radio, Select
from portal.web.forms import REQUIRED, DayField, Form, at_most, clean
from portal.web.numbers import whole


class ReasonForm(Form):
    """Why; and which state of the firm it speaks of."""

    seen = HiddenField()
    reason = StringField(lazy_gettext("Reason"), [REQUIRED, at_most(400)])

    @property
    def seen_entry(self) -> int:
        """The entry, 0 where the field holds none: then everything was changed since."""
        return whole(self.seen.data, 15) or 0


class DatedForm(ReasonForm):
    """With its day, and the document it rests on, if there is one."""

    on = DayField(lazy_gettext("Date"), [REQUIRED])
    issuing_body = StringField(lazy_gettext("Document: issuing body"), [at_most(200)])
    document_number = StringField(lazy_gettext("Document: number"), [at_most(120)])
    link = URLField(lazy_gettext("Document: link"), [at_most(500)])

    def validate_on(self, field: DayField) -> None:
        """Nothing is noted before it happens."""
        if field.day is not None and field.day > today_china():
            raise ValidationError(_("This day is still to come."))

    def validate_issuing_body(self, field: StringField) -> None:
        """A document has someone who issued it."""
        if not field.data and (self.document_number.data or self.link.data):
            raise ValidationError(_("Say who issued the document."))

    def validate_link(self, field: URLField) -> None:
        """An address of the web."""
        field.data = clean(field.data)
        if field.data and not field.data.startswith(("https://", "http://")):
            raise ValidationError(_("Enter an address that begins with https://."))

    @property
    def provenance(self) -> ProvenanceFacts | None:
        """The document."""
        if not self.issuing_body.data:
            return None
        return ProvenanceFacts(
            issuing_body=self.issuing_body.data,
            document_number=self.document_number.data or "",
            issued_on=self.on.day,
            link=self.link.data or "",
        )


class CertificateForm(DatedForm):
    """Suspend, revoke, give up, restore."""

    state = Radio(lazy_gettext("What to do"))


class NameForm(DatedForm):
    """Other names; the ones replaced stay as former names."""

    name_zh = StringField(lazy_gettext("Chinese name"), [at_most(200)])
    name_en = StringField(lazy_gettext("English name"), [at_most(300)])

    def validate_name_en(self, field: StringField) -> None:
        """A firm has a name."""
        if not field.data and not self.name_zh.data:
            raise ValidationError(_("A firm needs a name, in Chinese or in English."))


class StatusForm(DatedForm):
    """The registration status."""

    status = Select(lazy_gettext("Registration status"))


class RiskForm(ReasonForm):
    """A risk fact with its source and the day it was checked."""

    kind = Select(lazy_gettext("Risk"))
    answer = Radio(lazy_gettext("Is it so?"))
    source = StringField(lazy_gettext("Source"), [at_most(200)])
    on = DayField(lazy_gettext("Checked on"))

    def validate_source(self, field: StringField) -> None:
        """An answer has a source."""
        if self.answer.data != "not_checked" and not field.data:
            raise ValidationError(_("Say where it was looked up."))

    def validate_on(self, field: DayField) -> None:
        """And a day."""
        if self.answer.data != "not_checked" and field.day is None and not field.errors:
            raise ValidationError(_("Say on which day it was looked up."))
        if field.day is not None and field.day > today_china():
            raise ValidationError(_("This day is still to come."))


class QueueForm(Form):
    """GET /ministry/expiring and /ministry/assessments: how narrowed."""

    class Meta(Form.Meta):
        """Sent by GET."""

        csrf = False

    region = SelectField(lazy_gettext("Region"), validate_choice=False)
    sector = SelectField(lazy_gettext("Sector"), validate_choice=False)
