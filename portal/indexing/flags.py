"""What `has` and `lacks` can ask of a firm: one table, used by documents, parameters, facets and the API."""

from __future__ import annotations

from collections.abc import Mapping

from portal.register.catalogue import Named

_FLAGS = (
    Named(code="certificate", name_zh="有效证书", name_en="valid certificate"),
    Named(code="recognition", name_zh="有效梯度认定", name_en="valid tier recognition"),
    Named(code="assessment", name_zh="评价结果", name_en="assessment"),
    Named(code="ranking", name_zh="榜单排名", name_en="ranking"),
    Named(code="achievement", name_zh="科技成果", name_en="scientific or technological result"),
    Named(code="demand", name_zh="技术需求", name_en="technology wanted"),
    Named(code="products", name_zh="产品信息", name_en="products"),
    Named(code="industry", name_zh="行业类别", name_en="industry"),
    Named(code="process", name_zh="工艺信息", name_en="processes"),
    Named(code="region", name_zh="所在地", name_en="place"),
    Named(code="size", name_zh="企业规模", name_en="size class"),
    Named(code="profile", name_zh="企业自填资料", name_en="profile by the firm itself"),
    Named(code="website", name_zh="网站", name_en="website"),
    Named(code="name_en", name_zh="英文名称", name_en="English name"),
    Named(code="risk", name_zh="风险记录", name_en="risk on record"),
    Named(code="risk_checked", name_zh="风险已全部核查", name_en="all risks checked"),
)

FLAGS: Mapping[str, Named] = {flag.code: flag for flag in _FLAGS}
"""By code, in the order in which pages show them."""
