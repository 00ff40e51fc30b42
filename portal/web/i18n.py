"""The language of an answer: the `lang` parameter, else the cookie that remembers it, else what the browser asks for.

Below /api the cookie is left aside: an answer to a machine depends on nothing that it did not send on purpose.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import wraps
from types import MappingProxyType
from typing import Literal

from flask import Flask, Response, current_app, g, has_request_context, request
from flask_babel import Babel, refresh

from portal.web.security import STATIC_ENDPOINTS

Lang = Literal["zh", "en"]
LANGUAGES: tuple[Lang, ...] = ("zh", "en")
COOKIE = "lang"
COOKIE_SECONDS = 365 * 24 * 3600


def init_app(app: Flask, *, default: Lang) -> None:
    """Bind Flask-Babel; `default` is spoken where nothing else decides, and outside requests."""
    app.config.update(DEFAULT_LANGUAGE=default, BABEL_DEFAULT_LOCALE="en")
    Babel(
        app,
        default_locale="en",
        default_timezone="Asia/Shanghai",
        default_translation_directories="translations",
        locale_selector=language,
    )

    @app.before_request
    def forget() -> None:
        # A request inside an outer app context (tests, a shell) shares its `g`: choose anew.
        g.pop("language", None)
        g.pop("texts", None)
        refresh()

    @app.after_request
    def remember(response: Response) -> Response:
        return _remember(response)


def known(value: str | None) -> Lang | None:
    """The language a text names, or None. "zh-CN" and "zh-Hans" are zh."""
    primary = (value or "").strip().partition("-")[0].lower()
    return "zh" if primary == "zh" else "en" if primary == "en" else None


def language() -> Lang:
    """The language of the present answer, chosen once a request."""
    if "language" not in g:
        g.language = _choose()
    chosen: Lang = g.language
    return chosen


@contextmanager
def speaking(lang: Lang) -> Iterator[None]:
    """Have texts made in that language for a while, whatever the answer's own."""
    before = language()
    try:
        _speak(lang)
        yield
    finally:
        _speak(before)


def _speak(lang: Lang) -> None:
    g.language = lang
    g.pop("texts", None)
    refresh()


def _choose() -> Lang:
    default: Lang = current_app.config["DEFAULT_LANGUAGE"]
    if not has_request_context():
        return default
    cookie = None if is_api() else request.cookies.get(COOKIE)
    return known(request.args.get("lang")) or known(cookie) or _accepted() or default


def _accepted() -> Lang | None:
    for value, _ in request.accept_languages:
        if language := known(value):
            return language
    return None


def once_a_language(make: Callable[[], Mapping[str, str]]) -> Callable[[], Mapping[str, str]]:
    """For a function that makes a table of translated words: each language's is made once, and none can change it."""
    made: dict[Lang, Mapping[str, str]] = {}

    @wraps(make)
    def words() -> Mapping[str, str]:
        lang = language()
        if lang not in made:
            made[lang] = MappingProxyType(make())
        return made[lang]

    return words


def is_api() -> bool:
    """Whether the request is to the API, where errors are problem documents."""
    return request.path.startswith("/api/")


def keep_language(response: Response, value: str) -> None:
    """Have the browser remember a language: a plain preference, so it needs no consent."""
    chosen = known(value)
    if chosen:
        response.set_cookie(
            COOKIE, chosen, max_age=COOKIE_SECONDS, samesite="Lax", httponly=True, secure=request.is_secure
        )


def _remember(response: Response) -> Response:
    if request.endpoint in STATIC_ENDPOINTS or (response.mimetype or "").startswith("image/"):
        return response  # by its address alone the same for everyone: a cache need not keep one for each cookie
    # A language chosen by a link is kept for the next page.
    chosen = known(request.args.get("lang"))
    if not is_api() and chosen and chosen != request.cookies.get(COOKIE) and response.status_code < 400:
        keep_language(response, chosen)
    response.vary.update(("Accept-Language",) if is_api() else ("Accept-Language", "Cookie"))
    return response
