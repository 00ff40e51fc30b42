"""Forms about sourcing records, and the search that one names."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

from flask_babel import gettext as _
from flask_babel import lazy_gettext
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import NotFound
from wtforms import BooleanField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice

from portal.models import SourcingRecord
from portal.web.forms import REQUIRED, Form, at_most, clean_text
from portal.web.jinja import minute
from portal.web.kept import asked
from portal.web.parameters import ParameterError, Search
from portal.web.presenters.context import Context
from portal.web.presenters.marks import with_mine
from portal.web.stored import CONDITIONS
from portal.workspace.conditions import Kept
from portal.workspace.records import MAX_REASON, MAX_REFERENCE, MAX_STATEMENT, MAX_TITLE

MAX_ADDRESS = 100_000


class RecordForm(Form):
    """What a buyer says of a record. `conditions`: the key of kept ones; `address`: of a search."""

    title = StringField(lazy_gettext("Title"), [REQUIRED, at_most(MAX_TITLE)])
    reference = StringField(lazy_gettext("Reference number"), [at_most(MAX_REFERENCE)])
    conditions = SelectField(lazy_gettext("Sourcing conditions"), default="")
    address = StringField(lazy_gettext("Or the address of a search"), [at_most(MAX_ADDRESS)])
    statement = TextAreaField(lazy_gettext("Closing statement"), [at_most(MAX_STATEMENT)], filters=[clean_text])
    notes = BooleanField(lazy_gettext("Include the notes on each firm, which are internal"), default=False)
    replaces = SelectField(lazy_gettext("Replaces an earlier record"), default="")

    def offer(self, kept: list[Kept], earlier: list[SourcingRecord]) -> None:
        """What can be chosen."""
        self.conditions.choices = [
            SelectChoice("", _("none: the firms were chosen by hand")),
            *(
                SelectChoice(
                    f"{one.conditions.id}.{one.newest.number}",
                    _("%(name)s, version %(version)s", name=one.newest.name, version=one.newest.number),
                )
                for one in kept
            ),
        ]
        self.replaces.choices = [
            SelectChoice("", _("none")),
            *(SelectChoice(str(one.id), f"{one.title} ({minute(one.made_at)})") for one in earlier),
        ]

    def search(self, at: Context) -> Search | None:
        """The search that the list came from; what is wrong with it stands at its field (`errors`)."""
        if self.conditions.data and self.address.data:
            self.address.errors = [_("Choose kept conditions, or give an address: not both.")]
            return None
        if self.address.data:
            return self._addressed(self.address.data, at)
        return _opened([(CONDITIONS, self.conditions.data)], at) if self.conditions.data else None

    def _addressed(self, text: str, at: Context) -> Search | None:
        query = urlsplit(text).query or (text if "=" in text and "/" not in text.partition("=")[0] else "")
        try:
            if not query:
                raise ValueError
            found = _opened(parse_qsl(query), at)
        except (ValueError, NotFound):
            self.address.errors = [_("This is no address of a search in this portal that you may see.")]
            return None
        except ParameterError as error:
            self.address.errors = [error.message]
            return None
        if found.ignored:
            self.address.errors = [_("The portal has no filter “%(name)s”.", name=", ".join(found.ignored))]
        return found


def _opened(pairs: list[tuple[str, str]], at: Context) -> Search:
    """Raises ParameterError, and NotFound for conditions that are not the buyer's."""
    search, _mine = with_mine(asked(MultiDict(pairs), at), at)
    return search


class WithdrawForm(Form):
    """Why a record holds no longer."""

    reason = StringField(lazy_gettext("Reason"), [REQUIRED, at_most(MAX_REASON)])
