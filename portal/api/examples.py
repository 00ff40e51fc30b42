"""Examples for the API's description; a test reads each back into its struct, so they cannot grow stale."""

from __future__ import annotations

from typing import Any

RESULT: dict[str, Any] = {
    "total": 12,
    "items": [
        {
            "id": "CN-USCC/91330200MA2AF0002Y",
            "name": {"zh": "宁波示例轴承有限公司", "en": "Ningbo Example Bearing Co., Ltd"},
            "sector": {"code": "machinery", "label": "Industrial machinery and equipment"},
            "industries": [{"code": "3451", "label": "Rolling bearings"}],
            "region": [{"code": "330000", "label": "Zhejiang"}, {"code": "330200", "label": "Ningbo"}],
            "status": {"code": "active", "label": "active"},
            "size": {"code": "small", "label": "small"},
            "products": ["deep-groove ball bearings"],
            "processes": [{"code": "forging", "label": "forging"}],
            "levels": [
                {
                    "scheme": "quality_capability",
                    "level": "assurance",
                    "label": "Quality capability: assurance",
                    "rank": 3,
                    "levels": 5,
                    "expires_on": "2028-05-31",
                }
            ],
            "tiers": [],
            "certified": True,
            "rank": {
                "edition": "machinery-2026",
                "label": "Machinery 2026",
                "official": False,
                "position": 12,
                "peers": 431,
                "percentile": 3,
                "top": True,
                "grade": "A+",
                "score": 88.4,
            },
            "criteria": {"met": 96, "applicable": 175, "assessed": 120},
            "fit": {"met": ["X01-05"], "missing": ["X03-07"], "score": 0, "of": 0},
            "matched": [{"field": "name", "pieces": [["宁波示例", False], ["轴承", True], ["有限公司", False]]}],
            "fictional": True,
            "url": "/suppliers/CN-USCC/91330200MA2AF0002Y",
        }
    ],
    "facets": {
        "sector": {
            "name": "sector",
            "label": "Sector",
            "values": [
                {
                    "value": "machinery",
                    "label": "Industrial machinery and equipment",
                    "count": 12,
                    "selected": False,
                    "url": "/api/v1/suppliers?q=%E8%BD%B4%E6%89%BF&sector=machinery",
                }
            ],
            "truncated": False,
        }
    },
    "page": 1,
    "pages": 1,
    "per_page": 20,
    "data_version": 4711,
    "valid_on": "2026-11-23",
    "notices": [],
    "next": None,
    "previous": None,
}

PROBLEM: dict[str, Any] = {
    "type": "/api#invalid-parameter",
    "title": "This request cannot be answered",
    "status": 400,
    "detail": "“gold” is not a value of sector.",
    "instance": "/api/v1/suppliers",
    "request_id": "6f0c1f2ab3d4e5f6",
    "parameter": "sector",
    "value": "gold",
}

EXAMPLES: dict[str, Any] = {"ResultPage": RESULT, "Problem": PROBLEM}
"""By the name of the struct."""
