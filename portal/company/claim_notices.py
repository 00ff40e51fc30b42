"""What people are written about claims, in their language."""

from __future__ import annotations

from datetime import datetime

from portal.identity.letters import Letters, title
from portal.models import Organisation, Supplier
from portal.notices import Notice, texts
from portal.register.clock import CHINA


def firm_name(firm: Supplier, language: str) -> str:
    """The firm's name in that language, or the one it has."""
    names = (firm.name_en, firm.name_zh) if language == "en" else (firm.name_zh, firm.name_en)
    return next(filter(None, names), firm.number)


def disputed(letters: Letters, language: str, firm: Supplier, case_id: int) -> Notice:
    """To those who speak for a firm: someone else claims it."""
    _ = texts(language)
    told = _(
        "Another organisation claims to speak for %(firm)s. Nothing changes until staff have decided. Say what they"
        " should know:"
    ) % {"firm": firm_name(firm, language)}
    return _notice(language, _("Someone else claims your firm"), told, f"{letters.public_url}/firm/disputes/{case_id}")


def lost(letters: Letters, language: str, firm: Supplier) -> Notice:
    """To those who spoke for a firm: staff decided for another organisation."""
    _ = texts(language)
    told = _(
        "Staff have decided that another organisation speaks for %(firm)s. Yours no longer does. If that is wrong,"
        " claim the firm again and say why:"
    ) % {"firm": firm_name(firm, language)}
    return _notice(language, _("You no longer speak for your firm"), told, f"{letters.public_url}/firm")


def code(language: str, firm: Supplier, asker: Organisation, digits: str, until: datetime) -> Notice:
    """To the contact on record: the code that lets an organisation speak for the firm."""
    _ = texts(language)
    told = _(
        "%(organisation)s asks to speak for %(firm)s in the portal. If you want that, give them this code, until"
        " %(end)s (China time): %(code)s. If not, give it to nobody."
    ) % {
        "organisation": asker.name,
        "firm": firm_name(firm, language),
        "code": digits,
        "end": f"{until.astimezone(CHINA):%Y-%m-%d %H:%M}",
    }
    headed = title(language, _("Who speaks for your firm"))
    return Notice(subject=headed, body=f"{told}\n", sms=f"{headed}\n{told}")


def _notice(language: str, subject: str, told: str, url: str) -> Notice:
    headed = title(language, subject)
    return Notice(subject=headed, body=f"{told}\n\n{url}\n", sms=f"{headed}\n{told} {url}")
