"""The links of the chain: what is hashed, what is signed, and where the two ends are kept."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from portal.models import AuditEntry, Fact, table_of

HEAD = "audit_head"
"""The fact that holds the last link."""

CHECKPOINT = "audit_checkpoint"
"""The fact that holds the link up to which entries were pruned."""

entry = table_of(AuditEntry).c
HASHED: Sequence[ColumnElement[Any]] = (
    entry.id,
    entry.at,
    entry.actor,
    entry.origin,
    entry.action,
    entry.subject,
    entry.changes,
)
"""What of an entry is hashed: all of it."""

_encoder = msgspec.json.Encoder(order="sorted")  # however a database gives the keys of an object back


class Link(msgspec.Struct, frozen=True):
    """A place in the chain: the number of an entry and the hash of all up to it, signed when it is an end."""

    seal: int = 0
    hash: str = ""
    signature: str = ""

    def __str__(self) -> str:
        return f"{self.seal}:{self.hash or '-'}"


START = Link()
"""Before the first entry."""


def hash_after(before: str, hashed: Sequence[Any]) -> str:
    """The hash of an entry, given as HASHED, that follows the one with the hash `before`."""
    return hashlib.sha256(before.encode() + _encoder.encode(hashed)).hexdigest()


def signed(name: str, seal: int, digest: str, key: str) -> Link:
    """The link as the end `name` of the chain."""
    return Link(seal, digest, _signature(name, seal, digest, key))


def signature_holds(name: str, link: Link, key: str) -> bool:
    """Whether that key signed the link as the end `name`. The start needs none."""
    return link == START or hmac.compare_digest(link.signature, _signature(name, link.seal, link.hash, key))


def _signature(name: str, seal: int, digest: str, key: str) -> str:
    return hmac.new(key.encode(), f"{name}\n{seal}\n{digest}".encode(), hashlib.sha256).hexdigest()


def read_end(session: Session, name: str, *, lock: bool = False) -> Link:
    """An end of the chain; START where none is kept, or what is kept cannot be read."""
    fact = session.get(Fact, name, with_for_update=lock or None, populate_existing=lock)
    if fact is None:
        return START
    try:
        return msgspec.json.decode(fact.value, type=Link)
    except msgspec.MsgspecError:
        return START


def write_end(session: Session, name: str, link: Link) -> None:
    """Keep an end of the chain. The transaction must be a writing one."""
    value = msgspec.json.encode(link).decode()
    fact = session.get(Fact, name)
    if fact is None:
        session.add(Fact(name=name, value=value))
    else:
        fact.value = value
    session.flush()
