"""The plan against one naive request with `post_filter` and filter aggregations, on the same Elasticsearch."""

from __future__ import annotations

import itertools
import statistics
import time

from portal.register.catalogue import Catalogue
from search.contract import SupplierDocument
from search.elastic import ElasticEngine
from search.elastic_query import JSON, compiled, part_query
from search.nodes import AllOf, MatchAll
from search.plan import Part, plan_search
from tests.benchmarks.queries import Questions
from tests.benchmarks.timing import Figure

REPEATS = 60


def naive_body(parts: list[Part]) -> JSON:
    """All filters after the query, every facet under a filter aggregation of its own: what comes to mind first."""
    main = parts[0]
    aggregations: JSON = {}
    for number, part in enumerate(parts):
        terms = {
            f"{number}-{at}": {"terms": {"field": tally.field, "size": 10_000}} for at, tally in enumerate(part.tallies)
        }
        if terms:
            aggregations[f"part{number}"] = {"filter": compiled(AllOf(part.filters)), "aggs": terms}
    return {
        "query": part_query(Part((MatchAll(),))),
        "post_filter": compiled(AllOf(main.filters)),
        "aggs": aggregations,
        "size": main.limit,
        "track_total_hits": True,
        "_source": False,
    }


def naive_figure(engine: ElasticEngine, catalogue: Catalogue, kept: list[SupplierDocument]) -> Figure:
    """The median of pairwise ratios, plan : naive, over questions with two filters, three criteria and seven facets."""
    ratios: list[float] = []
    for query in itertools.islice(Questions(catalogue, kept, seed=5).filtered(), REPEATS):
        plan = plan_search(query, engine.table)
        start = time.perf_counter()
        found = engine.search(query).total
        middle = time.perf_counter()
        answer = engine.client.search(index=engine.layout.live, **_arguments(naive_body(list(plan.parts))))
        end = time.perf_counter()
        assert answer["hits"]["total"]["value"] == found
        ratios.append((middle - start) / (end - middle))
    ratio = statistics.median(ratios[5:])
    return Figure("the plan over one naive post_filter request", f"{ratio:.2f}", "≤ 0.5", ratio <= 0.5)


def _arguments(body: JSON) -> JSON:
    renamed = {"_source": "source"}
    return {renamed.get(name, name): value for name, value in body.items()}
