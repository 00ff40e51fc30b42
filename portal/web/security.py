"""Response headers that keep browsers in bounds, cookies, and the proxy in front. Policy: libraries.md, trap 3.

No nonces: there is no inline script or style anywhere, so the policy is one constant text.
"""

from __future__ import annotations

from flask import Flask, Response, request
from flask.sessions import SecureCookieSessionInterface
from flask_babel import gettext as _
from werkzeug.exceptions import BadRequest
from werkzeug.middleware.proxy_fix import ProxyFix

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)

HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}

STRICT_TRANSPORT = "max-age=31536000"
"""A year, this host alone: the portal does not know what else lives below its domain."""

STATIC_ENDPOINTS = frozenset({"static", "bootstrap.static"})


class Sessions(SecureCookieSessionInterface):
    """Flask's signed cookie; sent by TLS only where it was set by TLS, so that `make run` works without."""

    def get_cookie_secure(self, app: Flask) -> bool:  # noqa: ARG002  (Flask's signature)
        """Whether the cookie gets the Secure flag."""
        return request.is_secure


def init_app(app: Flask, *, proxies: int) -> None:
    """Set the headers on every answer and the cookies' flags.

    `proxies` is how many trusted proxies stand in front (0: none; then X-Forwarded-* is ignored). HSTS goes out on TLS
    requests only, as RFC 6797 asks.
    """
    app.config.update(SESSION_COOKIE_HTTPONLY=True, SESSION_COOKIE_SAMESITE="Lax")
    app.session_interface = Sessions()
    if proxies:
        wrapped = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=proxies)
        app.wsgi_app = wrapped  # type: ignore[method-assign]  # Flask's documented way to add middleware
    app.before_request(refuse_nul)
    app.after_request(add_headers)


def refuse_nul() -> None:
    """Refuse the character NUL, which PostgreSQL takes in no text; free text is cleaned of it. Raises BadRequest."""
    if "\x00" in request.path or any("\x00" in value for name, value in request.args.items(True) if name != "q"):
        raise BadRequest(_("The address holds a character that cannot be."))


def add_headers(response: Response) -> Response:
    """Add what a view has not set itself (an upload sets a stricter policy)."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", STRICT_TRANSPORT)
    if "Cache-Control" not in response.headers:
        # A page differs by language, which a cookie or the browser's preference chooses.
        response.headers["Cache-Control"] = "no-cache"
    return response
