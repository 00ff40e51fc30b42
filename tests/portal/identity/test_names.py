"""Sign-in names: one person, one name, however it is typed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.identity.names import masked, normalised


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("Wang@Example.COM", "wang@example.com"),
        ("  wang.fang+x@mail.example.com.cn ", "wang.fang+x@mail.example.com.cn"),
        ("ｗａｎｇ＠example.com", "wang@example.com"),
        ("王芳@例子.中国", "王芳@例子.中国"),
        ("13800138000", "+8613800138000"),
        ("138 0013-8000", "+8613800138000"),
        ("１３８００１３８０００", "+8613800138000"),
        ("+86 138 0013 8000", "+8613800138000"),
        ("0086 13800138000", "+8613800138000"),
        ("+49 (30) 1234567", "+49301234567"),
    ],
)
def test_ways_of_typing(typed: str, name: str) -> None:
    assert normalised(typed) == name


@pytest.mark.parametrize(
    "typed",
    ["", "wang", "wang@", "@example.com", "wang@example", "a b@example.com", "a@b@c.de", "a..b@example.com", "12345",
     "12800138000", "+0123456789", "010 1234567", "x" * 250 + "@example.com", "a\x00@example.com",
     "a@example.com\nBcc: b@c.de",
     "<a@example.com>", "a@ex_ample.com", "+8613800138000000000"],
)  # fmt: skip
def test_neither_address_nor_number(typed: str) -> None:
    assert normalised(typed) == ""


@given(st.text(max_size=60))
def test_a_name_is_its_own_normal_form(text: str) -> None:
    name = normalised(text)
    assert normalised(name) == name


def test_masked() -> None:
    assert masked("wang@example.com") == "w…@example.com"
    assert masked("+8613800138000") == "+86…00"
