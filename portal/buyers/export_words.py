"""Words of exports: headings of their columns, and what their cells and statements say."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import gettext as _

from portal.web.i18n import once_a_language


@once_a_language
def column_labels() -> Mapping[str, str]:
    """The columns of firms, in their order."""
    return {
        "scheme": _("Registration scheme"),
        "number": _("Registration number"),
        "name_zh": _("Chinese name"),
        "name_en": _("English name"),
        "status": _("Registration status"),
        "sector": _("Sector"),
        "industries": _("Industries"),
        "products": _("Products"),
        "processes": _("Processes"),
        "place": _("Place"),
        "address": _("Registered address"),
        "size": _("Size"),
        "established_on": _("Established on"),
        "levels": _("Levels"),
        "valid_until": _("Valid until"),
        "certificates": _("Certificate numbers"),
        "tiers": _("Tiers"),
        "edition": _("Ranking edition"),
        "published": _("Ranking published by"),
        "position": _("Position"),
        "peers": _("Ranked firms"),
        "grade": _("Grade"),
        "score": _("Score"),
        "criteria_met": _("Criteria met"),
        "criteria_assessed": _("Criteria assessed"),
        "met": _("Asked criteria that are met"),
        "missing": _("Asked criteria not recorded as met"),
        "fit": _("Fit"),
        "risks": _("Risks"),
        "website": _("Website"),
        "issuing_body": _("Source: issuing body"),
        "document_number": _("Source: document number"),
        "issued_on": _("Source: date"),
        "link": _("Source: link"),
        "self_declared": _("Declared by the firm itself"),
        "url": _("Page in this portal"),
    }


USUAL = frozenset(
    {
        *("number", "name_zh", "name_en", "status", "sector", "products", "place", "levels", "valid_until", "tiers"),
        *("edition", "published", "position", "peers", "grade", "met", "missing", "fit", "risks"),
        *("issuing_body", "document_number", "issued_on", "link", "url"),
    }
)
"""The columns that are ticked to begin with."""


def form_labels() -> dict[str, str]:
    """The forms of a file."""
    return {
        "xlsx": _("Excel (XLSX)"),
        "csv": _("CSV, in a ZIP with a statement of what it is"),
        "ndjson": _("NDJSON for programs, in a ZIP with a statement of what it is"),
    }


def words() -> dict[str, str]:
    """What the worker writes, which speaks no language itself."""
    return {
        "sheet": _("Suppliers"),
        "about": _("About this file"),
        "withdrawn": _("withdrawn from the register"),
        "official": _("official"),
        "computed": _("computed by the portal, not an official ranking"),
        "no_risk": _("none recorded"),
        "unchecked": _("not all kinds checked"),
        "time": _("Time"),
        "data_version": _("Data version"),
        "rows": _("Number of rows"),
        "note": _("Note"),
        "computed_note": _("Rankings computed by the portal are not official rankings."),
        "fictional_note": _("Sample data: these firms are fictional."),
    }
