"""Where to go on to after a form: only ever a page of this portal."""

from __future__ import annotations

from urllib.parse import urlsplit


def safe_next(address: str | None) -> str:
    """The address to go on to, if it is a path of this portal; else "". Two slashes of any kind lead to other hosts."""
    address = address or ""
    if not address.startswith("/") or address[1:2] in {"/", "\\"} or not address.isprintable():
        return ""
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    return "" if parts.scheme or parts.netloc else address
