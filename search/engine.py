"""From an address to an engine."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urlsplit

from search.contract import SearchEngine, Vocabulary


def open_engine(url: str, vocabulary: Vocabulary, *, timeout: float = 5.0) -> SearchEngine:
    """The engine at `url`: "tantivy:///absolute/directory" or "http(s)://user:password@host:port/index-prefix".

    Opens nothing yet: a process may call it before it forks, and an engine that is down is reported by its first use.
    After "?" Elasticsearch takes `shards` of new indexes (1) and `replicas` ("0-1": one where there are two machines).
    `timeout`: seconds that one request to a server may take. Raises ValueError for an address of no engine.
    """
    # One engine's libraries are not loaded for the other's sake: they cost a web process 20 to 40 MB.
    parts = urlsplit(url)
    if parts.scheme == "tantivy" and not parts.netloc and parts.path.startswith("/"):
        from search.embedded import EmbeddedEngine  # noqa: PLC0415

        return EmbeddedEngine(Path(unquote(parts.path)), vocabulary)
    if parts.scheme in ("http", "https") and parts.hostname and parts.path.strip("/"):
        from search.elastic import ElasticEngine  # noqa: PLC0415

        return ElasticEngine(url, vocabulary, timeout=timeout)
    raise ValueError("a search address is tantivy:///directory or http(s)://host:port/index-prefix")
