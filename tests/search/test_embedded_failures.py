"""When the embedded index is damaged, held or its writer killed: nothing that was reported applied is lost."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import threading
from contextlib import closing
from pathlib import Path
from random import Random

import pytest

from search import (
    EngineUnavailable,
    FacetRequest,
    SearchEngine,
    SearchQuery,
    open_engine,
)
from tests.search.strategies import VOCABULARY, make_document


def open_embedded(root: Path) -> SearchEngine:
    return open_engine(f"tantivy://{root}", VOCABULARY)


@pytest.fixture
def built(embedded_root: Path) -> Path:
    with closing(open_embedded(embedded_root)) as engine:
        engine.begin_build().swap()
    return embedded_root


WRITER = """
    import sys
    from random import Random
    from search import open_engine
    from tests.search.strategies import VOCABULARY, make_document

    engine = open_engine(f"tantivy://{sys.argv[1]}", VOCABULARY)
    number = int(sys.argv[2])
    while True:
        report = engine.apply([make_document(Random(number + at), number + at) for at in range(3)])
        print(*report.applied, flush=True)
        number += 3
"""


def start_writer(root: Path, number: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(WRITER), str(root), str(number)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )


def test_kill_9_of_the_writer_loses_nothing_that_was_applied(built: Path) -> None:
    for lines in (1, 4):
        with start_writer(built, lines * 1_000_000) as writer:
            assert writer.stdout is not None
            applied = [key for _ in range(lines) for key in writer.stdout.readline().split()]
            with closing(open_embedded(built)) as second, pytest.raises(EngineUnavailable, match="another process"):
                second.apply([make_document(Random(1), 1, version=9)])
            writer.send_signal(signal.SIGKILL)
        with closing(open_embedded(built)) as engine:
            assert set(applied) <= set(engine.scan(SearchQuery()))
            number = 900 + lines
            assert engine.apply([make_document(Random(1), number)]).applied
        assert len(applied) == 3 * lines


FORKED = """
    import os, sys
    from search import FacetRequest, SearchQuery, open_engine
    from tests.search.strategies import VOCABULARY

    engine = open_engine(f"tantivy://{sys.argv[1]}", VOCABULARY)
    query = SearchQuery(tiers=("none such",), facets=(FacetRequest("sector"), FacetRequest("tier")))
    expected = engine.search(query)
    child = os.fork()
    found = engine.search(query)
    assert found.facets == expected.facets
    if child:
        sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


def test_a_forked_web_process_searches(built: Path) -> None:
    run = [sys.executable, "-W", "ignore", "-c", textwrap.dedent(FORKED), str(built)]
    subprocess.run(run, check=True, timeout=30, env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])})


def test_what_a_killed_build_leaves_is_removed_and_a_living_one_stays(built: Path) -> None:
    with closing(open_embedded(built)) as engine:
        living = engine.begin_build()
        (built / "build-0-dead").mkdir()
        engine.discard_builds()
        assert not (built / "build-0-dead").exists()
        living.apply([make_document(Random(1), 1)])
        living.swap()
        assert engine.search(SearchQuery()).total == 1
        assert sorted(path.name for path in built.iterdir()) == sorted((living.name, "current"))


@pytest.mark.parametrize("damage", ["meta.json", "build.json", "all of it"])
def test_a_damaged_index_is_no_answer(built: Path, damage: str) -> None:
    build = next(path for path in built.iterdir() if path.is_dir())
    if damage == "all of it":
        for path in build.iterdir():
            path.unlink()
        build.rmdir()
    else:
        (build / damage).write_text("{")
    with closing(open_embedded(built)) as engine, pytest.raises(EngineUnavailable):
        engine.search(SearchQuery())


def test_threads_of_a_web_process_get_the_same_answers(built: Path) -> None:
    with closing(open_embedded(built)) as engine:
        engine.apply([make_document(Random(number), number) for number in range(60)])
        queries = [SearchQuery(sectors=(sector,), facets=(FacetRequest("sector"),)) for sector in ("steel", "other")]
        expected = [engine.search(query).facets for query in queries]
        wrong: list[object] = []

        def ask() -> None:
            for _ in range(25):
                found = [engine.search(query).facets for query in queries]
                wrong.extend([] if found == expected else [found])

        threads = [threading.Thread(target=ask) for _ in range(6)]
        for thread in threads:
            thread.start()
        for number in range(5):
            engine.apply([make_document(Random(number), number)])  # stale, and opens the writer
        for thread in threads:
            thread.join()
        assert wrong == []
