"""Settings: defaults, every knob, and refusals that name the variable, the value and what is allowed."""

from __future__ import annotations

import re
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec
import pytest

from config.settings import ROOT, Settings, SettingsError


def settings(folder: Path, **variables: str) -> Settings:
    return Settings.from_environment({"DATA_DIR": str(folder / "data"), **variables})


def test_defaults_lie_below_the_data_folder(tmp_path: Path) -> None:
    found = settings(tmp_path)
    assert found.data_dir == tmp_path / "data"
    assert found.data_dir.is_dir()
    assert found.database_url == f"sqlite:///{tmp_path}/data/portal.db"
    assert found.search_url == f"tantivy://{tmp_path}/data/index"
    assert found.catalogue_dir == ROOT / "config/catalogue"
    assert found.mail_url == f"file://{tmp_path}/data/mail"
    assert found.sms_url == f"file://{tmp_path}/data/sms"
    assert (found.public_url, found.auto_approve) == ("http://127.0.0.1:8000", False)
    assert settings(tmp_path, PORT="8090").public_url == "http://127.0.0.1:8090"
    assert (found.port, found.default_language, found.public_lookup, found.metrics_token) == (8000, "zh", True, None)


def test_the_process_environment_is_the_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    monkeypatch.setenv("PAGE_SIZE", "7")
    assert Settings.from_environment().page_size == 7


@pytest.mark.parametrize(
    ("name", "raw", "value"),
    [
        ("PORT", "8080", 8080),
        ("SEARCH_TIMEOUT", "2", 2.0),
        ("PUBLIC_LOOKUP", "false", False),
        ("PUBLIC_LOOKUP", "1", True),
        ("DEFAULT_LANGUAGE", " en ", "en"),
        ("LOG_LEVEL", "debug", "DEBUG"),
        ("LOG_FORMAT", "json", "json"),
        ("RATE_LIMIT", "5/second", "5/second"),
        ("TRUSTED_PROXIES", "1", 1),
        ("METRICS_TOKEN", "0123456789abcdef", "0123456789abcdef"),
        ("CONTACT", "供应商目录 <list@example.org>", "供应商目录 <list@example.org>"),
        ("PAGE_SIZE", "", 20),
        ("SEARCH_URL", "https://search.example.org/xunyuan", "https://search.example.org/xunyuan"),
        (
            "DATABASE_URL",
            "postgres://u:p@db:5433/x?sslmode=require",
            "postgresql+psycopg://u:p@db:5433/x?sslmode=require",
        ),
        ("DATABASE_URL", "postgresql://u@/x?host=/run/pg", "postgresql+psycopg://u@/x?host=/run/pg"),
        ("DATABASE_URL", "sqlite:////var/x.db", "sqlite:////var/x.db"),
        ("DATABASE_URL", "sqlite:///x.db", f"sqlite:///{ROOT}/x.db"),
        ("MAIL_URL", "smtps://portal:secret@mail.example.org", "smtps://portal:secret@mail.example.org"),
        ("MAIL_URL", "file:///var/mail", "file:///var/mail"),
        ("MAIL_FROM", "portal@example.org", "portal@example.org"),
        ("SMS_URL", "https://sms.example.org/send", "https://sms.example.org/send"),
        ("PUBLIC_URL", "https://portal.example.org/", "https://portal.example.org"),
        ("AUTO_APPROVE", "true", True),
        ("WEBHOOK_ALLOWED_NETWORKS", "10.1.0.0/16, ::1/128", "10.1.0.0/16, ::1/128"),
        ("SESSION_IDLE", "15", 15),
        ("SESSION_ABSOLUTE", "24", 24),
    ],
)
def test_values(tmp_path: Path, name: str, raw: str, value: object) -> None:
    assert getattr(settings(tmp_path, **{name: raw}), name.lower()) == value


@pytest.mark.parametrize(
    ("name", "raw", "allowed"),
    [
        ("PORT", "0", "a port, 1 to 65535"),
        ("PORT", "http", "a port, 1 to 65535"),
        ("SEARCH_TIMEOUT", "0", "seconds, 0.1 to 60"),
        ("SEARCH_TIMEOUT", "nan", "seconds, 0.1 to 60"),
        ("WEB_WORKERS", "-1", "a whole number, 1 to 64"),
        ("PUBLIC_LOOKUP", "perhaps", "true or false"),
        ("DEFAULT_LANGUAGE", "fr", "zh or en"),
        ("LOG_LEVEL", "loud", "DEBUG, INFO, WARNING, ERROR or CRITICAL"),
        ("PAGE_SIZE", "101", "a whole number, 1 to 100"),
        ("RATE_LIMIT", "600 per minute", "such as 600/minute"),
        ("CATALOGUE_DIR", "/no/such/folder", "a folder that exists"),
        ("DATA_DIR", "/proc/portal", "a folder that can be written"),
        ("SEARCH_URL", "elastic://x", "tantivy:///FOLDER or http(s)://HOST:PORT/INDEX"),
        ("SEARCH_URL", "http://x:port/y", "tantivy:///FOLDER or http(s)://HOST:PORT/INDEX"),
        ("DATABASE_URL", "mysql://x/y", "sqlite:///FILE or postgresql://"),
        ("DATABASE_URL", "sqlite://", "sqlite:///FILE or postgresql://"),
        ("MAIL_URL", "http://mail", "file:///FOLDER or smtp(s)://"),
        ("MAIL_URL", "smtp://", "file:///FOLDER or smtp(s)://"),
        ("MAIL_FROM", "portal", "an e-mail address"),
        ("SMS_URL", "smtp://x", "file:///FOLDER or http(s)://"),
        ("PUBLIC_URL", "portal.example.org", "http(s)://HOST, without a path"),
        ("PUBLIC_URL", "https://portal.example.org/x", "http(s)://HOST, without a path"),
        ("WEBHOOK_ALLOWED_NETWORKS", "10.1.0.1/16", "networks as in 10.1.0.0/16"),
        ("WEBHOOK_ALLOWED_NETWORKS", "intranet", "networks as in 10.1.0.0/16"),
        ("REVIEW_STAGES", "claims:local", "KIND:STAGE+STAGE"),
        ("REVIEW_STAGES", "claim:", "KIND:STAGE+STAGE"),
        ("REVIEW_STAGES", "claim:ministry+local", "in this order"),
        ("REVIEW_STAGES", "claim:local,claim:ministry", "KIND:STAGE+STAGE"),
        ("SESSION_IDLE", "0", "minutes, 1 to 1440"),
        ("SESSION_ABSOLUTE", "721", "hours, 1 to 720"),
    ],
)
def test_refusals(tmp_path: Path, name: str, raw: str, allowed: str) -> None:
    with pytest.raises(SettingsError) as refusal:
        settings(tmp_path, **{name: raw})
    message = str(refusal.value)
    assert message.startswith(f"{name} is {raw!r}; allowed is: ")
    assert allowed in message


def test_stages_by_kind(tmp_path: Path) -> None:
    found = settings(tmp_path, REVIEW_STAGES="claim:local+province, profile:local ,correction:local+ministry")
    assert found.stages == {
        "claim": ("local", "province"),
        "profile": ("local",),
        "correction": ("local", "ministry"),
    }
    assert settings(tmp_path).stages == {}


def test_no_secret_in_a_message(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"^SECRET_KEY is a value of 6 characters; .*16 characters"):
        settings(tmp_path, SECRET_KEY="hidden")
    with pytest.raises(SettingsError, match=r"'mysql://u:\*\*\*@db/x'"):
        settings(tmp_path, DATABASE_URL="mysql://u:hidden@db/x")
    with pytest.raises(SettingsError, match=r"'imap://u:\*\*\*@mail'"):
        settings(tmp_path, MAIL_URL="imap://u:hidden@mail")


def test_the_secret_key_is_made_once_and_kept_from_others(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        keys = {found.secret_key for found in pool.map(lambda _: settings(tmp_path), range(16))}
    assert len(keys) == 1
    assert len(keys.pop()) >= 32
    assert stat.S_IMODE((tmp_path / "data/secret_key").stat().st_mode) == 0o600
    assert [file.name for file in (tmp_path / "data").iterdir()] == ["secret_key"]
    assert settings(tmp_path, SECRET_KEY="k" * 16).secret_key == "k" * 16


def test_every_knob_has_a_comment_and_words_for_what_is_allowed(tmp_path: Path) -> None:
    lines = (ROOT / "config/settings.py").read_text(encoding="utf-8").splitlines()
    for knob in msgspec.structs.fields(Settings):
        at = next(i for i, line in enumerate(lines) if line.startswith(f"    {knob.name}: "))
        assert re.match(r"    # [A-Z].+\.$", lines[at - 1]), knob.name
    with pytest.raises(SettingsError, match="allowed is: at most 200 characters"):
        settings(tmp_path, CONTACT="x" * 201)
