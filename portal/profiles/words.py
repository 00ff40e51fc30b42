"""What groups, columns and choices of a profile are called, in whichever language the caller translates into."""

from __future__ import annotations

from collections.abc import Callable, Mapping

Translate = Callable[[str], str]


def group_words(_: Translate) -> Mapping[str, str]:
    """By group."""
    return {
        "description": _("Description"),
        "products": _("Products"),
        "processes": _("Processes"),
        "sites": _("Production sites"),
        "equipment": _("Equipment"),
        "markets": _("Markets"),
        "references": _("Reference clients"),
        "certificates": _("Certificates outside the catalogue"),
        "achievements": _("Achievements and technology wanted"),
        "website": _("Website"),
        "telephone": _("Telephone of the firm"),
        "contacts": _("Contacts"),
    }


def column_words(_: Translate) -> Mapping[str, str]:
    """By group and column, `products-zh`."""
    zh, en = _("In Chinese"), _("In English")
    return {
        "description-zh": zh,
        "description-en": en,
        "products-zh": zh,
        "products-en": en,
        "processes-code": _("Process"),
        "processes-sourcing": _("In-house or subcontracted"),
        "processes-capacity": _("Capacity"),
        "processes-lead_days": _("Lead time in days"),
        "sites-region": _("Place"),
        "sites-name": _("Name of the site"),
        "sites-address": _("Address"),
        "equipment-name": _("Machine"),
        "equipment-number": _("How many"),
        "equipment-year": _("Year of make"),
        "markets-zh": zh,
        "markets-en": en,
        "references-zh": zh,
        "references-en": en,
        "references-supplied": _("What was supplied"),
        "certificates-name": _("Certificate"),
        "certificates-issuer": _("Issued by"),
        "certificates-number": _("Number"),
        "certificates-issued_on": _("Issued on"),
        "certificates-expires_on": _("Valid until"),
        "achievements-kind": _("Kind of achievement"),
        "achievements-title_zh": _("Title in Chinese"),
        "achievements-title_en": _("Title in English"),
        "achievements-description_zh": _("Description in Chinese"),
        "achievements-description_en": _("Description in English"),
        "website-url": _("Address of the website"),
        "telephone-number": _("Telephone"),
        "contacts-person": _("Person"),
        "contacts-function": _("Function"),
        "contacts-phone": _("Phone number of the person"),
        "contacts-email": _("E-mail"),
    }


def choice_words(_: Translate) -> Mapping[str, str]:
    """What can be chosen from, by value."""
    return {
        "in_house": _("in-house"),
        "subcontracted": _("subcontracted"),
        "in_use": _("in use"),
        "on_offer": _("on offer"),
        "wanted": _("wanted"),
    }
