"""Passwords: which are refused, and that hashing and checking agree."""

from __future__ import annotations

import pytest
from argon2 import PasswordHasher

from portal.identity.passwords import PasswordProblem, Passwords, password_problem
from tests.portal.apps import CHEAP_PASSWORDS


@pytest.mark.parametrize(
    "password",
    [
        "password12",
        "Password123!",
        "P@ssw0rd2026",
        "1234567890",
        "0987654321",
        "qwertyuiop",
        "qwertyuiop123",
        "aaaaaaaaaa",
        "abcabcabcabc",
        "1212121212",
        "iloveyou2024",
        "woaini1314520",
        "5201314520",
        "zhongguo2026",
        "Shanghai@2026",
        "letmein12345",
        "adminadmin",
        "qazwsxedc1",
        "1q1q1q1q1q",
        "ｐａｓｓｗｏｒｄ１２",
        "dragon!!!!!!",
        "xunyuan2026",
    ],
)
def test_the_commonest_are_refused(password: str) -> None:
    assert password_problem(password) is PasswordProblem.COMMON


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery",
        "轴承和齿轮都是我的最爱",
        "Tr7-kk29-vvmq",
        "my dog eats blue paint",
        "x" + "ab9!" * 249,
        "sunshine over rainy Kiel",
    ],
)
def test_good_ones_are_taken(password: str) -> None:
    assert password_problem(password, ("王芳", "wang@example.com", "宁波轴承集团")) is None


def test_length() -> None:
    assert password_problem("k9#mQ2x") is PasswordProblem.TOO_SHORT
    assert password_problem("k9#mQ2xAb" * 112) is PasswordProblem.TOO_LONG


@pytest.mark.parametrize(
    "password", ["wangfangfang1", "Ningbo-2026-01", "wang.fang2026", "wang.fang@example.com", "宁波轴承集团2026a"]
)
def test_own_names_are_refused(password: str) -> None:
    names = ("Wangfangfang", "wang.fang@example.com", "Ningbo Bearing", "宁波轴承集团")
    assert password_problem(password, names) in {PasswordProblem.OWN_NAME, PasswordProblem.COMMON}


def test_hash_and_check() -> None:
    kept = CHEAP_PASSWORDS.hash("ﬁne words here")
    assert kept.startswith("$argon2id$")
    assert CHEAP_PASSWORDS.verify(kept, "fine words here"), "however the keyboard writes it"
    assert not CHEAP_PASSWORDS.verify(kept, "Fine words here")
    assert not CHEAP_PASSWORDS.verify("", "nobody's password"), "the decoy opens nothing"
    assert not CHEAP_PASSWORDS.verify("damaged", "x")
    assert not CHEAP_PASSWORDS.verify(kept, "x" * 100_000)


def test_other_costs_are_noticed() -> None:
    kept = CHEAP_PASSWORDS.hash("fine words here")
    assert not CHEAP_PASSWORDS.is_outdated(kept)
    assert Passwords(PasswordHasher(time_cost=2, memory_cost=8, parallelism=1)).is_outdated(kept)


def test_the_usual_costs_are_not_those_of_the_tests() -> None:
    assert "m=19456,t=2,p=1" in Passwords().hash("fine words here")
