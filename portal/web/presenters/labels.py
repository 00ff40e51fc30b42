"""Words of the pages that are not the catalogue's. Functions, not constants: the language is the request's.

Each table is made once a language: fifty look-ups of texts took as long as reading the cards (trap 2).
"""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import gettext as _

from portal.web.i18n import once_a_language
from portal.web.tree import Coded


@once_a_language
def parameter_labels() -> Mapping[str, str]:
    """The filters' names as visitors see them."""
    return {
        "q": _("Text"),
        "sector": _("Sector"),
        "industry": _("Industry"),
        "process": _("Process"),
        "tier": _("Tier"),
        "size": _("Size"),
        "status": _("Registration status"),
        "level": _("Certification"),
        "level_min": _("At least"),
        "criteria": _("Criterion"),
        "criteria_mode": _("Criteria met"),
        "criteria_not": _("Criterion not recorded as met"),
        "nice": _("Nice to have"),
        "region": _("Region"),
        "edition": _("Ranking edition"),
        "grade": _("Grade"),
        "top": _("Ranked among the best"),
        "valid_through": _("Valid through"),
        "expires_before": _("Expires before"),
        "certified_from": _("Certified since, from"),
        "certified_to": _("Certified since, to"),
        "assessed_since": _("Assessed since"),
        "has": _("Has"),
        "lacks": _("Has no"),
        "per_page": _("Results a page"),
        "mine": _("Own suppliers"),
    }


@once_a_language
def mine_labels() -> Mapping[str, str]:
    """What can be asked of one's own suppliers."""
    return {"only": _("only those we have"), "hide": _("without those we have")}


@once_a_language
def facet_labels() -> Mapping[str, str]:
    """The facets' headings, by their names in the tree."""
    return {
        "sector": _("Sector"),
        "industry": _("Industry"),
        "process": _("Process"),
        "level": _("Certification"),
        "criteria": _("Criteria met"),
        "region": _("Region"),
        "tier": _("Tier"),
        "size": _("Size"),
        "edition": _("Ranking edition"),
        "grade": _("Grade"),
        "has": _("Has"),
    }


@once_a_language
def sort_labels() -> Mapping[str, str]:
    """The orders, in the order they are offered."""
    return {
        "relevance": _("Relevance"),
        "newest": _("Newest"),
        "level": _("Certification level"),
        "rank": _("Rank"),
        "criteria": _("Criteria met"),
        "fit": _("Fit"),
        "name": _("Name"),
    }


@once_a_language
def state_labels() -> Mapping[str, str]:
    """States of a certificate."""
    return {
        "valid": _("valid"),
        "suspended": _("suspended"),
        "revoked": _("revoked by the issuer"),
        "given_up": _("given up"),
        "expired": _("expired"),
        "future": _("not yet valid"),
    }


@once_a_language
def basis_labels() -> Mapping[str, str]:
    """On whose word a certificate rests."""
    return {"self": _("self-assessed"), "second_party": _("second party"), "third_party": _("third party")}


@once_a_language
def dimension_labels() -> Mapping[str, str]:
    """The bars of the supplier page (质量, 标准, 品牌)."""
    return {"quality": _("Quality"), "standards": _("Standards"), "brand": _("Brand")}


@once_a_language
def achievement_labels() -> Mapping[str, str]:
    """Kinds of achievements."""
    return {"in_use": _("in use"), "on_offer": _("on offer"), "wanted": _("wanted")}


@once_a_language
def role_labels() -> Mapping[str, str]:
    """What a user is in the organisation."""
    return {
        "buyer": _("Buyer"),
        "buyer_admin": _("Buyer, administrator"),
        "supplier_editor": _("Supplier, editor"),
        "supplier_admin": _("Supplier, administrator"),
        "staff_viewer": _("Staff, reads"),
        "staff_editor": _("Staff, edits"),
        "staff_publisher": _("Staff, publishes"),
        "staff_admin": _("Staff, administrator"),
    }


@once_a_language
def matched_labels() -> Mapping[str, str]:
    """The fields in which a text was found."""
    return {
        "name": _("Name"),
        "former_name": _("Former name"),
        "product": _("Products"),
        "process": _("Process"),
        "industry": _("Industry"),
        "scope": _("Certified scope"),
        "description": _("Description"),
    }


def coded(code: str, labels: Mapping[str, str]) -> Coded:
    """The code with its label."""
    return Coded(code=code, label=labels.get(code, code))
