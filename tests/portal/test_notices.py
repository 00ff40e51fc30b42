"""Messages leave by a real SMTP server and a real web service on this machine, or into files; else they wait."""

from __future__ import annotations

import email
import json
import stat
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message as Collecting
from aiosmtpd.smtp import AuthResult, LoginPassword
from sqlalchemy import select

from portal.indexing.sessions import Sessions, writing
from portal.models import Message, now
from portal.notices import Channels, Courier, Notice, Undelivered, courier, deliver_due, post, texts
from tests.browser.conftest import free_port

NOTICE = Notice(
    subject="寻源：完成注册", body="请打开链接\nhttps://portal.example/link?secret=x\n", sms="验证码 12345678"
)
PHONE = "+8613800138000"


class Mailbox(Collecting):
    """What the server was given."""

    def __init__(self) -> None:
        super().__init__()
        self.mail: list[Any] = []

    def handle_message(self, message: Any) -> None:
        self.mail.append(email.message_from_bytes(message.as_bytes(), policy=default))


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


@pytest.fixture
def smtp(mailbox: Mailbox) -> Iterator[str]:
    """The URL of a real SMTP server that lets `portal` in with its password."""

    def authenticate(_server: Any, _session: Any, _envelope: Any, _mechanism: str, given: Any) -> Any:
        right = isinstance(given, LoginPassword) and (given.login, given.password) == (b"portal", b"p@ss word")
        return AuthResult(success=right, handled=False)

    port = free_port()
    server = Controller(mailbox, hostname="127.0.0.1", port=port, authenticator=authenticate, auth_require_tls=False)
    server.start()
    yield f"smtp://portal:p%40ss%20word@127.0.0.1:{port}"
    server.stop()


class Receiver(ThreadingHTTPServer):
    """An SMS service: answers with `status`, keeps what came."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Receiving)
        self.status = 200
        self.received: list[dict[str, str]] = []


class Receiving(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.received.append(json.loads(body))
        self.send_response(self.server.status)
        if self.server.status in {301, 302}:
            self.send_header("Location", "/elsewhere")
        self.end_headers()

    def log_message(self, *_words: object) -> None:
        """Quiet."""


@pytest.fixture
def sms() -> Iterator[Receiver]:
    receiver = Receiver()
    thread = threading.Thread(target=receiver.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield receiver
    receiver.shutdown()
    thread.join()
    receiver.server_close()


def channels(tmp_path: Path, mail_url: str = "", sms_url: str = "") -> Channels:
    return Channels(
        mail_url or f"file://{tmp_path / 'mail'}", "portal@example.org", sms_url or f"file://{tmp_path / 'sms'}"
    )


def test_mail_by_smtp(tmp_path: Path, smtp: str, mailbox: Mailbox) -> None:
    channels(tmp_path, smtp).send("wang@example.com", NOTICE.subject, NOTICE.body, "one")
    (mail,) = mailbox.mail
    assert (mail["To"], mail["Subject"]) == ("wang@example.com", NOTICE.subject)
    assert mail["From"].addresses[0].addr_spec == "portal@example.org"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Date"]
    assert "one" in mail["Message-ID"]
    assert mail.get_content() == NOTICE.body


@pytest.mark.parametrize("wrong", ["password", "port"])
def test_a_mail_server_that_refuses(tmp_path: Path, smtp: str, wrong: str) -> None:
    url = smtp.replace("p%40ss", "wrong") if wrong == "password" else "smtp://127.0.0.1:9"
    with pytest.raises(Undelivered) as refused:
        channels(tmp_path, url).send("wang@example.com", "x", "y", "one")
    assert "word" not in str(refused.value)


def test_a_subject_cannot_bring_headers(tmp_path: Path, smtp: str, mailbox: Mailbox) -> None:
    channels(tmp_path, smtp).send("wang@example.com", "a\nBcc: all@example.com", "y", "one")
    assert mailbox.mail[0]["Bcc"] is None


def test_sms_by_a_web_service(tmp_path: Path, sms: Receiver) -> None:
    url = f"http://127.0.0.1:{sms.server_port}/send"
    channels(tmp_path, sms_url=url).send(PHONE, "", "验证码", "one")
    assert sms.received == [{"id": "one", "to": PHONE, "text": "验证码"}]


@pytest.mark.parametrize("status", [302, 400, 500])
def test_an_sms_service_that_refuses_or_sends_elsewhere(tmp_path: Path, sms: Receiver, status: int) -> None:
    sms.status = status
    with pytest.raises(Undelivered, match=str(status)):
        channels(tmp_path, sms_url=f"http://127.0.0.1:{sms.server_port}/").send(PHONE, "", "x", "one")
    assert len(sms.received) == 1, "not followed"


def test_files_that_nobody_else_may_read(tmp_path: Path) -> None:
    where = channels(tmp_path)
    where.send("wang@example.com", NOTICE.subject, NOTICE.body, "one")
    where.send(PHONE, "", NOTICE.sms, "two")
    mail = email.message_from_bytes((tmp_path / "mail/one.eml").read_bytes(), policy=default)
    assert mail["Subject"] == NOTICE.subject
    assert (tmp_path / "sms/two.txt").read_text(encoding="utf-8") == f"{PHONE}\n\n{NOTICE.sms}\n"
    assert stat.S_IMODE((tmp_path / "mail/one.eml").stat().st_mode) == 0o600
    assert [file.name for file in (tmp_path / "mail").iterdir()] == ["one.eml"]


def waiting(sessions: Sessions) -> list[Message]:
    with sessions() as session:
        return list(session.scalars(select(Message).order_by(Message.id)))


def send_later(sessions: Sessions, *recipients: str) -> None:
    with writing(sessions) as session:
        for recipient in recipients:
            post(session, recipient, NOTICE)


def test_what_is_sent_is_gone(sessions: Sessions, tmp_path: Path) -> None:
    send_later(sessions, "wang@example.com", PHONE)
    assert deliver_due(sessions, channels(tmp_path)) == 2
    assert waiting(sessions) == []
    assert len(list((tmp_path / "mail").iterdir())) == len(list((tmp_path / "sms").iterdir())) == 1
    assert deliver_due(sessions, channels(tmp_path)) == 0


def test_what_is_undone_is_not_sent(sessions: Sessions, tmp_path: Path) -> None:
    def fail() -> None:
        with writing(sessions) as session:
            post(session, "wang@example.com", NOTICE)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert deliver_due(sessions, channels(tmp_path)) == 0


def test_a_server_that_is_down_is_tried_again_ever_later(sessions: Sessions, tmp_path: Path) -> None:
    send_later(sessions, "wang@example.com")
    down = channels(tmp_path, "smtp://127.0.0.1:9")
    waits = []
    for _ in range(3):
        assert deliver_due(sessions, down) == 0
        assert deliver_due(sessions, down) == 0, "not at once again"
        (row,) = waiting(sessions)
        waits.append(round((row.due_at - now()).total_seconds() / 30))
        with writing(sessions) as session:
            session.get_one(Message, row.id).due_at = now() - timedelta(seconds=1)
    assert waits == [1, 2, 4]
    assert deliver_due(sessions, channels(tmp_path)) == 1


def test_one_that_fails_keeps_no_other_back_and_is_given_up_in_the_end(sessions: Sessions, tmp_path: Path) -> None:
    send_later(sessions, "wang@example.com", PHONE)
    with writing(sessions) as session:
        session.scalars(select(Message).where(Message.recipient != PHONE)).one().attempts = courier.MOST_ATTEMPTS - 1
    assert deliver_due(sessions, channels(tmp_path, "smtp://127.0.0.1:9")) == 1
    assert waiting(sessions) == []


def test_two_senders_send_each_message_once(sessions: Sessions, tmp_path: Path, sms: Receiver) -> None:
    send_later(sessions, *[PHONE] * 30)
    where = channels(tmp_path, sms_url=f"http://127.0.0.1:{sms.server_port}/")
    threads = [threading.Thread(target=deliver_due, args=(sessions, where)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    deliver_due(sessions, where)
    identifiers = [received["id"] for received in sms.received]
    assert len(identifiers) == len(set(identifiers)) == 30


def test_what_a_dead_sender_took_is_taken_up_again_with_the_same_id(
    sessions: Sessions, tmp_path: Path, sms: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    send_later(sessions, PHONE)
    where = channels(tmp_path, sms_url=f"http://127.0.0.1:{sms.server_port}/")

    def die(*_words: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(courier, "delete", die)
        with pytest.raises(KeyboardInterrupt):
            deliver_due(sessions, where)
    assert deliver_due(sessions, where) == 0, "another may still be at it"
    with writing(sessions) as session:
        session.scalars(select(Message)).one().due_at = now()
    assert deliver_due(sessions, where) == 1
    assert len({received["id"] for received in sms.received}) == 1


def test_the_courier_runs_until_it_is_stopped(sessions: Sessions, tmp_path: Path) -> None:
    stop = threading.Event()
    sent = threading.Event()

    class Noted(Channels):
        def send(self, *_words: str) -> None:
            sent.set()

    thread = Courier(sessions, Noted("", "", ""), stop).start()
    send_later(sessions, PHONE)
    assert sent.wait(10)
    stop.set()
    thread.join(10)
    assert not thread.is_alive()
    assert waiting(sessions) == []


@pytest.mark.parametrize(
    ("language", "text"), [("zh", "完成注册"), ("en", "Finish your sign-up"), ("xx", "Finish your sign-up")]
)
def test_languages(language: str, text: str) -> None:
    _: Callable[[str], str] = texts(language)
    assert _("Finish your sign-up") == text
