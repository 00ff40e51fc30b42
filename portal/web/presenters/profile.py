"""What a firm says of itself, as its page and the API show it."""

from __future__ import annotations

from portal.models import Supplier
from portal.profiles.content import NOTHING, Contact, Content
from portal.profiles.visible import Own, agreed_phones, masked, phone_key
from portal.web.presenters import labels
from portal.web.presenters.context import Context
from portal.web.tree import AchievementView, SiteView
from portal.web.tree_sheet import ContactView, OwnCertificateView, OwnMachine, OwnProcess, OwnReference, ProfileView


def in_language(lang: str, zh: str, en: str) -> str:
    """The text in the language, else in the other one."""
    return (en or zh) if lang == "en" else (zh or en)


def profile_view(row: Supplier, own: Own | None, at: Context) -> ProfileView | None:
    """The firm's own words; None where it says nothing."""
    if own is None or own.said == NOTHING:
        return None
    said, lang = own.said, at.lang
    return ProfileView(
        description=in_language(lang, said.description.zh, said.description.en),
        products=tuple(in_language(lang, one.zh, one.en) for one in said.products),
        processes=_processes(said, at),
        sites=tuple(
            SiteView(
                name=one.name,
                address=one.address,
                region=at.path(at.catalogue.region_path(one.region), at.catalogue.regions),
            )
            for one in said.sites
        ),
        equipment=tuple(OwnMachine(name=one.name, number=one.number, year=one.year) for one in said.equipment),
        markets=tuple(in_language(lang, one.zh, one.en) for one in said.markets),
        references=tuple(
            OwnReference(name=in_language(lang, one.zh, one.en), supplied=one.supplied) for one in said.references
        ),
        certificates=tuple(
            OwnCertificateView(
                name=one.name,
                issuer=one.issuer,
                number=one.number,
                issued_on=one.issued_on,
                expires_on=one.expires_on,
            )
            for one in said.certificates
        ),
        website=said.website.url,
        phone=said.telephone.number,
        contacts=_contacts(row, said.contacts, at),
        buyers_only=said.buyers_only,
    )


def own_achievements(own: Own | None, at: Context) -> tuple[AchievementView, ...]:
    """What it declares to use, to offer or to want."""
    kinds = labels.achievement_labels()
    return tuple(
        AchievementView(
            kind=labels.coded(one.kind, kinds),
            title=in_language(at.lang, one.title_zh, one.title_en),
            description=in_language(at.lang, one.description_zh, one.description_en),
            dated=None,
            self_declared=True,
            source=None,
        )
        for one in (own.said.achievements if own else ())
    )


def _processes(said: Content, at: Context) -> tuple[OwnProcess, ...]:
    return tuple(
        OwnProcess(
            code=one.code,
            label=at.coded(one.code, at.catalogue.processes).label,
            subcontracted=one.sourcing == "subcontracted",
            capacity=one.capacity,
            lead_days=one.lead_days,
        )
        for one in said.processes
    )


def _contacts(row: Supplier, contacts: tuple[Contact, ...], at: Context) -> tuple[ContactView, ...]:
    if not contacts:
        return ()
    agreed = agreed_phones(at.session, row.id)
    return tuple(_contact(one, hidden=phone_key(one.phone) not in agreed) for one in contacts)


def _contact(one: Contact, *, hidden: bool) -> ContactView:
    phone = masked(one.phone) if hidden else one.phone
    return ContactView(
        person=one.person, function=one.function, phone=phone, masked=bool(one.phone) and hidden, email=one.email
    )
