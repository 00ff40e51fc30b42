"""Editions: published once, in order or late, and what becomes due by it."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.models import AuditEntry, Edition, OutboxRow, Ranking, Supplier
from portal.register.writer import WriteError, Writer
from tests.factories import edition_facts, ranking_facts, record


def versions(session: Session) -> list[int]:
    return list(session.scalars(select(Supplier.index_version).order_by(Supplier.id)))


def test_publishing_makes_the_ranked_and_the_formerly_ranked_due(session: Session, writer: Writer) -> None:
    writer.write([record(number) for number in (1, 2, 3, 4)])
    writer.publish_edition(edition_facts("m-2024", period="2024", as_of=date(2024, 12, 31)), [ranking_facts(1)])
    assert versions(session) == [2, 1, 1, 1]
    edition = writer.publish_edition(edition_facts("m-2025"), [ranking_facts(2), ranking_facts(3, 2, score=None)])
    assert versions(session) == [3, 2, 2, 1]
    assert (edition.peers, edition.current) == (2, True)
    assert session.scalars(select(Edition.code).where(Edition.current)).all() == ["m-2025"]
    assert session.scalars(select(Ranking.score).order_by(Ranking.id)).all() == [90500, 90500, None]
    newest = select(OutboxRow.supplier_id, func.max(OutboxRow.version)).group_by(OutboxRow.supplier_id)
    assert sorted(version for _, version in session.execute(newest)) == [1, 2, 2, 3]
    entry = session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert entry is not None
    assert (entry.action, entry.subject, entry.changes["ranked"]) == ("edition.published", "edition:m-2025", [None, 2])


def test_which_edition_is_current(session: Session, writer: Writer) -> None:
    writer.write([record()])
    rank = [ranking_facts(1)]

    def current() -> list[str]:
        return list(session.scalars(select(Edition.code).where(Edition.current)))

    writer.publish_edition(edition_facts("computed", official=False, as_of=date(2026, 1, 31)), rank)
    assert current() == ["computed"]
    writer.publish_edition(edition_facts("official"), rank)
    assert current() == ["official"], "an official one before a computed one of the same period"
    writer.publish_edition(edition_facts("old", period="2023", as_of=date(2023, 12, 31)), rank)
    assert current() == ["official"], "an old one that is imported late"
    writer.publish_edition(edition_facts("of-an-industry", industry="3451", as_of=date(2027, 1, 1)), rank)
    assert current() == ["official"], "one of an industry is never the sector's"
    writer.publish_edition(edition_facts("next", official=False, period="2026", as_of=date(2026, 12, 31)), rank)
    assert current() == ["next"]


@pytest.mark.parametrize(
    ("edition", "rankings", "field"),
    [
        ({"code": "a|b"}, [], "edition.code"),
        ({"sector": "unknown"}, [], "edition.sector"),
        ({}, [ranking_facts(9)], "rankings.supplier"),
        ({}, [ranking_facts(1), ranking_facts(1, 2)], "rankings.supplier"),
        ({}, [ranking_facts(1, 0)], "rankings.position"),
        ({}, [ranking_facts(1, score=100.5)], "rankings.score"),
        ({}, [ranking_facts(1, grade="A|B")], "rankings.grade"),
        ({}, [ranking_facts(1, 3)], "edition.peers"),
    ],
)
def test_an_edition_that_is_refused(
    session: Session, writer: Writer, edition: dict[str, Any], rankings: list[Any], field: str
) -> None:
    writer.write([record()])
    with pytest.raises(WriteError) as caught, session.begin_nested():
        writer.publish_edition(edition_facts(**edition), rankings)
    assert caught.value.problems[0].field == field


def test_an_edition_is_published_once(session: Session, writer: Writer) -> None:
    writer.write([record()])
    writer.publish_edition(edition_facts(), [ranking_facts()])
    with pytest.raises(WriteError, match="published already"):
        writer.publish_edition(edition_facts(), [ranking_facts()])
