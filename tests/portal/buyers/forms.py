"""Sending the workspace's forms."""

from __future__ import annotations

import re
from typing import Any

from werkzeug.test import TestResponse

from tests.portal.accounts.conftest import Visitor


def send(browser: Visitor, path: str, /, follow: bool = True, **fields: Any) -> TestResponse:
    """Send a form of the workspace, repeated fields too."""
    found = re.search(r'name="csrf_token"[^>]* value="([^"]+)"', browser.get("/shortlists").text)
    assert found
    data = {"csrf_token": found[1], **fields}
    return browser.client.post(path, data=data, environ_base={"REMOTE_ADDR": browser.address}, follow_redirects=follow)


def undo_path(page: TestResponse) -> str:
    found = re.search(r'action="(/undo/\d+)"', page.text)
    assert found, page.text
    return found[1]
