"""Sign-in names: an e-mail address or a phone number, written in one way whoever types it how."""

from __future__ import annotations

import re
import unicodedata

MAX_NAME = 254
_MAIL = re.compile(r"[^@\s<>,;:\"()\[\]\\]{1,64}@[^@\s<>,;:\"()\[\]\\_]+\.[^@\s<>,;:\"()\[\]\\_.]+")
_CHINESE_MOBILE = re.compile(r"1[3-9]\d{9}")
_INTERNATIONAL = re.compile(r"\+[1-9]\d{6,14}")
_SEPARATORS = re.compile(r"[\s\-.()/]+")


def normalised(text: str) -> str:
    """The one way of writing a sign-in name; "" where it is neither an e-mail address nor a phone number.

    Addresses in small letters (no provider in use tells them apart); numbers as +86…, a Chinese mobile number may go
    without. Full-width characters are taken for what they look like.
    """
    text = unicodedata.normalize("NFKC", text).strip()
    if len(text) > MAX_NAME or any(unicodedata.category(character).startswith("C") for character in text):
        return ""
    if "@" in text:
        text = text.lower()
        return text if _MAIL.fullmatch(text) and ".." not in text else ""
    number = _SEPARATORS.sub("", text)
    if number.startswith("00"):
        number = f"+{number[2:]}"
    if _CHINESE_MOBILE.fullmatch(number):
        number = f"+86{number}"
    return number if _INTERNATIONAL.fullmatch(number) and number.isascii() else ""


def is_phone(sign_in: str) -> bool:
    """Whether a normalised sign-in name is a phone number."""
    return "@" not in sign_in


def masked(sign_in: str) -> str:
    """Enough of a name for its owner to know it by: "w…@example.com", "+86…01"."""
    if is_phone(sign_in):
        return f"{sign_in[:3]}…{sign_in[-2:]}"
    local, _at, domain = sign_in.partition("@")
    return f"{local[:1]}…@{domain}"
