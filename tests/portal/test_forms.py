"""Texts of every form come in clean, whatever kind of field takes them, and however often the form is used."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from wtforms import PasswordField, StringField, TextAreaField, URLField

from portal.care.objections import LEAST
from portal.lookup.editions import ObjectionForm
from portal.ministry.edition_forms import AnswerForm
from portal.ministry.review_forms import DecisionForm
from portal.suppliers.correction_forms import CorrectionForm
from portal.web.forms import Form

HOSTILE = "第一\x00行\u202e\t好\r\n第二行\x1b "


class Everything(Form):
    """A field of each kind, one with a filter of its own."""

    line = StringField()
    small = StringField(filters=[str.lower])
    link = URLField()
    text = TextAreaField()
    secret = PasswordField()


@pytest.fixture
def filled(portal_app: Flask) -> Callable[..., Form]:
    """`filled(Form, **sent)`: as a request brings it."""

    def make(form: type[Form], **sent: str) -> Form:
        with portal_app.test_request_context(method="POST", data=sent):
            return form()

    return make


def test_no_control_character_comes_in_by_any_kind_of_field(filled: Callable[..., Form]) -> None:
    sent = {"line": HOSTILE, "small": "ABC", "link": "https://x.example\x00/", "text": HOSTILE, "secret": " a\x00 "}
    for _again in range(2):
        data = filled(Everything, **sent).data
        assert data["line"] == "第一 行 好 第二行"
        assert data["small"] == "abc"
        assert data["link"] == "https://x.example /"
        assert data["text"] == "第一行 好\n第二行"
        assert data["secret"] == " a\x00 ", "a password is what it is"


@pytest.mark.parametrize(
    ("form", "field"),
    [(ObjectionForm, "text"), (AnswerForm, "answer"), (DecisionForm, "comment"), (CorrectionForm, "why")],
)
def test_what_is_written_to_staff_and_by_them_is_clean(
    filled: Callable[..., Form], form: type[Form], field: str
) -> None:
    said: str = filled(form, **{field: HOSTILE * LEAST}).data[field]
    assert not {"\x00", "\x1b", "\u202e", "\r"} & set(said)
