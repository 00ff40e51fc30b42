"""Elasticsearch indexes: mapping, names, aliases, writing by version, building beside the live index.

<prefix>-idx-<stamp>              an index; `_meta` says what it was built by, and when it was swapped out
<prefix>-live-<fingerprint>       the alias that is searched and written: an index built by other fields, analysis or
                                  catalogue is under another alias, so it cannot be searched by mistake (notes: rule 22)
<prefix>-build-<stamp>            the alias that a build writes to; writes to aliases only, since a write to a missing
                                  name would make an index of its own (notes: rule 4)
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
from elasticsearch import Elasticsearch

from search.contract import ApplyReport, EngineUnavailable, IndexMissing, Prepared, PreparedChange
from search.elastic_query import JSON
from search.fields import Field, FieldTable, Kind
from search.values import Values

SWAPPED_OUT_SECONDS = 900
"""How long a swapped-out index stays for the scans that read it (notes: rule 8)."""

BULK_SIZE = 250
"""Changes in a request: about a megabyte."""

_BUSY = 429
_BULK_SECONDS = 120.0
_PATIENCE = (0.1, 0.2, 0.5, 1.0, 2.0, 4.0)
"""Pauses after a 429, "too many requests"."""

_ENGINE_FIELDS = frozenset(("id", "version", "alive"))
"""Elasticsearch keeps the first two itself, and firms that are there have `tie`."""

_UNSCORED = frozenset(("prefix", "spell"))

_PROPERTIES: Mapping[Kind, JSON] = {
    Kind.INT: {"type": "integer"},
    Kind.SORT: {"type": "long"},
    Kind.SORT_TEXT: {"type": "keyword", "index": False},
    Kind.PLACE: {"type": "flattened", "index": False},
    Kind.LABEL: {"type": "keyword", "index": False, "doc_values": False},
}


def mapping(table: FieldTable, fingerprint: str) -> JSON:
    """The mapping of the field table. Nothing is stored but what "did you mean" chooses from."""
    fields = {item.name: _property(item) for item in table.fields if item.name not in _ENGINE_FIELDS}
    return {
        "dynamic": "strict",
        "_source": {"includes": ["label"]},
        "_meta": {"fingerprint": fingerprint},
        "properties": fields,
    }


def _property(item: Field) -> JSON:
    if item.kind is Kind.TOKEN:
        return {"type": "keyword", "doc_values": item.facet is not None}
    if item.kind is Kind.TEXT:
        options = "positions" if item.positions else "freqs"
        norms = item.name not in _UNSCORED
        return {"type": "text", "analyzer": "whitespace", "index_options": options, "norms": norms}
    return dict(_PROPERTIES[item.kind])


def encoded(values: Values, _document_id: str) -> bytes:
    """Index values in JSON as the mapping takes them: places as strings of one length, which order as numbers."""
    row: JSON = {name: value for name, value in values.items() if name not in _ENGINE_FIELDS and value not in ([], {})}
    if "place" in row:
        row["place"] = {edition: f"{place:07d}" for edition, place in row["place"].items()}
    return msgspec.json.encode(row)


@dataclass(frozen=True, slots=True)
class Layout:
    """How indexes are made."""

    prefix: str
    fingerprint: str
    shards: int = 1
    replicas: str = "0-1"

    @property
    def live(self) -> str:
        """The alias of the live index for this fingerprint."""
        return f"{self.prefix}-live-{self.fingerprint}"

    @property
    def all_live(self) -> str:
        """The aliases of live indexes for any fingerprint."""
        return f"{self.prefix}-live-*"

    @property
    def all_indexes(self) -> str:
        """Every index of the prefix."""
        return f"{self.prefix}-idx-*"

    def build_settings(self) -> JSON:
        """While building nothing is refreshed and nothing is copied."""
        return {"index": {"number_of_shards": self.shards, "number_of_replicas": 0, "refresh_interval": "-1"}}

    def live_settings(self) -> JSON:
        """Once it is searched."""
        return {"index": {"refresh_interval": "1s", "auto_expand_replicas": self.replicas}}


@dataclass(slots=True)
class _Outcome:
    """What became of the changes so far."""

    applied: list[str] = field(default_factory=list)
    stale: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)

    def note(self, change: PreparedChange, item: Mapping[str, Any]) -> None:
        """File one item of a bulk answer; what is busy will be sent again. Raises IndexMissing, EngineUnavailable."""
        status = int(item["status"])
        error = item.get("error") or {}
        if status < 300:
            self.applied.append(change.id)
        elif status == 409:
            self.stale.append(change.id)
        elif status == 400:
            self.failed[change.id] = str(error.get("reason", error))
        elif status == 404:
            raise IndexMissing(f"no search index to write to: {error.get('reason', error)}")
        elif status != _BUSY:
            raise EngineUnavailable(f"Elasticsearch did not write {change.id}: {error.get('reason', status)}")

    def report(self) -> ApplyReport:
        return ApplyReport(tuple(self.applied), tuple(self.stale), self.failed or None)


def write(client: Elasticsearch, alias: str, prepared: Prepared, *, refresh: bool) -> ApplyReport:
    """Write changes to an alias by external version: older and equal ones are stale (notes: rules 1 and 2).

    A 429 is tried again, a 400 is that document's failure alone (rule 3). Raises what the client raises, and
    EngineUnavailable, IndexMissing.
    """
    outcome = _Outcome(failed=dict(prepared.failed))
    patient = client.options(request_timeout=_BULK_SECONDS)
    starts = range(0, len(prepared.changes), BULK_SIZE)
    for start in starts:
        changes = prepared.changes[start : start + BULK_SIZE]
        _deliver(patient, alias, changes, outcome, refresh=refresh and start == starts[-1])
    return outcome.report()


def _deliver(
    client: Elasticsearch, alias: str, changes: Sequence[PreparedChange], outcome: _Outcome, *, refresh: bool
) -> None:
    """Send changes until none is refused for now."""
    for pause in (*_PATIENCE, None):
        changes = _send(client, alias, changes, outcome, refresh=refresh)
        if not changes:
            return
        if pause is not None:
            time.sleep(pause)
    raise EngineUnavailable("Elasticsearch has too much to do to write")


def _send(
    client: Elasticsearch, alias: str, changes: Sequence[PreparedChange], outcome: _Outcome, *, refresh: bool
) -> list[PreparedChange]:
    """One bulk request; the changes to send again."""
    operations: list[Any] = []
    for change in changes:
        operations.append({"index": {"_id": change.id, "version": change.version, "version_type": "external"}})
        operations.append(change.row)
    answer = client.bulk(index=alias, operations=operations, require_alias=True, refresh=refresh)
    items = [item["index"] for item in answer["items"]]
    for change, item in zip(changes, items, strict=True):
        outcome.note(change, item)
    return [change for change, item in zip(changes, items, strict=True) if item["status"] == _BUSY]


class Indexes:
    """The indexes of a layout on a server. Methods raise what the client raises."""

    def __init__(self, client: Elasticsearch, layout: Layout) -> None:
        self.client = client
        self.layout = layout

    def create(self, table: FieldTable) -> tuple[str, str]:
        """A new empty index; its name and the alias to write to."""
        stamp = f"{time.time_ns():x}-{secrets.token_hex(2)}"
        name, alias = f"{self.layout.prefix}-idx-{stamp}", f"{self.layout.prefix}-build-{stamp}"
        self.client.indices.create(
            index=name,
            settings=self.layout.build_settings(),
            mappings=mapping(table, self.layout.fingerprint),
            aliases={alias: {}},
        )
        return name, alias

    def swap(self, name: str, build_alias: str) -> None:
        """Make the index the only live one, in one step; mark those before as swapped out."""
        self.client.indices.refresh(index=name)
        self.client.indices.put_settings(index=name, settings=self.layout.live_settings())
        before = self._indexes_behind(self.layout.all_live)
        actions: list[JSON] = [
            {"remove": {"index": index, "alias": alias}} for index, aliases in before.items() for alias in aliases
        ]
        actions.append({"remove": {"index": name, "alias": build_alias}})
        actions.append({"add": {"index": name, "alias": self.layout.live, "is_write_index": True}})
        self.client.indices.update_aliases(actions=actions)
        for index in before:
            self.client.indices.put_mapping(index=index, meta={"retired": time.time()})
        self.remove_leftovers(builds=False)

    def _indexes_behind(self, alias: str) -> dict[str, list[str]]:
        found = self.client.indices.get_alias(name=alias, ignore_unavailable=True, allow_no_indices=True)
        return {str(index): list(one["aliases"]) for index, one in found.items() if one["aliases"]}

    def live(self) -> tuple[str, bool] | None:
        """The live index's name and whether it is of this fingerprint; None: there is none."""
        found = self._indexes_behind(self.layout.all_live)
        own = [index for index, aliases in found.items() if self.layout.live in aliases]
        return (own[0], True) if own else next(((index, False) for index in found), None)

    def remove(self, name: str) -> None:
        """Delete an index, if it is there."""
        self.client.indices.delete(index=name, ignore_unavailable=True)

    def remove_leftovers(self, *, builds: bool) -> None:
        """Delete what was swapped out long enough ago, and with `builds` what killed builds left behind."""
        live = self._indexes_behind(self.layout.all_live)
        found = self.client.indices.get_mapping(index=self.layout.all_indexes, allow_no_indices=True)
        for name, one in found.items():
            retired = one["mappings"].get("_meta", {}).get("retired")
            due = builds if retired is None else time.time() - retired >= SWAPPED_OUT_SECONDS
            if due and name not in live:
                self.remove(name)
