"""What a reminder says, in the reader's language."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from portal.company.due import Due
from portal.identity.letters import title
from portal.models import ReminderKind, Supplier
from portal.notices import Notice, texts
from portal.register.catalogue import Catalogue

PAGE = "/firm/reminders"


@dataclass(frozen=True, slots=True)
class ReminderLetters:
    """Letters of a portal at an address, as of a day."""

    catalogue: Catalogue
    public_url: str
    today: date

    def letter(self, found: Sequence[Due], supplier: Supplier, language: str) -> Notice:
        """One message of everything that is due; on a phone of the first thing, and how many more there are."""
        _ = texts(language)
        lines = list(sentences(found, language, self.catalogue, self.today))
        name = (supplier.name_en or supplier.name_zh) if language == "en" else (supplier.name_zh or supplier.name_en)
        subject = title(language, _("Reminder for %(firm)s") % {"firm": name})
        end = _("You can turn these reminders off there.")
        url = self.public_url + PAGE
        more = " " + _("and %(count)s more") % {"count": len(lines) - 1} if len(lines) > 1 else ""
        return Notice(
            subject=subject,
            body="\n".join(f"- {line}" for line in lines) + f"\n\n{url}\n{end}\n",
            sms=f"{subject}\n{lines[0]}{more} {url}",
        )


def sentences(found: Sequence[Due], language: str, catalogue: Catalogue, today: date) -> Iterator[str]:
    """A line each."""
    _ = texts(language)
    for one in found:
        if one.kind is ReminderKind.CERTIFICATE:
            said = _(
                "%(certificate)s ends on %(day)s, in %(count)s days. Once it has ended, searches that ask for it do not"
                " find your firm."
            )
            named = named_certificate(one, language, catalogue)
            yield said % {"certificate": named, "day": one.about, "count": (one.about - today).days}
        elif one.kind is ReminderKind.ASSESSMENT:
            yield _("Your last assessment is more than a year old. Buyers may ask for a newer one.")
        else:
            yield _("Nothing in your entry has changed for a year. Is everything in it still right?")


def named_certificate(one: Due, language: str, catalogue: Catalogue) -> str:
    """Scheme and level."""
    scheme = catalogue.schemes[one.scheme]
    short = scheme.short_en if language == "en" else scheme.short_zh
    return f"{short} {scheme.level(one.level).name(language)}" if one.level else short
