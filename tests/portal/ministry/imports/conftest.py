"""A portal with firms and accounts for staff, once a worker: each test imports firms of its own."""

from __future__ import annotations

import io
import re
import shutil
import threading
from collections.abc import Callable, Iterator, Sequence
from itertools import count

import pytest
from flask import Flask
from sqlalchemy.orm import sessionmaker
from werkzeug.test import TestResponse

from config.settings import Settings
from portal.extensions import db
from portal.models import Role, User, WebImport
from portal.services import services
from portal.workspace.exporting import Exporter
from portal.workspace.handlers import handlers
from portal.workspace.imports import Uploads
from portal.workspace.jobs import Runner
from tests.portal.accounts.conftest import People, Visitor
from tests.portal.apps import running, settings_of
from tests.portal.importing import HEADINGS, csv_text, firm_row

_addresses = count(1)
_firms = count(20_000)


@pytest.fixture(scope="session")
def ministry_app(portal_settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    folder = tmp_path_factory.mktemp("ministry") / "data"
    shutil.copytree(portal_settings.data_dir, folder)
    with running(settings_of(folder, UPLOAD_LIMIT="1")) as app:
        yield app


@pytest.fixture
def people(ministry_app: Flask) -> People:
    return People(ministry_app)


class Desk(Visitor):
    """A browser of staff."""

    people: People

    def hand_in(self, text: str | bytes, name: str = "名单.csv", source: str = "") -> TestResponse:
        """Upload a list; the answer to it."""
        found = re.search(r'name="csrf_token" value="([^"]+)"', self.get("/ministry/imports").text)
        assert found
        data = text.encode() if isinstance(text, str) else text
        fields = {"csrf_token": found[1], "source": source, "file": (io.BytesIO(data), name)}
        return self.client.post(
            "/ministry/imports",
            data=fields,
            content_type="multipart/form-data",
            environ_base={"REMOTE_ADDR": self.address},
        )

    def upload(self, text: str | bytes, name: str = "名单.csv", source: str = "") -> str:
        """Upload a list that is one; its page."""
        answer = self.hand_in(text, name, source)
        assert answer.status_code == 302, answer.text
        return answer.location.partition("?")[0]

    def columns(self, page: str, **changes: str) -> dict[str, str]:
        """What the form of the columns says, with changes."""
        shown = self.get(page).text
        fields = {"issuing_body": "某省主管部门"}
        for name, body in re.findall(r'<select[^>]* name="(field_\d+)"[^>]*>(.*?)</select>', shown, re.DOTALL):
            chosen = re.search(r'value="([^"]*)" selected', body)
            fields[name] = chosen[1] if chosen else ""
        for name in ("kind", "source"):
            [fields[name]] = re.findall(rf'type="hidden" name="{name}" value="([^"]*)"', shown)
        return fields | changes

    def check(self, page: str, **changes: str) -> TestResponse:
        """Send the form of the columns."""
        return self.submit(f"{page}/check", page, **self.columns(page, **changes))

    def confirm(self, page: str) -> TestResponse:
        """Press "Import now"."""
        found = re.search(r'name="checked" value="([^"]+)"', self.get(page).text)
        return self.submit(f"{page}/confirm", page, **({"checked": found[1]} if found else {}))


@pytest.fixture
def staff(ministry_app: Flask, people: People) -> Callable[..., Desk]:
    """`staff(Role.STAFF_EDITOR)`: a browser of new staff of that role, past both steps."""

    def make(role: Role = Role.STAFF_EDITOR, user: User | None = None) -> Desk:
        one = user or people.user(role)
        number = next(_addresses)
        browser = Desk(ministry_app, f"203.1.{number // 250}.{number % 250}")
        browser.sign_in(one.sign_in)
        assert browser.submit("/sign-in/code", code=people.code(one)).status_code == 302
        return browser

    return make


@pytest.fixture
def desk(staff: Callable[..., Desk]) -> Desk:
    """An editor's browser."""
    return staff()


@pytest.fixture
def work(ministry_app: Flask) -> Callable[[], None]:
    """The worker: does every job that waits."""

    def run() -> None:
        with ministry_app.app_context():
            shared = services()
            uploads = Uploads(shared.settings.uploads_dir)
            doing = handlers(Exporter(shared.settings.exports_dir, shared.open_engine, shared.spool), uploads)
            runner = Runner(sessionmaker(db.engine), shared.catalogue, doing, threading.Event())
            while runner.run_one():
                pass

    return run


@pytest.fixture
def new_firms() -> Callable[[int], list[list[str]]]:
    """`new_firms(3)`: rows of firms that no other test has."""

    def make(many: int) -> list[list[str]]:
        return [firm_row(next(_firms)) for _ in range(many)]

    return make


def listing(rows: Sequence[Sequence[str]], headings: Sequence[str] = HEADINGS) -> str:
    return csv_text(rows, headings)


def stored(people: People, page: str) -> WebImport:
    """The import of a page."""
    with people.session() as session:
        return session.get_one(WebImport, int(page.rpartition("/")[2]))


def number_of(row: Sequence[str]) -> str:
    return row[0]
