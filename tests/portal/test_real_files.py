"""The two real files of ../shared/data, imported by the mappings that ship."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from portal.models import Certificate, Provenance, Supplier
from portal.register.catalogue import Catalogue
from portal.register.importing import load_mapping
from tests.portal.importing import import_file

Find = Callable[[str], Path]


def test_certified_firms_of_the_united_states(shared_data: Find, database: Engine, catalogue: Catalogue) -> None:
    file = shared_data("sba_certified.csv")
    report = import_file(database, catalogue, file, mapping=load_mapping("sba_certified"))
    assert (report.rows, report.created, report.merged, report.rejected) == (808, 801, 7, 0)
    assert "merged if they say the same" in report.rule
    with Session(database) as session:
        schemes = Counter(session.scalars(select(Certificate.scheme)))
        assert set(schemes) == {"sba_8a", "sba_hubzone", "sba_wosb", "sba_edwosb"}
        firm = session.scalars(select(Supplier).where(Supplier.number == "DXCYR1JGELG1")).one()
        assert (firm.scheme, firm.region, firm.name_en) == ("US-UEI", "US-OK", "GRIFFITH CONTRACTING, LLC")
        assert session.scalar(select(func.count(Supplier.id)).where(Supplier.region == "US")) == 19  # hidden
        joint = session.scalars(select(Supplier.id).where(~Supplier.id.in_(select(Certificate.supplier_id)))).all()
        assert 0 < len(joint) <= 107  # a joint venture is not certified itself
        dates = session.execute(select(Certificate.issued_on, Certificate.number).distinct()).all()
        assert [(day.isoformat(), number) for day, number in dates] == [("2025-12-31", "")]
        source = session.scalars(select(Provenance)).one()
        assert source.issuing_body == "U.S. Small Business Administration"
    again = import_file(database, catalogue, file, mapping=load_mapping("sba_certified"))
    assert (again.created, again.changed, again.unchanged) == (0, 0, 801)


def test_facilities_without_registration_numbers(
    shared_data: Find, sqlite_database: Engine, catalogue: Catalogue, tmp_path: Path
) -> None:
    file = shared_data("osh_facilities.csv")
    rejected = tmp_path / "rejected.csv"
    mapping = load_mapping("osh_facilities")
    report = import_file(sqlite_database, catalogue, file, mapping=mapping, rejected=rejected)
    assert (report.rows, report.created, report.merged, report.rejected) == (959, 951, 6, 2)
    assert [row.line for row in report.samples] == [50, 825]  # a name begins with "Inc.", an address is a firm's name
    assert all("shifted" in problem.reason for row in report.samples for problem in row.problems)
    assert rejected.read_text(encoding="utf-8-sig").count("shifted") == 2
    with Session(sqlite_database) as session:
        firms = session.scalars(select(Supplier)).all()
        assert {firm.scheme for firm in firms} == {"OSH"}
        assert {firm.sector for firm in firms} == {"textiles"}
        placed = [firm for firm in firms if firm.region]
        assert all(firm.region in catalogue.regions for firm in placed)
        chinese = [firm for firm in placed if catalogue.regions[str(firm.region)].kind in {"province", "prefecture"}]
        assert len(chinese) > 400
        assert len(firms) - len(placed) < 40  # in China, but where is not certain
        assert session.scalar(select(func.count(Certificate.id))) == 0
    again = import_file(sqlite_database, catalogue, file, mapping=mapping)
    assert (again.created, again.changed, again.unchanged) == (0, 0, 951)
