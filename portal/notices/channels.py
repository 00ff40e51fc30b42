"""How messages leave: mail by SMTP, SMS by a web service, or both into files, as MAIL_URL and SMS_URL say."""

from __future__ import annotations

import os
import secrets
import smtplib
import ssl
from contextlib import closing
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit

import requests

SECONDS = 10.0
"""That a server may take to answer."""

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


class Undelivered(Exception):
    """The message did not go out; the text says why, without passwords."""


@dataclass(frozen=True, slots=True)
class Channels:
    """Where messages go; the URLs are those of the settings."""

    mail_url: str
    mail_from: str
    sms_url: str

    def send(self, recipient: str, subject: str, body: str, identifier: str) -> None:
        """Send one message to an e-mail address or a phone number. Raises Undelivered.

        `identifier` is the same when a message is sent again after a failure, so that a receiver can tell.
        """
        try:
            if "@" in recipient:
                self._mail(recipient, subject, body, identifier)
            else:
                self._sms(recipient, body, identifier)
        except (OSError, smtplib.SMTPException, ValueError) as error:  # those of requests are OSErrors
            raise Undelivered(f"{type(error).__name__}: {error}"[:300]) from error

    def _mail(self, recipient: str, subject: str, body: str, identifier: str) -> None:
        message = EmailMessage()
        message["From"] = self.mail_from
        message["To"] = recipient
        message["Subject"] = " ".join(subject.split())
        message["Date"] = formatdate()
        message["Message-ID"] = make_msgid(identifier, domain=self.mail_from.partition("@")[2])
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(body)
        parts = urlsplit(self.mail_url)
        if parts.scheme == "file":
            _write(Path(unquote(parts.path)), f"{identifier}.eml", bytes(message))
            return
        with _smtp(parts) as server:
            server.send_message(message)

    def _sms(self, recipient: str, body: str, identifier: str) -> None:
        parts = urlsplit(self.sms_url)
        if parts.scheme == "file":
            _write(Path(unquote(parts.path)), f"{identifier}.txt", f"{recipient}\n\n{body}\n".encode())
            return
        answer = requests.post(
            self.sms_url,
            json={"id": identifier, "to": recipient, "text": body},
            timeout=SECONDS,
            allow_redirects=False,
            stream=True,
        )
        with closing(answer):
            if not answer.ok or answer.is_redirect:
                raise Undelivered(f"the SMS service answered {answer.status_code}")


def _smtp(parts: SplitResult) -> smtplib.SMTP:
    """A connection, by TLS where the server offers it. A password goes out by TLS only, but on this machine."""
    host = parts.hostname or ""
    context = ssl.create_default_context()
    server: smtplib.SMTP
    if parts.scheme == "smtps":
        server = smtplib.SMTP_SSL(host, parts.port or 465, timeout=SECONDS, context=context)
    else:
        server = smtplib.SMTP(host, parts.port or 587, timeout=SECONDS)
    try:
        server.ehlo()
        encrypted = parts.scheme == "smtps"
        if not encrypted and server.has_extn("starttls"):
            server.starttls(context=context)
            server.ehlo()
            encrypted = True
        if parts.username:
            if not encrypted and host not in LOOPBACK:
                raise Undelivered("the mail server offers no TLS: the password was not sent")
            server.login(unquote(parts.username), unquote(parts.password or ""))
    except BaseException:
        server.close()
        raise
    return server


def _write(folder: Path, name: str, content: bytes) -> None:
    """A file that only this user may read (it holds links that sign in), whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    half = folder / f".{secrets.token_hex(8)}"
    with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        out.write(content)
    half.replace(folder / name)
