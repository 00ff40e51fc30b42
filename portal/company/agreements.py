"""A person's phone number is shown once that person agreed: by a link sent to that number, or from their own account.

Who has no mobile phone agrees by a link to their e-mail address beside it. Until then the number is masked, also from
signed-in buyers. Agreement is for one firm and one number; a firm that takes the number out loses nothing by it.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import delete
from sqlalchemy.orm import Session

from portal.company.profile import profile_of, published_of
from portal.identity import tokens
from portal.identity.letters import title
from portal.identity.log import Act
from portal.identity.names import normalised
from portal.identity.tokens import Issued, Purpose
from portal.models import ContactAgreement, Supplier, Token, TokenKind, User
from portal.notices import Notice, texts
from portal.profiles.content import Contact, Content, decoded
from portal.profiles.visible import phone_key
from portal.register.clock import CHINA
from portal.register.merging import heads

LINK = "/firm/agreement?secret="


@dataclass(frozen=True, slots=True)
class Asked:
    """What the holder of a link is asked: whether that firm may show that number."""

    firm: Supplier
    phone: str
    person: str


def contacts(session: Session, supplier_id: int) -> dict[str, Contact]:
    """The persons with a phone that the draft and what is up name, by their number's key."""
    profile = profile_of(session, supplier_id)
    draft = Content() if profile is None or profile.draft is None else decoded(profile.draft)
    named = (*published_of(profile).contacts, *draft.contacts)
    return {phone_key(one.phone): one for one in named if one.phone}


def way_to(contact: Contact) -> str:
    """Where the question goes: to a mobile number, else to the address; "" where neither can be written to."""
    phone = normalised(contact.phone)
    landline = phone.startswith("+86") and not phone.startswith("+861")
    return normalised(contact.email) if landline or not phone else phone


def is_own(user: User, contact: Contact) -> bool:
    """Whether the question would go to the user, who proved to have that number or address.

    Not by an address that merely stands beside another's mobile number: whoever writes the profile chooses it.
    """
    return user.sign_in == way_to(contact) != ""


def ask(act: Act, firm: Supplier, contact: Contact, user: User) -> None:
    """Send the person a link to agree by; an earlier one to them ends."""
    payload = {"supplier": firm.id, "phone": contact.phone, "person": contact.person}
    purpose = Purpose(TokenKind.AGREEMENT, way_to(contact), organisation_id=user.organisation_id, payload=payload)
    issued = tokens.issue(act.session, purpose, act.at, link=True)
    act.tell(purpose.recipient, _letter(act, firm, contact, issued, user.language))


def _letter(act: Act, firm: Supplier, contact: Contact, issued: Issued, language: str) -> Notice:
    _ = texts(language)
    names = (firm.name_en, firm.name_zh) if language == "en" else (firm.name_zh, firm.name_en)
    name = next(filter(None, names), firm.number)
    subject = title(language, _("May %(firm)s show your phone number?") % {"firm": name})
    told = _("%(firm)s wants to show you, %(person)s, as its contact, with your phone number.") % {
        "firm": name,
        "person": contact.person,
    }
    end = f"{issued.expires_at.astimezone(CHINA):%Y-%m-%d %H:%M}"
    how = _("If you agree, say so here until %(end)s (China time):") % {"end": end}
    ignore = _("If you do nothing, the number stays hidden.")
    url = f"{act.letters.public_url}{LINK}{issued.secret}"
    return Notice(subject=subject, body=f"{told}\n\n{how}\n{url}\n\n{ignore}\n", sms=f"{subject} {how} {url} {ignore}")


def asked(act: Act, secret: str) -> Asked | None:
    """What that secret asks; None where it was used, has ended, or is of another kind."""
    token = _token(act, secret)
    if token is None:
        return None
    return Asked(act.session.get_one(Supplier, _firm_of(act, token)), token.payload["phone"], token.payload["person"])


def agree(act: Act, secret: str) -> bool:
    """The person agrees: the secret is used up. False where it cannot be."""
    token = _token(act, secret)
    if token is None or not tokens.use(act.session, token, act.at):
        return False
    _add(act, _firm_of(act, token), token.payload["phone"])
    return True


def agree_in_person(act: Act, firm: Supplier, contact: Contact, user: User) -> bool:
    """The same from the account of the person; False where it is somebody else's."""
    if not is_own(user, contact):
        return False
    _add(act, firm.id, contact.phone)
    return True


def end(session: Session, supplier_id: int, keys: Collection[str]) -> None:
    """Hide these numbers again."""
    gone = ContactAgreement.supplier_id == supplier_id, ContactAgreement.phone.in_(list(keys))
    session.execute(delete(ContactAgreement).where(*gone))


def forget(session: Session, user: User) -> None:
    """Hide the number of someone who deletes their account, wherever they agreed to show it: nobody can ask them."""
    session.execute(delete(ContactAgreement).where(ContactAgreement.phone == phone_key(user.sign_in)))


def _add(act: Act, supplier_id: int, phone: str) -> None:
    key = phone_key(phone)
    if act.session.get(ContactAgreement, (supplier_id, key)) is None:
        act.session.add(ContactAgreement(supplier_id=supplier_id, phone=key, at=act.at))
        act.session.flush()


def _firm_of(act: Act, token: Token) -> int:
    """The firm that asked; where it was merged since, the one it went into."""
    asked: int = token.payload["supplier"]
    return heads(act.session, [asked]).get(asked, asked)


def _token(act: Act, secret: str) -> Token | None:
    if not re.fullmatch(r"[\w-]{20,100}", secret):
        return None
    token = tokens.valid(act.session, secret, act.at)
    return token if token is not None and token.kind == TokenKind.AGREEMENT else None
