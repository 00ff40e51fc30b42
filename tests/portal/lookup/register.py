"""A small hand-made register: every state a page must show, and enough plain firms to fill pages."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session
from stdnum.cn import uscc

from portal.models import Supplier
from portal.register.catalogue import Catalogue
from portal.register.clock import today_china
from portal.register.facts import (
    AchievementFacts,
    AssessmentFacts,
    CertificateFacts,
    CertificateState,
    CriterionResult,
    EditionFacts,
    Process,
    ProvenanceFacts,
    RankingFacts,
    RecognitionFacts,
    Result,
    RiskFact,
    Site,
    SupplierFacts,
    SupplierRecord,
)
from portal.register.writer import Writer

TODAY = today_china()
YEAR = timedelta(days=365)
PLAIN = 30
"""Textile firms that differ by name alone."""

LIST = ProvenanceFacts(
    issuing_body="宁波市经信局",
    title="质量管理能力名单",
    document_number="甬经信〔2025〕1号",
    issued_on=date(2025, 3, 1),
)


def number(serial: int) -> str:
    """A credit code with a right check digit."""
    stem = f"91330200{serial:09d}"
    return stem + uscc.calc_check_digit(stem)


def key(serial: int) -> str:
    """The id of the firm with that serial number."""
    return f"CN-USCC/{number(serial)}"


BEARING, SECOND, UNCERTIFIED, WITHDRAWN, MERGED = (key(serial) for serial in range(1, 6))
MET = ("X01-05", "X01-06", "X02-01")
NOT_MET = "X03-01"
NOT_APPLICABLE = "X03-02"


def _quality(level: str, days: int, number: str, **more: object) -> CertificateFacts:
    ends = TODAY + timedelta(days=days)
    return CertificateFacts(
        scheme="quality_capability",
        level=level,
        number=number,
        issued_on=ends - 3 * YEAR,
        expires_on=ends,
        **more,  # type: ignore[arg-type]
    )


def _assessment(met: tuple[str, ...]) -> AssessmentFacts:
    results = {code: CriterionResult(result=Result.MET, evidence="report 7") for code in met}
    results[NOT_MET] = CriterionResult(result=Result.NOT_MET, value=12.5)
    results[NOT_APPLICABLE] = CriterionResult(result=Result.NOT_APPLICABLE)
    return AssessmentFacts(assessed_on=TODAY - timedelta(days=30), assessor="赛宝认证中心", results=results)


def _bearing() -> SupplierRecord:
    return SupplierRecord(
        supplier=SupplierFacts(
            scheme="CN-USCC",
            number=number(1),
            name_zh="宁波海天轴承有限公司",
            name_en="Ningbo Haitian Bearing Co., Ltd.",
            former_names=(("宁波海天机械厂", date(2010, 5, 1)),),
            sector="machinery",
            size="small",
            status="active",
            status_on=date(2025, 1, 2),
            region="330200",
            address="宁波市鄞州区 1 号",
            legal_representative="王海",
            phone="0574-8888 0001",
            website="https://example.com/",
            industries=("3451",),
            processes=(Process(code="forging"), Process(code="casting", subcontracted=True)),
            products_zh=("深沟球轴承", "圆锥滚子轴承"),
            products_en=("deep groove ball bearings", "tapered roller bearings"),
            sites=(Site(region="330212", name="一厂", address="鄞州"),),
            risks={"abnormal_operations": RiskFact(answer=False, source="国家企业信用信息公示系统", checked_on=TODAY)},
        ),
        certificates=(
            _quality("assurance", 100, "QC-001", scope="轴承的设计与制造"),
            _quality("inspection", 400, "QC-002"),
            _quality("excellence", 300, "QC-003", state=CertificateState.REVOKED, state_reason="弄虚作假"),
            _quality("prevention", -3, "QC-004"),
            CertificateFacts(scheme="gbt19001", number="ISO-1", issued_on=TODAY - YEAR, basis="third_party"),
            CertificateFacts(scheme="gbt24001", number="ISO-2", issued_on=TODAY - YEAR, basis="self"),
        ),
        assessments=(_assessment(MET),),
        recognitions=(RecognitionFacts(tier="srdi", recognised_on=TODAY - YEAR),),
        achievements=(
            AchievementFacts(kind="in_use", title_zh="静音轴承", title_en="Silent bearing", self_declared=True),
        ),
    )


def _second() -> SupplierRecord:
    return SupplierRecord(
        supplier=SupplierFacts(
            scheme="CN-USCC",
            number=number(2),
            name_zh="慈溪力达轴承有限公司",
            name_en="Cixi Lida Bearing Co., Ltd.",
            sector="machinery",
            size="medium",
            status="active",
            region="330282",
            legal_representative="王 海",
            phone="（0574）88880001",
            industries=("3451",),
            processes=(Process(code="forging"),),
            products_zh=("圆柱滚子轴承",),
            products_en=("cylindrical roller bearings",),
        ),
        certificates=(_quality("inspection", 200, "QC-010"),),
        assessments=(_assessment(MET[:1]),),
    )


def _others() -> Iterator[SupplierRecord]:
    for serial, name in ((3, "温州无证阀门有限公司"), (4, "已撤回轴承有限公司"), (5, "已合并轴承有限公司")):
        yield SupplierRecord(
            supplier=SupplierFacts(
                scheme="CN-USCC",
                number=number(serial),
                name_zh=name,
                sector="machinery",
                region="330300",
                status="active",
            )
        )
    for serial in range(100, 100 + PLAIN):
        yield SupplierRecord(
            supplier=SupplierFacts(
                scheme="CN-USCC",
                number=number(serial),
                name_zh=f"绍兴第{serial}纺织有限公司",
                name_en=f"Shaoxing Textile No. {serial}",
                sector="textiles",
                size="small",
                status="active",
                region="330600",
                industries=("1711",),
                products_zh=("棉纱",),
                products_en=("cotton yarn",),
            ),
            certificates=(_quality("experience", 30 + serial, f"QC-{serial}"),),
        )


def write_register(session: Session, catalogue: Catalogue) -> None:
    """Write it and commit."""
    with session.begin():
        writer = Writer(session, catalogue, actor="test", provenance=LIST)
        writer.write([_bearing(), _second(), *_others()])
    with session.begin():
        Writer(session, catalogue, actor="test").withdraw(WITHDRAWN, "企业注销")
    with session.begin():
        Writer(session, catalogue, actor="test").withdraw(MERGED, "合并")
    _merge(session)
    for year in (2024, 2025):
        with session.begin():
            _publish(session, catalogue, year)


def _merge(session: Session) -> None:
    with session.begin():
        rows = {row.key: row for row in session.scalars(select(Supplier))}
        rows[MERGED].merged_into_id = rows[BEARING].id


def _publish(session: Session, catalogue: Catalogue, year: int) -> None:
    first, second = (BEARING, SECOND) if year == 2025 else (SECOND, BEARING)
    facts = EditionFacts(
        code=f"machinery-{year}",
        sector="machinery",
        period=str(year),
        as_of=date(year, 12, 31),
        official=False,
        title_zh=f"工业机械和装备 {year}",
        title_en=f"Industrial machinery {year}",
        method="weighted_groups",
        method_version="1.0",
        peers=40,
    )
    rankings = [
        RankingFacts(supplier=first, position=1, score=91.5, grade="A+"),
        RankingFacts(supplier=second, position=30, score=40.25, grade="C"),
    ]
    Writer(session, catalogue, actor="test", provenance=LIST).publish_edition(facts, rankings)
