"""What is written to people, in their language."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from portal.identity.tokens import Issued
from portal.models import Organisation, User
from portal.notices import Notice, texts
from portal.register.clock import CHINA

LINK = "/link?secret="
CODE = "/code"


@dataclass(frozen=True, slots=True)
class Letters:
    """Letters of the portal at an address, which links begin with."""

    public_url: str

    def address(self, issued: Issued) -> str:
        """Where the secret leads; without one (a code was sent), where the code is entered."""
        return f"{self.public_url}{LINK}{issued.secret}" if issued.secret else f"{self.public_url}{CODE}"

    def sign_up(self, language: str, issued: Issued) -> Notice:
        """Whoever reads this has the address."""
        _ = texts(language)
        return self._with_link(
            language, issued, _("Finish your sign-up"), _("Someone, probably you, signed up with this address.")
        )

    def already(self, language: str) -> Notice:
        """Someone signed up, or was invited, with a name that has an account."""
        _ = texts(language)
        told = _("Someone, probably you, wanted to open an account with this address. You have one already: sign in.")
        return self._notice(language, _("You have an account already"), told, f"{self.public_url}/sign-in")

    def invitation(self, language: str, issued: Issued, inviter: User, organisation: Organisation) -> Notice:
        """An admin asks someone to join."""
        _ = texts(language)
        told = _("%(inviter)s invites you to join %(organisation)s.") % {
            "inviter": inviter.name,
            "organisation": organisation.name,
        }
        return self._with_link(language, issued, _("Your invitation"), told)

    def reset(self, language: str, issued: Issued) -> Notice:
        """A new password was asked for."""
        _ = texts(language)
        return self._with_link(
            language, issued, _("Choose a new password"), _("Someone, probably you, asked for a new password.")
        )

    def locked(self, language: str, until: datetime) -> Notice:
        """Too many wrong passwords."""
        _ = texts(language)
        told = _(
            "Your account is locked until %(time)s (China time), after too many wrong passwords or codes. If that was"
            " not you, choose a new password; it also ends the lock."
        ) % {"time": f"{until.astimezone(CHINA):%Y-%m-%d %H:%M:%S}"}
        return self._notice(language, _("Your account is locked for now"), told, f"{self.public_url}/reset")

    def password_changed(self, language: str) -> Notice:
        """So that its owner notices."""
        _ = texts(language)
        told = _("Your password was changed. If that was not you, choose a new one.")
        return self._notice(language, _("Your password was changed"), told, f"{self.public_url}/reset")

    def second_step_changed(self, language: str, *, on: bool) -> Notice:
        """The authenticator was set up or taken away."""
        _ = texts(language)
        subject = _("Sign-in with a code is on") if on else _("Sign-in with a code is off")
        told = _("If that was not you, choose a new password.")
        return self._notice(language, subject, told, f"{self.public_url}/reset")

    def role_changed(self, language: str) -> Notice:
        """Staff gave someone another role."""
        _ = texts(language)
        told = _("The portal's administrators gave you another role in your organisation.")
        return self._notice(language, _("Your role was changed"), told, f"{self.public_url}/account")

    def account_state(self, language: str, *, disabled: bool, reason: str) -> Notice:
        """Staff keep someone out, or let them in again."""
        _ = texts(language)
        subject = _("Your account was disabled") if disabled else _("Your account is open again")
        told = (
            _("The portal's administrators disabled your account. What you made stays.")
            if disabled
            else _("The portal's administrators opened your account again. You can sign in.")
        )
        why = " " + _("Reason: %(reason)s") % {"reason": reason} if reason else ""
        return self._notice(language, subject, told + why, f"{self.public_url}/sign-in")

    def approved(self, language: str, organisation: Organisation) -> Notice:
        """Staff approved the organisation."""
        _ = texts(language)
        told = _("%(organisation)s was approved. You can begin.") % {"organisation": organisation.name}
        return self._notice(language, _("Your organisation was approved"), told, f"{self.public_url}/sign-in")

    def _with_link(self, language: str, issued: Issued, subject: str, told: str) -> Notice:
        _ = texts(language)
        end = f"{issued.expires_at.astimezone(CHINA):%Y-%m-%d %H:%M}"
        url = self.address(issued)
        works_once = _("This link works once, until %(end)s (China time):") % {"end": end}
        ignore = _("If it was not you, do nothing.")
        sms = _(
            "Xunyuan: your code is %(code)s, to be entered at %(url)s until %(end)s. If it was not you, do nothing."
        )
        return Notice(
            subject=title(language, subject),
            body=f"{told}\n\n{works_once}\n{url}\n\n{ignore}\n",
            sms=sms % {"code": issued.code, "url": url, "end": end},
        )

    def _notice(self, language: str, subject: str, told: str, url: str) -> Notice:
        headed = title(language, subject)
        return Notice(subject=headed, body=f"{told}\n\n{url}\n", sms=f"{headed}\n{told} {url}")


def title(language: str, subject: str) -> str:
    """A subject that says who writes."""
    _ = texts(language)
    return _("Xunyuan: %(subject)s") % {"subject": subject}
