"""What each firm was when it last came into the index: without it nobody could say that a firm has left a result.

Images are kept of all firms, with the version they go by. Where one is replaced by another that says otherwise, while
some alert is interested, the older one becomes a note with the change_seq of that moment (notes, rule 7). This happens
in the transaction that settles the outbox, so whoever dies before it finds the older image still there.

A rebuild fills what is missing, and begins anew where fields, analysis or catalogue have changed: alerts then begin
anew as well. Until it has read the whole register a firm without an image may have been there all the time, and is no
news; afterwards it is a new one.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import msgspec
from sqlalchemy import delete, exists, insert, select, update
from sqlalchemy.orm import Session

from portal.indexing.facts import raise_data_version
from portal.indexing.vocabulary import vocabulary
from portal.models import Alert, ChangeNote, Fact, FirmImage, Supplier
from portal.register.catalogue import Catalogue
from portal.register.loading import chunks
from search.contract import SupplierDocument
from search.fields import FieldTable

FACT = "images"
FILLING = "filling "
"""Before the fingerprint in the fact: a rebuild has begun to fill the images, and is not through."""

_FASTEST = 1


class Image(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A firm's document (its version aside), and what is public of it beyond: names by language, risks by kind.

    `certificates`: "scheme/key" → (state on that day, since when) of those that count.
    """

    document: SupplierDocument
    name_zh: str
    name_en: str
    risks: tuple[str, ...]
    certificates: dict[str, tuple[str, date | None]]


@dataclass(frozen=True, slots=True)
class Taken:
    """An image on its way into the database; None of a firm that was withdrawn."""

    version: int
    image: bytes | None


_fingerprints: dict[str, str] = {}
_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Image)


def packed(image: Image) -> bytes:
    """An image as it is kept. The same image gives the same bytes, whatever its version."""
    bare = msgspec.structs.replace(image, document=replace(image.document, version=1))
    return zlib.compress(_encoder.encode(bare), _FASTEST)


def unpacked(kept: bytes) -> Image:
    """The image again."""
    return _decoder.decode(zlib.decompress(kept))


def fingerprint(catalogue: Catalogue) -> str:
    """What images are made by: of others nothing could be said."""
    if catalogue.fingerprint not in _fingerprints:
        _fingerprints[catalogue.fingerprint] = FieldTable(vocabulary(catalogue)).fingerprint()
    return _fingerprints[catalogue.fingerprint]


def complete(session: Session, catalogue: Catalogue) -> bool:
    """Whether there is an image of each firm that ever came into the index, made by this catalogue and analysis."""
    return _state(session) == fingerprint(catalogue)


def begin(session: Session, catalogue: Catalogue) -> None:
    """A rebuild begins: images made otherwise go, and every alert begins anew."""
    now = fingerprint(catalogue)
    if _state(session) in (now, FILLING + now):
        return
    seq = raise_data_version(session, 0)
    session.execute(delete(ChangeNote))
    session.execute(delete(FirmImage))
    session.execute(update(Alert).values(last_seq=seq), execution_options={"synchronize_session": False})
    session.merge(Fact(name=FACT, value=FILLING + now))
    session.flush()


def finish(session: Session, catalogue: Catalogue) -> None:
    """A rebuild is through: it has read every firm. Those withdrawn meanwhile have left."""
    gone = select(FirmImage.supplier_id, Supplier.index_version).join(Supplier, Supplier.id == FirmImage.supplier_id)
    withdrawn = session.execute(gone.where(Supplier.withdrawn_at.is_not(None))).all()
    keep(session, catalogue, {identity: Taken(version, None) for identity, version in withdrawn})
    session.merge(Fact(name=FACT, value=fingerprint(catalogue)))
    session.flush()


def keep(session: Session, catalogue: Catalogue, taken: Mapping[int, Taken], seq: int | None = None) -> None:
    """Keep these images, by firm, where they are newer; note what those before said otherwise.

    `seq`: the change_seq that the transaction has raised to; None: one is given out if there is something to note.
    """
    state, now = _state(session), fingerprint(catalogue)
    if state not in (now, FILLING + now) or not taken:
        return
    raise_data_version(session, 0)  # whoever keeps images waits for the others here
    older, absent = _older(session, taken)
    changed: dict[int, bytes | None] = {
        identity: before for identity, before in older.items() if before != taken[identity].image
    }
    if state == now:
        changed |= {identity: None for identity in absent if taken[identity].image is not None}
    if changed and _watched(session):
        at = raise_data_version(session, 1) if seq is None else seq
        rows = [{"seq": at, "supplier_id": identity, "before": before} for identity, before in changed.items()]
        session.execute(insert(ChangeNote), rows)
    _replace(session, taken, older, absent)


def _older(session: Session, taken: Mapping[int, Taken]) -> tuple[dict[int, bytes], list[int]]:
    """The images that are older than these, and the firms that have none."""
    versions: dict[int, int] = {}
    for some in chunks(taken):
        found = select(FirmImage.supplier_id, FirmImage.version).where(FirmImage.supplier_id.in_(some))
        versions.update({row[0]: row[1] for row in session.execute(found)})
    older: dict[int, bytes] = {}
    for some in chunks(identity for identity, version in versions.items() if version < taken[identity].version):
        images = select(FirmImage.supplier_id, FirmImage.image).where(FirmImage.supplier_id.in_(some))
        older.update({row[0]: row[1] for row in session.execute(images)})
    return older, [identity for identity in taken if identity not in versions]


def _replace(session: Session, taken: Mapping[int, Taken], older: Iterable[int], absent: Sequence[int]) -> None:
    for some in chunks(older):
        session.execute(delete(FirmImage).where(FirmImage.supplier_id.in_(some)))
    rows = [
        {"supplier_id": identity, "version": taken[identity].version, "image": taken[identity].image}
        for identity in (*older, *absent)
        if taken[identity].image is not None
    ]
    if rows:
        session.execute(insert(FirmImage), rows)


def _watched(session: Session) -> bool:
    return bool(session.scalar(select(exists().where(Alert.paused.is_(False)))))


def _state(session: Session) -> str:
    return session.scalar(select(Fact.value).where(Fact.name == FACT)) or ""
