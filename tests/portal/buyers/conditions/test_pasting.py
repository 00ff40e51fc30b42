"""Pasted codes: whatever people paste is understood, or given back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.workspace.pasting import MUST, NICE, NOT, Pasted, pasted

KNOWN = ("X01-05", "X01-06", "X03-07", "S-EL-24")
A, B, C, D = KNOWN


@pytest.mark.parametrize(
    ("text", "chosen"),
    [
        ("X01-05, x01–06；Ｘ０３－０７：3", {A: (MUST, 1), B: (MUST, 1), C: (NICE, 3)}),
        ("X0105 | s_el_24", {A: (MUST, 1), D: (MUST, 1)}),
        ("必备：X01-05 X01-06\n加分: X03-07:2 S-EL-24", {A: (MUST, 1), B: (MUST, 1), C: (NICE, 2), D: (NICE, 1)}),
        ("X01-05\t导入卓越绩效\t必备\nX03-07\t有形要素\t加分\t5\n", {A: (MUST, 1), C: (NICE, 5)}),
        ("必备项\nX01-05\nX01-06\n\n加分项\nX03-07×4\n", {A: (MUST, 1), B: (MUST, 1), C: (NICE, 4)}),
        ("X01-05(必备)、X03-07（加分）", {A: (MUST, 1), C: (NICE, 1)}),
        ("must: X01-05 nice to have: X03-07:2, exclude X01-06", {A: (MUST, 1), C: (NICE, 2), B: (NOT, 1)}),
        ("1. X01-05 must\n2. X01-06 nice", {A: (MUST, 1), B: (NICE, 1)}),
        ("X01-05:必备;X01-06:加分:3", {A: (MUST, 1), B: (NICE, 3)}),
        ("X01-05 X01-05 加分", {A: (NICE, 1)}),
        ("X01-05:500, X01-06:0", {A: (NICE, 100), B: (NICE, 1)}),
        ("", {}),
    ],
)
def test_what_people_paste(text: str, chosen: dict[str, tuple[str, int]]) -> None:
    assert pasted(text, KNOWN).chosen == chosen


def test_what_is_not_marked_is_as_said() -> None:
    assert pasted("X01-05, X03-07:2", KNOWN, NICE).chosen == {A: (NICE, 1), C: (NICE, 2)}


def test_what_is_not_understood_is_given_back() -> None:
    found = pasted("X01-05 X99-01 必备 质量奖\nx98-02:3 的", KNOWN)
    assert found == Pasted({A: (MUST, 1)}, ("X99-01", "x98-02"), ("质量奖", "的"))


@given(
    st.lists(st.sampled_from([*KNOWN, "X99-01", "Y1-2"]), max_size=8),
    st.sampled_from([" ", ",", "，", "、", ";", "\n", "\t", " / "]),
)
def test_nothing_is_lost(codes: list[str], separator: str) -> None:
    found = pasted(separator.join(codes), KNOWN)
    assert {*found.chosen, *found.unknown} == set(codes)


@given(st.text(max_size=200))
def test_any_text_is_taken(text: str) -> None:
    assert set(pasted(text, KNOWN).chosen) <= set(KNOWN)
