"""Codes by which a firm can be claimed at once: printed in letters, or sent to the contact on record.

Each works once and has an end; the database holds hashes. A letter's code is long enough never to be guessed; that of
a message is 8 digits, so it is bound to the organisation that asked, and ends after MOST_TRIES wrong ones. Attempts are
counted in the database (portal.identity.lockout), so what fails is to be committed too: nothing here raises for that.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Select, delete, func, select, update
from sqlalchemy.orm import Session

from portal.company import claim_notices as notices
from portal.company.claims import DAY, Claimed, Way, claim, locked, require_free
from portal.identity import lockout
from portal.identity.lockout import Counter
from portal.identity.names import is_phone, masked, normalised
from portal.identity.tokens import hashed
from portal.models import ClaimCode, CodeKind, Supplier
from portal.reviews.cases import Desk
from portal.reviews.kinds import Refused
from portal.workspace.record_codes import NoCode, new_code, read

SENT_LIFETIME = timedelta(minutes=30)
LETTER_DAYS = 90
LETTER_SIGNS = 15
"""Of a letter's code: 70 random bits and a check sign."""

DIGITS = 8
MOST_TRIES = 5
MOST_SENT = 3
"""Codes that an organisation may have sent in a day, and that are sent to one firm in a day."""

FORGOTTEN = timedelta(days=30)
"""After its end a code is removed."""


class Trouble(StrEnum):
    """Why a code did nothing."""

    NO_CODE = "no_code"
    WRONG = "wrong"
    ENDED = "ended"
    WAIT = "wait"


@dataclass(frozen=True, slots=True)
class Entered:
    """What came of a code: the claim, or why there is none; `until`: when one may try again."""

    claimed: Claimed | None = None
    trouble: Trouble | None = None
    until: datetime | None = None


def contact_of(firm: Supplier) -> str:
    """The contact on record that a code can be sent to; "" where there is none.

    It must be an official fact: one that somebody declared for the firm would let them in again.
    """
    found = "" if "phone" in firm.self_declared else normalised(firm.phone)
    landline = found.startswith("+86") and not found.startswith("+861")
    return "" if landline else found


def shown_contact(firm: Supplier) -> str:
    """Enough of the contact for its owner to know it by."""
    contact = contact_of(firm)
    return masked(contact) if contact else ""


def send(desk: Desk, firm_id: int) -> datetime:
    """Send a code to the contact on record, for the user's organisation; when it ends. Raises Refused."""
    session, at = desk.act.session, desk.act.at
    firm = locked(session, firm_id)
    mine = require_free(desk, firm)
    contact = contact_of(firm)
    if not contact:
        raise Refused(lambda _: _("There is no contact on record for this firm. Claim it another way."))
    session.execute(delete(ClaimCode).where(ClaimCode.expires_at < at - FORGOTTEN))
    for column, value in ((ClaimCode.organisation_id, mine.id), (ClaimCode.supplier_id, firm.id)):
        lately = (ClaimCode.kind == CodeKind.SENT, column == value, ClaimCode.created_at > at - DAY)
        if (session.scalar(select(func.count(ClaimCode.id)).where(*lately)) or 0) >= MOST_SENT:
            raise Refused(lambda _: _("No more codes can be sent today. Try again tomorrow, or claim another way."))
    _end(session, [firm.id], CodeKind.SENT, at, organisation_id=mine.id)
    digits = f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"
    made = ClaimCode(
        supplier_id=firm.id,
        kind=CodeKind.SENT,
        organisation_id=mine.id,
        hash=_hash_of(firm.id, mine.id, at, digits),
        created_at=at,
        expires_at=at + SENT_LIFETIME,
    )
    session.add(made)
    session.flush()
    language = "zh" if is_phone(contact) and contact.startswith("+86") else desk.user.language
    desk.act.tell(contact, notices.code(language, firm, mine, digits, made.expires_at))
    return made.expires_at


def waiting(session: Session, organisation_id: int, firm_id: int, at: datetime) -> ClaimCode | None:
    """The code that was sent for an organisation and can still be entered."""
    return session.scalars(_sent(organisation_id, firm_id, at)).first()


def enter_sent(desk: Desk, firm_id: int, typed: str) -> Entered:
    """Claim a firm by the code that its contact was sent. Raises Refused, before a try is counted."""
    session, at = desk.act.session, desk.act.at
    mine = require_free(desk, locked(session, firm_id))
    found = session.scalars(_sent(mine.id, firm_id, at).with_for_update()).first()
    if found is None:
        return Entered(trouble=Trouble.ENDED)
    found.tries += 1
    digits = "".join(sign for sign in typed if not sign.isspace())
    if not hmac.compare_digest(found.hash, _hash_of(firm_id, mine.id, found.created_at, digits)):
        if found.tries >= MOST_TRIES:
            found.expires_at = at
        return Entered(trouble=Trouble.WRONG if found.tries < MOST_TRIES else Trouble.ENDED)
    found.used_at = at
    return Entered(claim(desk, firm_id, Way.CONTACT, proven=True))


def enter_letter(desk: Desk, typed: str, address: str) -> Entered:
    """Claim the firm that a letter's code was printed for. Raises Refused, before the code is used up."""
    session, at = desk.act.session, desk.act.at
    try:
        code = read(typed, LETTER_SIGNS)
    except NoCode:
        return Entered(trouble=Trouble.NO_CODE)
    counters = (Counter(f"claim:{desk.user.organisation_id}", free=5), lockout.address(address))
    attempt = lockout.attempt(session, counters, at)
    if attempt.until is not None:
        return Entered(trouble=Trouble.WAIT, until=attempt.until)
    open_ones = (ClaimCode.used_at.is_(None), ClaimCode.expires_at > at, ClaimCode.kind == CodeKind.LETTER)
    wanted = select(ClaimCode).where(ClaimCode.hash == hashed(code), *open_ones)
    firm_id = session.scalar(wanted.with_only_columns(ClaimCode.supplier_id))
    if firm_id is None:
        return Entered(trouble=Trouble.ENDED)
    lockout.take_back(session, counters, attempt, at)
    locked(session, firm_id)
    found = session.scalars(wanted.with_for_update()).first()
    if found is None:  # another transaction was first
        return Entered(trouble=Trouble.ENDED)
    claimed = claim(desk, firm_id, Way.LETTER, proven=True)
    found.used_at = at
    return Entered(claimed)


def print_codes(session: Session, firm_ids: Iterable[int], days: int, at: datetime) -> dict[int, str]:
    """A new code for the letter to each firm, whose earlier ones end."""
    ids = list(firm_ids)
    _end(session, ids, CodeKind.LETTER, at)
    codes = {firm_id: new_code(LETTER_SIGNS) for firm_id in ids}
    session.add_all(
        ClaimCode(
            supplier_id=firm_id,
            kind=CodeKind.LETTER,
            hash=hashed(code),
            created_at=at,
            expires_at=at + timedelta(days=days),
        )
        for firm_id, code in codes.items()
    )
    session.flush()
    return codes


def _sent(organisation_id: int, firm_id: int, at: datetime) -> Select[ClaimCode]:
    mine = (ClaimCode.organisation_id == organisation_id, ClaimCode.supplier_id == firm_id)
    usable = (ClaimCode.kind == CodeKind.SENT, ClaimCode.used_at.is_(None), ClaimCode.expires_at > at)
    return select(ClaimCode).where(*mine, *usable).order_by(ClaimCode.id.desc())


def _hash_of(firm_id: int, organisation_id: int, at: datetime, digits: str) -> str:
    return hashed(f"claim\n{firm_id}\n{organisation_id}\n{at.timestamp():.6f}\n{digits}")


def _end(
    session: Session, firm_ids: list[int], kind: CodeKind, at: datetime, *, organisation_id: int | None = None
) -> None:
    ended = update(ClaimCode).where(
        ClaimCode.supplier_id.in_(firm_ids), ClaimCode.kind == kind, ClaimCode.expires_at > at
    )
    if organisation_id is not None:
        ended = ended.where(ClaimCode.organisation_id == organisation_id)
    session.execute(ended.values(expires_at=at))
