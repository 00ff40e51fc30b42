"""A digest as a mail, in its reader's language, written by the worker outside any request."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from flask import Flask, g
from flask_babel import gettext as _

from portal.buyers.alert_views import FirmView, GroupView, groups
from portal.buyers.alert_words import counts_words
from portal.extensions import db
from portal.identity.letters import title
from portal.notices import Notice
from portal.register.clock import CHINA, today_china
from portal.services import services
from portal.web.presenters.context import Context
from portal.workspace.alert_running import Letter

MOST = 20
"""Firms of each kind that a mail names; the page has more."""


@dataclass(frozen=True, slots=True)
class AlertLetters:
    """Writes them; the app is where words and catalogue come from."""

    app: Flask

    def __call__(self, letter: Letter) -> Notice:
        """The mail of a digest; as SMS, how many and where to look."""
        with self.app.app_context():
            g.language = letter.language
            return write(letter)


def write(letter: Letter) -> Notice:
    """The mail, in the language of the present context."""
    shared = services()
    at = Context(
        session=db.session(),
        catalogue=shared.catalogue,
        vocabulary=shared.vocabulary,
        lang=letter.language,
        today=today_china(),
        editions={},
    )
    counts = counts_words(letter.counts)
    url = f"{shared.settings.public_url}/alerts/{letter.alert_id}/digests/{letter.to_seq}"
    since, until = (f"{one.astimezone(CHINA):%Y-%m-%d %H:%M}" for one in (letter.since, letter.at))
    told = _(
        "Your alert “%(name)s” looked for what changed from %(since)s to %(until)s (China time): %(counts)s.",
        name=letter.name,
        since=since,
        until=until,
        counts=counts,
    )
    lines = [str(told), ""]
    for group in groups(letter.counts, letter.told, at, MOST):
        lines += [*_group(group, letter.language), ""]
    lines += [str(_("All of it, and how to pause or remove the alert:")), url]
    headed = title(letter.language, str(_("%(name)s: %(counts)s", name=letter.name, counts=counts)))
    return Notice(subject=headed, body="\n".join(lines) + "\n", sms=f"{headed}\n{url}")


def _group(group: GroupView, language: str) -> Iterator[str]:
    yield f"{group.label} ({group.count:,})"
    for firm in group.firms:
        yield f"- {_name(firm, language)}  {firm.key}"
        if firm.why:
            yield f"    {firm.why}"
        for change in firm.changes:
            yield f"    {change.text}"
    if group.count > len(group.firms):
        yield str(_("and %(more)s more", more=f"{group.count - len(group.firms):,}"))


def _name(firm: FirmView, language: str) -> str:
    first, second = (firm.name.en, firm.name.zh) if language == "en" else (firm.name.zh, firm.name.en)
    return first or second or firm.key
