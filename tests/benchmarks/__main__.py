"""`make bench`: `SIZE=` suppliers on Elasticsearch, `EMBEDDED=` on tantivy and in the portal; 100,000 by default.

`ONLY=tantivy|elasticsearch|portal` runs one part. Exit status 0 whatever the figures: machines are noisy.
"""

from __future__ import annotations

import os
import tempfile

from portal.indexing.vocabulary import vocabulary
from portal.register.catalogue import Catalogue, load_catalogue
from search import open_engine
from search.contract import SearchEngine, SupplierDocument
from search.elastic import ElasticEngine
from tests.benchmarks.engines import engine_figures
from tests.benchmarks.filling import CATALOGUE_DIR, fill
from tests.benchmarks.naive import naive_figure
from tests.benchmarks.pages import portal_figures
from tests.benchmarks.timing import Figure, machine, print_table
from tests.servers.elastic import running_elasticsearch

EMBEDDED = int(os.environ.get("EMBEDDED") or 100_000)


def filled(engine: SearchEngine, url: str, size: int) -> tuple[list[Figure], list[SupplierDocument]]:
    """Fill the engine with sample documents; the figure of it, and some of the documents."""
    done = fill(engine, url, size)
    limit = 60.0 if size <= 100_000 else 900.0
    value = (
        f"{done.seconds:.0f} s, the making of sample documents included; "
        f"at most {done.own_mb:.0f} MB, and {done.others_mb:.0f} MB each of the processes that make them"
    )
    return [Figure(f"build of {size:,}", value, f"≤ {limit:g} s", done.seconds <= limit)], done.documents


def tantivy_figures(catalogue: Catalogue) -> list[Figure]:
    """The embedded engine's."""
    with tempfile.TemporaryDirectory() as folder:
        address = f"tantivy://{folder}/index"
        engine = open_engine(address, vocabulary(catalogue))
        rows, kept = filled(engine, address, EMBEDDED)
        rows += engine_figures("tantivy", engine, catalogue, kept)
        engine.close()
    return rows


def elastic_figures(catalogue: Catalogue, size: int) -> list[Figure]:
    """Elasticsearch's, on a server of its own."""
    with running_elasticsearch(os.environ.get("ELASTIC_HEAP", "4g")) as url:
        address = f"{url}/bench"
        engine = open_engine(address, vocabulary(catalogue), timeout=60)
        assert isinstance(engine, ElasticEngine)
        rows, kept = filled(engine, address, size)
        rows += engine_figures("elasticsearch", engine, catalogue, kept)
        rows.append(naive_figure(engine, catalogue, kept))
        engine.close()
    return rows


def main() -> None:
    """Measure and print."""
    size = int(os.environ.get("SIZE") or 100_000)
    only = os.environ.get("ONLY", "")
    catalogue = load_catalogue(CATALOGUE_DIR)
    print(machine())
    if only in ("", "tantivy"):
        print_table(f"tantivy, {EMBEDDED:,} suppliers", tantivy_figures(catalogue))
    if only in ("", "portal"):
        print_table(f"portal on SQLite and tantivy, {EMBEDDED:,} suppliers", portal_figures(catalogue, EMBEDDED))
    if only in ("", "elasticsearch"):
        print_table(f"Elasticsearch, {size:,} suppliers", elastic_figures(catalogue, size))


if __name__ == "__main__":
    main()
