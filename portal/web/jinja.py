"""What every template can use: language, dates, numbers, addresses of files by content, the fictional-data banner."""

from __future__ import annotations

import hashlib
import threading
from datetime import date, datetime
from functools import lru_cache
from gettext import NullTranslations
from pathlib import Path
from time import monotonic
from typing import Any
from urllib.parse import unquote, urlencode

from flask import Flask, Response, current_app, g, request, url_for
from flask_babel import get_translations
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from portal.extensions import db
from portal.models import Fact
from portal.register.clock import CHINA, today_china
from portal.services import services
from portal.web.i18n import Lang, language
from portal.web.presenters.people import person
from portal.web.security import STATIC_ENDPOINTS
from portal.web.users import shown_user

FICTIONAL_SECONDS = 10.0
YEAR = 365 * 24 * 3600


def init_app(app: Flask) -> None:
    """Add filters, globals and the context of every page, and version the addresses of static files."""
    # Flask-Babel finds the language anew at each of a page's 300 texts; a request has one.
    app.jinja_env.install_gettext_callables(_gettext, _ngettext, newstyle=True)  # type: ignore[attr-defined]
    app.add_template_filter(number)
    app.add_template_filter(day)
    app.add_template_filter(minute)
    app.add_template_filter(person)
    app.add_template_filter(unquote, "legible")
    app.add_template_global(asset)
    app.add_template_global(t_url)
    fictional = Fictional()
    app.context_processor(lambda: page_context(fictional))
    app.url_defaults(add_version)
    app.after_request(cache_files)


def _texts() -> NullTranslations:
    texts: NullTranslations | None = g.get("texts")
    if texts is None:
        texts = g.texts = get_translations()
    return texts


def _gettext(text: str) -> str:
    return _texts().gettext(text)


def _ngettext(singular: str, plural: str, num: int) -> str:
    return _texts().ngettext(singular, plural, num)


def page_context(fictional: Fictional) -> dict[str, Any]:
    """What base.html asks for."""
    lang = language()
    return {
        "lang": lang,
        "other_language_url": t_url("en" if lang == "zh" else "zh"),
        "fictional": fictional.now(),
        "catalogue": services().catalogue,
        "today": today_china(),
        "me": shown_user(),
        "sign_in_url": _sign_in_url(),
        "here": request.full_path.rstrip("?"),
    }


def _sign_in_url() -> str:
    """Where to sign in, and to come back from."""
    back = request.full_path.rstrip("?") if request.method == "GET" and request.blueprint != "accounts" else None
    return url_for("accounts.sign_in", next=back)


def number(value: int | float) -> str:
    """1234567 → "1,234,567", as both languages write it."""
    return f"{value:,}"


def day(value: date | datetime | None, missing: str = "—") -> str:
    """The ISO day in China time, which reads alike in both languages and sorts; a dash for None."""
    if value is None:
        return missing
    if isinstance(value, datetime):
        value = value.astimezone(CHINA).date()
    return value.isoformat()


def minute(value: datetime) -> str:
    """Day and minute in China time."""
    return f"{value.astimezone(CHINA):%Y-%m-%d %H:%M}"


def asset(filename: str) -> str:
    """The address of a file below static/; it changes with the content."""
    return url_for("static", filename=filename)


def t_url(lang: Lang) -> str:
    """The address of the present page in another language."""
    kept = [(name, value) for name, value in request.args.items(multi=True) if name != "lang"]
    return f"{request.path}?{urlencode([*kept, ('lang', lang)])}"


def in_other_language(path: str) -> str:
    """The address of another page in the other language: `other_language_url` of an answer to a form sent from it."""
    return f"{path}?lang={'en' if language() == 'zh' else 'zh'}"


class Fictional:
    """Whether the register holds sample firms, read from the database at most every ten seconds a process."""

    def __init__(self) -> None:
        self._value = False
        self._until = 0.0
        self._lock = threading.Lock()

    def now(self) -> bool:
        """The fact; the last one known while the database does not answer, so that an error page still renders."""
        with self._lock:
            if monotonic() >= self._until:
                self._until = monotonic() + FICTIONAL_SECONDS
                self._value = self._read()
            return self._value

    def _read(self) -> bool:
        try:
            return (db.session.scalar(select(Fact.value).where(Fact.name == "fictional")) or "") not in (
                "",
                "0",
                "false",
            )
        except SQLAlchemyError:
            db.session.rollback()
            return self._value


def add_version(endpoint: str, values: dict[str, Any]) -> None:
    """Put the content's hash into a static file's address."""
    if endpoint not in STATIC_ENDPOINTS:
        return
    if version := content_version(endpoint, str(values.get("filename", ""))):
        values.setdefault("v", version)


def content_version(endpoint: str, filename: str) -> str:
    """The first digits of the content's hash; empty for a file that is not there."""
    folder = _static_folder(endpoint)
    path = folder / filename
    if not path.is_file():
        return ""
    return _hash(path, path.stat().st_mtime_ns)


def _static_folder(endpoint: str) -> Path:
    owner = current_app.blueprints[endpoint.partition(".")[0]] if "." in endpoint else current_app
    return Path(owner.static_folder or "")


@lru_cache(maxsize=512)
def _hash(path: Path, _modified: int) -> str:
    return hashlib.blake2b(path.read_bytes(), digest_size=6).hexdigest()


def cache_files(response: Response) -> Response:
    """A file asked for by its present content may be kept for a year; by name alone, it is asked for again."""
    if request.endpoint not in STATIC_ENDPOINTS or response.status_code not in (200, 206, 304):
        return response
    filename = str((request.view_args or {}).get("filename", ""))
    if request.args.get("v") == content_version(request.endpoint, filename):
        response.headers["Cache-Control"] = f"public, max-age={YEAR}, immutable"
    else:
        response.headers["Cache-Control"] = "public, no-cache"
    return response
