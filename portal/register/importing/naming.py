"""What the fields of the register are called, in both languages, and by what other headings lists know them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from portal.register.catalogue import Catalogue
from portal.register.importing.targets import TARGETS, SourceKind

GROUPS: Mapping[str, tuple[str, str]] = {
    "supplier": ("企业", "Firm"),
    "certificate": ("证书", "Certificate"),
    "assessment": ("评价", "Assessment"),
    "recognition": ("梯度认定", "Recognition"),
    "achievement": ("科技成果", "Achievement"),
    "risk": ("风险信息", "Risk facts"),
    "edition": ("榜单", "Edition"),
    "ranking": ("排名", "Ranking"),
}

OF_KIND: Mapping[SourceKind, tuple[str, ...]] = {
    SourceKind.SUPPLIERS: ("supplier", "certificate", "recognition", "achievement", "risk"),
    SourceKind.CERTIFICATES: ("supplier", "certificate"),
    SourceKind.ASSESSMENTS: ("supplier", "assessment"),
    SourceKind.RANKINGS: ("supplier", "edition", "ranking"),
}
"""The groups of fields that a list of each kind may fill."""

KINDS: Mapping[SourceKind, tuple[str, str]] = {
    SourceKind.SUPPLIERS: ("企业名单", "List of firms"),
    SourceKind.CERTIFICATES: ("证书清单", "List of certificates"),
    SourceKind.ASSESSMENTS: ("评价结果", "List of assessments"),
    SourceKind.RANKINGS: ("榜单", "Ranking list"),
}

NAMES: Mapping[str, tuple[str, ...]] = {
    "supplier.scheme": ("登记体系", "Registration scheme"),
    "supplier.number": (
        "统一社会信用代码",
        "Registration number",
        "信用代码",
        "社会信用代码",
        "credit code",
        "uscc",
        "uei",
    ),
    "supplier.name_zh": ("企业名称", "Name in Chinese", "单位名称", "公司名称", "企业", "公司", "company", "firm"),
    "supplier.name_en": ("英文名称", "Name in English", "英文名"),
    "supplier.former_names": ("曾用名", "Former names"),
    "supplier.sector": ("行业领域", "Sector", "所属行业", "行业"),
    "supplier.sector_by_naics": ("按 NAICS 代码的行业领域", "Sector by NAICS code", "naics"),
    "supplier.size": ("企业规模", "Size", "规模"),
    "supplier.status": ("登记状态", "Registration status", "经营状态", "企业状态"),
    "supplier.status_on": ("状态日期", "Date of the status"),
    "supplier.established_on": ("成立日期", "Established on", "成立时间", "注册日期", "founded"),
    "supplier.region": ("所在地", "Region", "地区", "省市", "省份", "城市", "行政区划", "属地", "province", "city"),
    "supplier.address": ("地址", "Address", "注册地址", "住所", "通讯地址"),
    "supplier.legal_representative": ("法定代表人", "Legal representative", "法人", "法人代表"),
    "supplier.phone": ("联系电话", "Phone", "电话", "手机", "telephone", "tel"),
    "supplier.website": ("网址", "Website", "网站", "homepage", "url"),
    "supplier.description_zh": ("企业简介", "Description in Chinese", "简介"),
    "supplier.description_en": ("英文简介", "Description in English"),
    "supplier.industries": ("行业类别", "Industries (GB/T 4754)", "行业代码", "国民经济行业"),
    "supplier.processes": ("工艺", "Processes", "主要工艺"),
    "supplier.products_zh": ("主要产品", "Products in Chinese", "主导产品", "产品名称", "产品"),
    "supplier.products_en": ("主要产品（英文）", "Products in English"),
    "supplier.sites": ("生产场所", "Production sites", "生产地址"),
    "supplier.self_declared": ("自行申报的字段", "Self-declared fields"),
    "certificate.scheme": ("认证项目", "Scheme", "评价项目", "认证类型", "证书类型", "certificate type"),
    "certificate.level": ("等级", "Level", "能力等级", "评价等级", "证书等级", "级别"),
    "certificate.number": ("证书编号", "Certificate number", "证书号", "certificate no"),
    "certificate.issuer": ("发证机构", "Issuer", "认证机构", "颁发机构", "发证机关"),
    "certificate.scope": ("认证范围", "Scope", "认证覆盖范围"),
    "certificate.sites": ("覆盖场所", "Sites covered"),
    "certificate.basis": ("认证依据", "Basis", "评价方式"),
    "certificate.issued_on": ("发证日期", "Issued on", "颁证日期", "颁发日期", "发证时间", "获证日期", "issue date"),
    "certificate.expires_on": ("有效期至", "Expires on", "有效期", "到期日期", "截止有效期", "valid until", "expiry"),
    "certificate.state": ("证书状态", "State of the certificate"),
    "certificate.state_on": ("证书状态日期", "Date of the state"),
    "certificate.state_reason": ("证书状态原因", "Reason of the state"),
    "assessment.assessed_on": ("评价日期", "Assessed on", "评价时间", "评估日期"),
    "assessment.assessor": ("评价机构", "Assessor", "评估机构"),
    "assessment.results": ("全部结果（JSON）", "All results (JSON)"),
    "assessment.criterion": ("评价指标", "Criterion", "指标编号", "指标"),
    "assessment.result": ("评价结果", "Result", "结果"),
    "assessment.value": ("数值", "Value", "指标值"),
    "assessment.evidence": ("证据", "Evidence", "佐证"),
    "recognition.tier": ("梯度类型", "Tier", "认定类型", "企业类型"),
    "recognition.recognised_on": ("认定日期", "Recognised on", "认定时间"),
    "recognition.expires_on": ("认定有效期至", "Recognition expires on"),
    "achievement.kind": ("成果类别", "Kind of achievement"),
    "achievement.title_zh": ("成果名称", "Achievement in Chinese"),
    "achievement.title_en": ("成果英文名称", "Achievement in English"),
    "achievement.description": ("成果说明", "Description of the achievement"),
    "achievement.dated": ("成果日期", "Date of the achievement"),
    "achievement.self_declared": ("成果为自行申报", "Achievement is self-declared"),
    "risk.source": ("核查来源", "Source of the check"),
    "risk.checked_on": ("核查日期", "Checked on"),
    "edition.code": ("榜单代码", "Code of the edition"),
    "edition.sector": ("榜单行业领域", "Sector of the edition"),
    "edition.industry": ("榜单行业类别", "Industry of the edition"),
    "edition.period": ("期间", "Period"),
    "edition.as_of": ("截止日期", "As of"),
    "edition.title_zh": ("榜单名称", "Title in Chinese"),
    "edition.title_en": ("英文榜单名称", "Title in English"),
    "edition.method": ("评价方法", "Method"),
    "edition.method_version": ("方法版本", "Version of the method"),
    "edition.peers": ("参评企业数", "Firms compared"),
    "ranking.position": ("排名", "Position", "名次", "rank"),
    "ranking.score": ("得分", "Score", "总分", "分数"),
    "ranking.grade": ("等次", "Grade"),
}
"""Field → its Chinese name, its English one, then further headings that mean it."""


def label(field: str, lang: str, catalogue: Catalogue) -> str:
    """What a field is called."""
    if field in NAMES:
        return NAMES[field][1 if lang == "en" else 0]
    kind = field.partition(".")[2]
    return catalogue.risk_kinds[kind].name(lang) if kind in catalogue.risk_kinds else field


def fields_of(kind: SourceKind, catalogue: Catalogue) -> Iterator[str]:
    """The fields that a list of that kind may fill, group by group."""
    for group in OF_KIND[kind]:
        yield from (field for field in TARGETS if field.partition(".")[0] == group)
        if group == "risk":
            yield from (f"risk.{risk}" for risk in catalogue.risk_kinds)


def words_of(field: str, catalogue: Catalogue) -> tuple[str, ...]:
    """Headings that mean a field."""
    if field in NAMES:
        return NAMES[field]
    return (label(field, "zh", catalogue), label(field, "en", catalogue))
