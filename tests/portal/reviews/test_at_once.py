"""Two people at one case at the same moment: one decides, the other is told, on SQLite and PostgreSQL alike."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from sqlalchemy import func, select

from portal.indexing.sessions import Sessions, writing
from portal.models import AuditEntry, CaseKind, CaseState, ReviewCase, ReviewStep, Role, Supplier
from portal.register.catalogue import Catalogue
from portal.register.writer import Writer
from portal.reviews import cases
from portal.reviews.cases import Decision, Desk, Stale
from tests.factories import record
from tests.portal.reviews.conftest import Recorder, person

PEOPLE = 4


@pytest.mark.parametrize("decisions", [(Decision.APPROVE,), (Decision.APPROVE, Decision.REFUSE)])
def test_one_of_several_decides(
    sessions: Sessions,
    catalogue: Catalogue,
    desk_of: Callable[..., Desk],
    recorder: Recorder,
    decisions: tuple[Decision, ...],
) -> None:
    with writing(sessions) as session:
        Writer(session, catalogue, actor="import").write([record(1)])
        firm = session.scalars(select(Supplier)).one()
        staff = [person(session, Role.STAFF_EDITOR).id for _ in range(PEOPLE)]
        asks = person(session, Role.SUPPLIER_EDITOR)
        case_id = cases.submit(desk_of(session, asks), CaseKind.CORRECTION, firm, {}).id
    together, told = threading.Barrier(PEOPLE), list[str]()

    def decide(user_id: int, decision: Decision) -> None:
        together.wait()
        try:
            with writing(sessions) as session:
                cases.decide(desk_of(session, user_id), case_id, 1, decision, "看过")
            told.append("done")
        except Stale:
            told.append("stale")

    threads = [
        threading.Thread(target=decide, args=(user, decisions[place % len(decisions)]))
        for place, user in enumerate(staff)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(told) == ["done", *["stale"] * (PEOPLE - 1)]
    with sessions() as session:
        case = session.get_one(ReviewCase, case_id)
        assert (case.version, session.scalar(select(func.count(ReviewStep.id)))) == (2, 2)
        assert session.scalar(select(func.count(AuditEntry.id)).where(AuditEntry.subject == f"case/{case_id}")) == 1
        assert len(recorder.approved) == (case.state == CaseState.APPROVED)
