"""Forms about who speaks for a firm."""

from __future__ import annotations

import unicodedata

from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_wtf.file import MultipleFileField
from wtforms import BooleanField, HiddenField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice

from portal.company.claims import LONGEST
from portal.company.files import Taken
from portal.models import Role, User
from portal.web.forms import REQUIRED, Form, at_most
from portal.web.presenters.labels import role_labels
from portal.web.proofs import taken


def clean_text(text: str | None) -> str:
    """Several lines without control characters, marks that turn the writing round, and needless space."""
    lines = unicodedata.normalize("NFC", text or "").replace("\r\n", "\n").split("\n")
    kept = ("".join(sign for sign in line if unicodedata.category(sign)[0] != "C").rstrip() for line in lines)
    return "\n".join(kept).strip()


class FilesForm(Form):
    """Of every form with files. `taken`: those that were checked and kept, after `take`."""

    files = MultipleFileField(lazy_gettext("Files"))
    taken: list[Taken]

    def take(self, *, needed: bool = False) -> bool:
        """Check the files that came; whether all of them are good, and there is one if it is needed."""
        self.taken, problems = taken(self.files.name)
        if needed and not (self.taken or problems):
            problems = [_("Choose at least one file.")]
        if problems and self.taken:
            problems = [*problems, _("Please choose all files again.")]
        self.files.errors = problems
        return not problems


class PapersForm(FilesForm):
    """Claim a firm by papers."""

    note = TextAreaField(lazy_gettext("What staff should know (optional)"), [at_most(LONGEST)], filters=[clean_text])


class ReplyForm(FilesForm):
    """Answer a comment, or add to what was handed in. `version`: of the case as it was shown."""

    comment = TextAreaField(lazy_gettext("Your answer"), [at_most(LONGEST)], filters=[clean_text])
    version = HiddenField()


class AnswerForm(FilesForm):
    """What the holder says to another's claim."""

    comment = TextAreaField(lazy_gettext("Your answer"), [REQUIRED, at_most(LONGEST)], filters=[clean_text])


class ClaimCodeForm(Form):
    """A code, of a letter or of a message."""

    code = StringField(lazy_gettext("Code"), [REQUIRED, at_most(60)])


class HandOverForm(Form):
    """Who is the administrator from now on."""

    member = SelectField(lazy_gettext("New administrator"), [REQUIRED])

    def offer(self, members: list[User]) -> HandOverForm:
        """The same form with these people to choose from."""
        labels = role_labels()
        self.member.choices = [
            SelectChoice(str(one.id), f"{one.name} · {one.sign_in} · {labels[Role(one.role)]}") for one in members
        ]
        return self


class GiveUpForm(Form):
    """Give the firm up."""

    reason = StringField(lazy_gettext("Reason (optional)"), [at_most(400)])
    sure = BooleanField(lazy_gettext("Yes, my organisation no longer speaks for this firm"), [REQUIRED])
