"""Texts of messages in the reader's language, which need not be that of the request that causes them."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from babel.support import NullTranslations, Translations

FOLDER = Path(__file__).resolve().parent.parent / "translations"


def texts(language: str) -> Callable[[str], str]:
    """What finds the text of that language for an English one; call it `_`, so that translators get the text."""
    return _translations(language).gettext


@lru_cache(maxsize=4)
def _translations(language: str) -> NullTranslations:
    return Translations.load(FOLDER, [language])
