"""Announcements as staff keep them: published, edited as a new version, taken back."""

from __future__ import annotations

import unicodedata
from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from werkzeug.exceptions import NotFound
from wtforms import HiddenField, SelectField, SelectMultipleField, StringField, TextAreaField, ValidationError
from wtforms.fields.choices import SelectChoice

from portal.care import announcements as announcing
from portal.care.announcements import Announced, Content, Overtaken
from portal.extensions import db
from portal.ministry.blueprint import blueprint
from portal.ministry.care import CONFLICT, INVALID
from portal.ministry.operation_log import staff_actor
from portal.models import AnnouncementLevel, OrganisationKind
from portal.register.clock import today_china
from portal.web.announcing import kept
from portal.web.forms import REQUIRED, ButtonForm, DayField, Form, at_most
from portal.web.permissions import Permission, needs
from portal.web.templating import render_template
from portal.web.users import signed_in
from portal.web.writing import writing

LONGEST = 4000


def clean_lines(text: str | None) -> str:
    """Text without control characters but line breaks, and without space around it."""
    lines = (text or "").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    kept_lines = ("".join(sign for sign in line if unicodedata.category(sign)[0] != "C").rstrip() for line in lines)
    return "\n".join(kept_lines).strip()


class AnnouncementForm(Form):
    """What is announced, to whom, from when until when."""

    version = HiddenField()
    title_zh = StringField(lazy_gettext("Title in Chinese"), [at_most(200)])
    text_zh = TextAreaField(lazy_gettext("Text in Chinese"), [at_most(LONGEST)], filters=[clean_lines])
    title_en = StringField(lazy_gettext("Title in English"), [at_most(200)])
    text_en = TextAreaField(lazy_gettext("Text in English"), [at_most(LONGEST)], filters=[clean_lines])
    level = SelectField(lazy_gettext("Urgency"), [REQUIRED])
    audience = SelectMultipleField(lazy_gettext("Shown to"), validate_choice=True)
    first_on = DayField(lazy_gettext("From the day"), [REQUIRED])
    last_on = DayField(lazy_gettext("To the day"))

    def validate_title_en(self, field: Any) -> None:
        """It has a title and a text in a language at least, and no half of one."""
        if not field.data and not self.title_zh.data:
            raise ValidationError(_("Write a title, in Chinese or in English."))
        for title, text in ((self.title_zh, self.text_zh), (self.title_en, self.text_en)):
            if bool(title.data) != bool(text.data):
                raise ValidationError(_("A language needs both a title and a text."))

    def validate_last_on(self, field: DayField) -> None:
        """Not before the first."""
        if field.day and self.first_on.day and field.day < self.first_on.day:
            raise ValidationError(_("This day is before the first one."))

    def offer(self) -> AnnouncementForm:
        """With its choices, in the reader's language."""
        self.level.choices = [
            SelectChoice(AnnouncementLevel.NORMAL.value, _("normal")),
            SelectChoice(AnnouncementLevel.URGENT.value, _("urgent")),
        ]
        self.audience.choices = [SelectChoice(code, label) for code, label in audience_words().items()]
        return self

    def fill(self, announced: Announced) -> AnnouncementForm:
        """With what it says now."""
        content = announced.content
        for name in ("title_zh", "text_zh", "title_en", "text_en", "level"):
            self[name].data = getattr(content, name)
        self.version.data = str(announced.version)
        self.audience.data = list(content.audience)
        self.first_on.data = content.first_on.isoformat()
        self.last_on.data = content.last_on.isoformat() if content.last_on else ""
        return self

    @property
    def content(self) -> Content:
        """What it says, once it is valid."""
        assert self.first_on.day is not None, "the form holds"  # noqa: S101
        texts = {name: self[name].data or "" for name in ("title_zh", "text_zh", "title_en", "text_en", "level")}
        audience = tuple(self.audience.data or ())
        return Content(**texts, audience=audience, first_on=self.first_on.day, last_on=self.last_on.day)


def audience_words() -> dict[str, str]:
    """The kinds of people that an announcement can be for alone."""
    return {
        OrganisationKind.BUYER.value: _("signed-in buyers"),
        OrganisationKind.SUPPLIER.value: _("signed-in suppliers"),
        OrganisationKind.MINISTRY.value: _("ministry staff"),
    }


@blueprint.get("/announcements")
@needs(Permission.PUBLISH)
def announcements() -> str:
    """`ministry/announcements.html`: `found`: all of them, `today`, `words` of audiences."""
    found = announcing.all_of_them(db.session(), most=200)
    return render_template("ministry/announcements.html", found=found, words=audience_words())


@blueprint.route("/announcements/new", methods=["GET", "POST"])
@needs(Permission.PUBLISH)
def new_announcement() -> ResponseReturnValue:
    """`ministry/announcement.html`: `form`."""
    form = AnnouncementForm().offer()
    if not form.is_submitted():
        form.first_on.data, form.level.data = today_china().isoformat(), AnnouncementLevel.NORMAL.value
        return _page(form)
    if not form.validate():
        return _page(form), INVALID
    with writing() as session:
        announcing.publish(session, staff_actor(), signed_in().id, form.content)
    kept().forget()
    flash(_("The announcement was published."))
    return redirect(url_for("ministry.announcements"))


@blueprint.route("/announcements/<int:identifier>", methods=["GET", "POST"])
@needs(Permission.PUBLISH)
def announcement(identifier: int) -> ResponseReturnValue:
    """`ministry/announcement.html`: `form`, `announced`, `versions`; 409 if someone else edited it meanwhile."""
    announced, form = _one(identifier), AnnouncementForm().offer()
    if not form.is_submitted():
        return _page(form.fill(announced), announced)
    if not form.validate():
        return _page(form, announced), INVALID
    if form.version.data != str(announced.version) or announced.taken_back:
        form.version.data = str(announced.version)
        return _page(form, announced, overtaken=True), CONFLICT
    try:
        with writing() as session:
            changed = announcing.edit(session, staff_actor(), signed_in().id, announced, form.content)
    except Overtaken:
        return _page(form, _one(identifier), overtaken=True), CONFLICT
    kept().forget()
    flash(_("The announcement was changed.") if changed else _("Nothing was changed: it was so already."))
    return redirect(url_for("ministry.announcements"))


@blueprint.post("/announcements/<int:identifier>/<any('take-back', 'put-back'):how>")
@needs(Permission.PUBLISH)
def take_back_announcement(identifier: int, how: str) -> ResponseReturnValue:
    """Show it to nobody any more, or again."""
    back = how == "take-back"
    try:
        with writing() as session:
            found = announcing.one(session, identifier)
            if found is None:
                raise NotFound
            announcing.set_taken_back(session, staff_actor(), found, back=back)
    except Overtaken:
        flash(_("Someone else has done this meanwhile."), "warn")
        return redirect(url_for("ministry.announcements"))
    kept().forget()
    if back:
        undo = url_for("ministry.take_back_announcement", identifier=identifier, how="put-back")
        flash({"text": _("The announcement was taken back."), "url": undo}, "undo")  # type: ignore[arg-type]
    else:
        flash(_("The announcement is shown again."))
    return redirect(url_for("ministry.announcements"))


def _one(identifier: int) -> Announced:
    db.session.expire_all()
    found = announcing.one(db.session(), identifier)
    if found is None:
        raise NotFound
    return found


def _page(form: AnnouncementForm, announced: Announced | None = None, *, overtaken: bool = False) -> str:
    earlier = announcing.versions(db.session(), announced.id) if announced else ()
    return render_template(
        "ministry/announcement.html",
        form=form,
        announced=announced,
        versions=earlier,
        overtaken=overtaken,
        button=ButtonForm(formdata=None),
        action=request.path,
    )
