"""Who acts in a thread, and the forms of both sides."""

from __future__ import annotations

from datetime import timedelta

from flask_babel import gettext as _
from flask_babel import lazy_gettext
from sqlalchemy.orm import Session
from wtforms import HiddenField, StringField, TextAreaField, ValidationError

from portal.company.inquiries import LATEST, MAX_MESSAGE, MAX_PRODUCT, MAX_QUANTITY, Asked, Hand, Party
from portal.company.inquiry_letters import InquiryLetters
from portal.models import now
from portal.register.clock import today_china
from portal.services import services
from portal.web.forms import REQUIRED, DayField, Form, at_most, clean_text
from portal.web.numbers import whole
from portal.web.permissions import Permission
from portal.web.users import signed_in


def party() -> Party:
    """Who is signed in."""
    user = signed_in()
    return Party(user.id, user.organisation_id, admin=Permission.MANAGE_MEMBERS in user.permissions)


def hand(session: Session) -> Hand:
    """Who is signed in, at work in that transaction."""
    return Hand(session, party(), InquiryLetters(services().settings.public_url), now())


class InquiryForm(Form):
    """What a buyer asks of a firm. No field for a price: this makes contact, it is no bid."""

    product = StringField(lazy_gettext("Product or service"), [REQUIRED, at_most(MAX_PRODUCT)])
    quantity = StringField(lazy_gettext("Quantity"), [at_most(MAX_QUANTITY)])
    needed_by = DayField(lazy_gettext("Needed by"))
    answer_by = DayField(lazy_gettext("Please answer by"), [REQUIRED])
    message = TextAreaField(lazy_gettext("Message"), filters=[clean_text], validators=[REQUIRED, at_most(MAX_MESSAGE)])

    def validate_needed_by(self, field: DayField) -> None:
        """A day to come."""
        _to_come(field, LATEST * 10)

    def validate_answer_by(self, field: DayField) -> None:
        """Today, or a day to come."""
        _to_come(field, LATEST)

    def asked(self) -> Asked:
        """What the form, which holds, asks."""
        assert self.answer_by.day is not None, "the form holds"  # noqa: S101
        return Asked(
            product=self.product.data,
            quantity=self.quantity.data,
            needed_by=self.needed_by.day,
            answer_by=self.answer_by.day,
            message=self.message.data,
        )


class ThreadForm(Form):
    """Something said in a thread; `version`: what of it the writer has seen."""

    version = HiddenField()
    text = TextAreaField(lazy_gettext("Message"), [at_most(MAX_MESSAGE)], filters=[clean_text])

    @property
    def seen(self) -> int:
        """The version; 0, which none has, where the field holds no number."""
        return whole(self.version.data) or 0


def _to_come(field: DayField, latest: timedelta) -> None:
    if field.day is None:
        return
    if field.day < today_china():
        raise ValidationError(_("This day has passed."))
    if field.day > today_china() + latest:
        raise ValidationError(_("This day is too far away."))
