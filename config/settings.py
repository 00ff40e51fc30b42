"""Settings, read once from the environment and checked before anything starts.

A knob `search_timeout` is the variable SEARCH_TIMEOUT; one that is unset or empty takes its default.
"""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Mapping
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Any, Literal, get_type_hints
from urllib.parse import SplitResult, urlsplit

import msgspec
from msgspec import Meta

ROOT = Path(__file__).resolve().parent.parent
"""Relative folders start here, wherever a command is called from."""

Port = Annotated[int, Meta(ge=1, le=65535, description="a port, 1 to 65535")]
Count = Annotated[int, Meta(ge=1, le=64, description="a whole number, 1 to 64")]
Switch = Annotated[bool, Meta(description="true or false")]
RateLimit = Annotated[
    str,
    Meta(
        pattern=r"^[1-9][0-9]{0,8}/(second|minute|hour|day)$",
        description="a number, a slash and second, minute, hour or day, such as 600/minute",
    ),
]
LogLevel = Annotated[
    Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"],
    Meta(description="DEBUG, INFO, WARNING, ERROR or CRITICAL"),
]
Secret = Annotated[str, Meta(min_length=16, description="at least 16 characters")]

Minutes = Annotated[int, Meta(ge=1, le=1440, description="minutes, 1 to 1440")]
Hours = Annotated[int, Meta(ge=1, le=720, description="hours, 1 to 720")]

DEFAULT_PORT = 8000
MAIL_URLS = "file:///FOLDER or smtp(s)://USER:PASSWORD@HOST:PORT"
SMS_URLS = "file:///FOLDER or http(s)://HOST/PATH"
NETWORKS = "networks as in 10.1.0.0/16, with a comma between two"
STAGES = "KIND:STAGE+STAGE, …: claim, profile, correction; local, province, ministry, in this order"
PUBLIC_URLS = "http(s)://HOST, without a path"

PROFILE_GROUPS = (
    *("description", "products", "processes", "sites", "equipment", "markets", "references", "certificates"),
    *("achievements", "website", "telephone", "contacts"),
)
AT_ONCE = frozenset({"website", "telephone"})
REVIEWED = f"usual, all, none, or some of {', '.join(PROFILE_GROUPS)}, with a comma between two"

SECRETS = frozenset({"secret_key", "metrics_token"})


class SettingsError(ValueError):
    """A variable holds what is not allowed; the message names it, its value and what is allowed."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Every knob of the portal. Folders are absolute, URLs complete, secrets made where none was given."""

    # Everything the portal writes lies below this folder: database, index, uploads, mail, keys.
    data_dir: Annotated[Path, Meta(description="a folder that can be written")] = Path("instance")
    # The database; by default the SQLite file portal.db below DATA_DIR.
    database_url: Annotated[str, Meta(description="sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME")] = ""
    # The search engine; by default an embedded index in the folder `index` below DATA_DIR.
    search_url: Annotated[str, Meta(description="tantivy:///FOLDER or http(s)://HOST:PORT/INDEX")] = ""
    # Seconds after which a request to the search engine is given up and answered with 503.
    search_timeout: Annotated[float, Meta(ge=0.1, le=60, description="seconds, 0.1 to 60")] = 5.0
    # Sectors, industries, schemes, criteria and the like: an authority's own in place of the demonstration ones.
    catalogue_dir: Annotated[Path, Meta(description="a folder that exists")] = Path("config/catalogue")
    # Signs cookies and salts hashes; by default made once and kept in the file secret_key below DATA_DIR.
    secret_key: Secret = ""
    # The web server's port.
    port: Port = DEFAULT_PORT
    # The address it listens at; 127.0.0.1 where a proxy on the same machine stands in front.
    listen: Annotated[str, Meta(pattern=r"^[0-9A-Za-z.:\[\]-]+$", description="an address or host name")] = "127.0.0.1"
    # Web processes.
    web_workers: Count = 2
    # Threads of each web process.
    web_threads: Count = 4
    # Whether anyone may look up official facts; false keeps them for those who are signed in.
    public_lookup: Switch = True
    # The address under which people reach the portal, for links in messages; by default this machine's and PORT.
    public_url: Annotated[str, Meta(description=PUBLIC_URLS)] = ""
    # Whether organisations that sign up may begin at once; false lets staff approve each.
    auto_approve: Switch = False
    # Minutes without a request after which one is signed out.
    session_idle: Minutes = 60
    # Hours after which one must sign in again, whatever happened since.
    session_absolute: Hours = 12
    # How mail goes out; by default into files in the folder `mail` below DATA_DIR.
    mail_url: Annotated[str, Meta(description=MAIL_URLS)] = ""
    # The sender of mail.
    mail_from: Annotated[str, Meta(pattern=r"^[^@\s<>]+@[^@\s<>]+$", description="an e-mail address")] = (
        "portal@localhost"
    )
    # The web service that is sent each SMS as JSON; by default files in the folder `sms` below DATA_DIR.
    sms_url: Annotated[str, Meta(description=SMS_URLS)] = ""
    # Networks that alerts may be sent to although they are not public, such as 10.1.0.0/16: intranets, by http too.
    webhook_allowed_networks: Annotated[str, Meta(description=NETWORKS)] = ""
    # The language of visitors whose browser asks for neither.
    default_language: Annotated[Literal["zh", "en"], Meta(description="zh or en")] = "zh"
    # The least important messages that are logged.
    log_level: LogLevel = "INFO"
    # Log lines for machines or for people.
    log_format: Annotated[Literal["json", "console"], Meta(description="json or console")] = "console"
    # Suppliers on a result page when the address does not say.
    page_size: Annotated[int, Meta(ge=1, le=100, description="a whole number, 1 to 100")] = 20
    # Requests allowed to one address; counted in each web process by itself.
    rate_limit: RateLimit = "600/minute"
    # Proxies in front that set X-Forwarded-For and -Proto; with 0 those headers are ignored.
    trusted_proxies: Annotated[int, Meta(ge=0, le=9, description="a whole number, 0 to 9")] = 0
    # Months after which an assessment is shown to staff as stale.
    assessment_months: Annotated[int, Meta(ge=1, le=120, description="months, 1 to 120")] = 24
    # Whether the conditions that buyers search by are kept, never their words or who asked: for demand and near misses.
    search_log: Switch = True
    # Days after which they are forgotten.
    search_log_days: Annotated[int, Meta(ge=90, le=3660, description="days, 90 to 3660")] = 180
    # Days that a ranking list is under public notice, objections being taken, before it can be published.
    notice_days: Annotated[int, Meta(ge=1, le=90, description="days, 1 to 90")] = 7
    # Whoever reads /metrics sends it as a bearer token; without one, only this machine may read them.
    metrics_token: Secret | None = None
    # Whom visitors can turn to, shown at the foot of every page and in the API's description.
    contact: Annotated[str, Meta(max_length=200, description="at most 200 characters")] = ""

    # The stages that a firm's cases pass before they hold, as in claim:local+province; not named: the ministry's alone.
    review_stages: Annotated[str, Meta(description=STAGES)] = ""
    # Whether staff limited to no region may decide at every stage, as where a province has no staff of its own.
    review_everywhere: Switch = True

    # What of a firm's profile staff see before it is published; usual: everything but website and telephone.
    profile_review: Annotated[str, Meta(description=REVIEWED)] = "usual"

    # The largest list that staff can hand in for an import, in MB.
    upload_limit: Annotated[int, Meta(ge=1, le=2048, description="MB, 1 to 2048")] = 100

    # The largest file that a firm can hand in as proof of a claim or a correction, in MB.
    proof_limit: Annotated[int, Meta(ge=1, le=100, description="MB, 1 to 100")] = 10
    # The most pages such a PDF may have.
    proof_pages: Annotated[int, Meta(ge=1, le=500, description="pages, 1 to 500")] = 20
    # Days after which the files of a decided case are removed.
    proof_days: Annotated[int, Meta(ge=1, le=3650, description="days, 1 to 3650")] = 183

    @property
    def profile_reviewed(self) -> frozenset[str]:
        """PROFILE_REVIEW, parsed: groups of a profile."""
        return _reviewed(self.profile_review)

    @property
    def proofs_dir(self) -> Path:
        """Where the files lie that prove what firms say; all web processes must see the same one, and the worker."""
        return self.data_dir / "proofs"

    @property
    def uploads_dir(self) -> Path:
        """Where lists that staff hand in are kept; web and worker must see the same one."""
        return self.data_dir / "uploads"

    @property
    def exports_dir(self) -> Path:
        """Where files that were asked for wait to be fetched; web and worker must see the same one."""
        return self.data_dir / "exports"

    @property
    def usage_dir(self) -> Path:
        """Where processes note what is counted until the worker adds it up; all must see the same one."""
        return self.data_dir / "usage"

    @property
    def records_dir(self) -> Path:
        """Where the files of sourcing records lie by their hashes; they are kept for good."""
        return self.data_dir / "records"

    @property
    def webhook_networks(self) -> tuple[IPv4Network | IPv6Network, ...]:
        """WEBHOOK_ALLOWED_NETWORKS, parsed."""
        return _networks(self.webhook_allowed_networks)

    @property
    def stages(self) -> dict[str, tuple[str, ...]]:
        """REVIEW_STAGES, parsed: stages by kind of case."""
        return _stages(self.review_stages)

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] | None = None) -> Settings:
        """The settings that `environ` (default: the process's own) asks for.

        Makes DATA_DIR, and in it the secret key, where they are missing. Raises SettingsError.
        """
        source = os.environ if environ is None else environ
        given = _read(source)
        given["data_dir"] = _data_dir(given.get("data_dir", Path("instance")))
        given["catalogue_dir"] = _catalogue_dir(given.get("catalogue_dir", Path("config/catalogue")))
        data_dir: Path = given["data_dir"]
        given["database_url"] = _database_url(given.get("database_url") or f"sqlite:///{data_dir / 'portal.db'}")
        given["search_url"] = _search_url(given.get("search_url") or f"tantivy://{data_dir / 'index'}")
        given["mail_url"] = _channel_url("mail_url", given.get("mail_url") or f"file://{data_dir / 'mail'}")
        given["sms_url"] = _channel_url("sms_url", given.get("sms_url") or f"file://{data_dir / 'sms'}")
        _networks(given.get("webhook_allowed_networks", ""))
        _stages(given.get("review_stages", ""))
        _reviewed(given.get("profile_review", "usual"))
        port = given.get("port", DEFAULT_PORT)
        given["public_url"] = _public_url(given.get("public_url") or f"http://127.0.0.1:{port}")
        given["secret_key"] = given.get("secret_key") or _kept_secret(data_dir / "secret_key")
        return cls(**given)


def _read(environ: Mapping[str, str]) -> dict[str, Any]:
    """The values of the variables that are set, each of its knob's type."""
    given: dict[str, Any] = {}
    for name, hint in get_type_hints(Settings, include_extras=True).items():
        raw = environ.get(name.upper(), "").strip()
        if raw:
            given[name] = _convert(name, raw, hint)
    return given


def _convert(name: str, raw: str, hint: Any) -> Any:
    text = raw.upper() if name == "log_level" else raw
    try:
        return msgspec.convert(text, hint, strict=False, dec_hook=lambda kind, value: kind(value))
    except msgspec.ValidationError:
        raise _refused(name, raw, _allowed(hint)) from None


def _allowed(hint: Any) -> str:
    """What a knob's type says in words; of `T | None` what T says."""
    for part in (hint, *getattr(hint, "__args__", ())):
        for meta in getattr(part, "__metadata__", ()):
            if isinstance(meta, Meta) and meta.description:
                return meta.description
    raise TypeError(f"a knob without a description: {hint!r}")


def _refused(name: str, raw: str, allowed: str) -> SettingsError:
    shown = f"a value of {len(raw)} characters" if name in SECRETS else repr(_without_password(raw))
    return SettingsError(f"{name.upper()} is {shown}; allowed is: {allowed}")


def _without_password(url: str) -> str:
    """Messages end in logs, where a password has no place."""
    return re.sub(r"(://[^/:@]*):[^/]*@", r"\1:***@", url)


def _data_dir(path: Path) -> Path:
    folder = ROOT / path.expanduser()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        raise _refused("data_dir", str(path), "a folder that can be written") from None
    if not os.access(folder, os.W_OK | os.X_OK):
        raise _refused("data_dir", str(path), "a folder that can be written")
    return folder.resolve()


def _catalogue_dir(path: Path) -> Path:
    folder = ROOT / path.expanduser()
    if not folder.is_dir():
        raise _refused("catalogue_dir", str(path), "a folder that exists")
    return folder.resolve()


def _split(name: str, url: str, allowed: str) -> SplitResult:
    """The URL in parts. Raises SettingsError where its port or brackets make no sense."""
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018  (reading it is the check)
    except ValueError:
        raise _refused(name, url, allowed) from None
    return parts


def _database_url(url: str) -> str:
    """With the driver that is installed, and a SQLite file by its absolute path."""
    allowed = "sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME"
    parts = _split("database_url", url, allowed)
    if parts.scheme == "sqlite" and not parts.netloc and len(parts.path) > 1:
        return f"sqlite:///{ROOT / url.removeprefix('sqlite:///')}"
    if parts.scheme in {"postgres", "postgresql", "postgresql+psycopg"} and len(parts.path) > 1:
        return f"postgresql+psycopg{url.removeprefix(parts.scheme)}"
    raise _refused("database_url", url, allowed)


def _search_url(url: str) -> str:
    allowed = "tantivy:///FOLDER or http(s)://HOST:PORT/INDEX"
    parts = _split("search_url", url, allowed)
    embedded = parts.scheme == "tantivy" and not parts.netloc and len(parts.path) > 1
    if embedded or (parts.scheme in {"http", "https"} and parts.hostname):
        return url
    raise _refused("search_url", url, allowed)


def _channel_url(name: str, url: str) -> str:
    """Where messages go; a folder by its absolute path."""
    allowed, schemes = {
        "mail_url": (MAIL_URLS, ("smtp", "smtps")),
        "sms_url": (SMS_URLS, ("http", "https")),
    }[name]
    parts = _split(name, url, allowed)
    if parts.scheme == "file" and not parts.netloc and len(parts.path) > 1:
        return f"file://{ROOT / url.removeprefix('file://')}"
    if parts.scheme in schemes and parts.hostname:
        return url
    raise _refused(name, url, allowed)


def _networks(text: str) -> tuple[IPv4Network | IPv6Network, ...]:
    try:
        return tuple(ip_network(part.strip()) for part in text.split(",") if part.strip())
    except ValueError:
        raise _refused("webhook_allowed_networks", text, NETWORKS) from None


def _stages(text: str) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for part in filter(None, map(str.strip, text.split(","))):
        kind, _, named = part.partition(":")
        stages = tuple(stage.strip() for stage in named.split("+"))
        in_order = stages == tuple(stage for stage in ("local", "province", "ministry") if stage in stages)
        if kind.strip() not in {"claim", "profile", "correction"} or kind.strip() in found or not in_order:
            raise _refused("review_stages", text, STAGES)
        found[kind.strip()] = stages
    return found


def _reviewed(text: str) -> frozenset[str]:
    every = frozenset(PROFILE_GROUPS)
    named = {"all": every, "none": frozenset[str](), "usual": every - AT_ONCE}
    found = named[text] if text in named else frozenset(map(str.strip, text.split(",")))
    if not found <= every:
        raise _refused("profile_review", text, REVIEWED)
    return found


def _public_url(url: str) -> str:
    parts = _split("public_url", url, PUBLIC_URLS)
    if parts.scheme in {"http", "https"} and parts.hostname and parts.path in {"", "/"} and not parts.query:
        return f"{parts.scheme}://{parts.netloc}"
    raise _refused("public_url", url, PUBLIC_URLS)


def _kept_secret(file: Path) -> str:
    """The key in `file`, made first if need be: several processes may start at once and must agree on one."""
    if not file.exists():
        made = file.with_name(f"{file.name}.{os.getpid()}.{secrets.token_hex(4)}")
        with os.fdopen(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as out:
            out.write(secrets.token_urlsafe(32))
        try:
            file.hardlink_to(made)  # atomic, and fails where another process was first
        except FileExistsError:
            pass
        finally:
            made.unlink()
    return file.read_text(encoding="ascii").strip()
