"""Forms about shortlists."""

from __future__ import annotations

from flask_babel import lazy_gettext
from wtforms import BooleanField, StringField, TextAreaField

from portal.web.forms import REQUIRED, Form, at_most, clean_text
from portal.workspace.shortlists import MAX_NAME, MAX_NOTE


class ShortlistForm(Form):
    """A list's name, what it is for, and who sees it."""

    name = StringField(lazy_gettext("Name"), [REQUIRED, at_most(MAX_NAME)])
    note = TextAreaField(lazy_gettext("What it is for"), [at_most(MAX_NOTE)], filters=[clean_text])
    shared = BooleanField(lazy_gettext("Everyone in my organisation may see and change it"), default=True)
