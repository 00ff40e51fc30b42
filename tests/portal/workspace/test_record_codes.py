"""Codes of sourcing records: hard to guess, easy to read, and a slip is told from an unknown code."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.workspace.record_codes import LENGTH, SIGNS, NoCode, Slip, new_code, read, written

codes = st.text(alphabet=SIGNS, min_size=LENGTH - 1, max_size=LENGTH - 1).map(
    lambda body: next(body + sign for sign in SIGNS if _is_code(body + sign))
)


def _is_code(text: str) -> bool:
    try:
        read(text)
    except NoCode:
        return False
    return True


def test_a_code_has_at_least_a_hundred_random_bits() -> None:
    made = {new_code() for _ in range(50)}
    assert len(made) == 50
    assert all(len(code) == LENGTH and read(code) == code for code in made)
    assert len(SIGNS) ** (LENGTH - 1) >= 2**100


@given(code=codes)
def test_however_it_is_typed_it_is_read(code: str) -> None:
    assert len(written(code).split("-")) == 5
    alike = code.replace("0", "o").replace("1", "l")
    full_width = "".join(chr(ord(sign) + 0xFEE0) for sign in code)
    for typed in (written(code), code.lower(), f"  {written(code).replace('-', ' ')} ", alike, full_width):
        assert read(typed) == code


@given(code=codes, place=st.integers(0, LENGTH - 1), sign=st.sampled_from(SIGNS))
def test_every_sign_mistyped_is_noticed(code: str, place: int, sign: str) -> None:
    typed = code[:place] + sign + code[place + 1 :]
    if typed == code:
        assert read(typed) == code
        return
    with pytest.raises(NoCode) as refused:
        read(typed)
    assert refused.value.slip is Slip.CHECK


def test_what_is_wrong_is_said() -> None:
    code = new_code()
    for typed, slip, sign in (
        (code[:-1], Slip.LENGTH, ""),
        (code + "0", Slip.LENGTH, ""),
        ("", Slip.LENGTH, ""),
        ("U" + code[1:], Slip.SIGN, "U"),
        (code[:-1] + "源", Slip.SIGN, "源"),
    ):
        with pytest.raises(NoCode) as refused:
            read(typed)
        assert (refused.value.slip, refused.value.sign) == (slip, sign)
