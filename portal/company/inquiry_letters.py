"""What is written about inquiries, to each reader in their language. What was asked stands on the portal only."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.identity.letters import title
from portal.models import Inquiry, InquiryAct, OrganisationKind, Role, Supplier, User
from portal.models.account import ROLES
from portal.notices import Notice, post, texts
from portal.register.clock import CHINA

Words = Callable[[Callable[[str], str]], tuple[str, str]]
"""Makes a subject and a text with what translates."""


@dataclass(frozen=True, slots=True)
class InquiryLetters:
    """Letters of the portal at an address, which links begin with."""

    public_url: str

    def received(self, session: Session, inquiry: Inquiry, buyer: str) -> None:
        """To the firm's people: a buyer asks."""
        said = {"buyer": buyer, "day": inquiry.answer_by.isoformat()}

        def words(_: Callable[[str], str]) -> tuple[str, str]:
            told = _("%(buyer)s sent your firm a contact request. Please answer by %(day)s; no offer is needed.")
            return _("A buyer asks your firm"), told % said

        self._write(session, _people(session, inquiry.firm_id), f"/firm/inquiries/{inquiry.id}", words)

    def to_firm(self, session: Session, inquiry: Inquiry, buyer: str, act: InquiryAct) -> None:
        """To the firm's people: the buyer wrote, or withdrew."""

        def words(_: Callable[[str], str]) -> tuple[str, str]:
            if act is InquiryAct.WITHDRAWN:
                told = _("%(buyer)s withdrew its contact request. Nothing is left to do.")
                return _("A contact request was withdrawn"), told % {"buyer": buyer}
            return _("A buyer wrote to you"), _("%(buyer)s wrote to you about its contact request.") % {"buyer": buyer}

        self._write(session, _people(session, inquiry.firm_id), f"/firm/inquiries/{inquiry.id}", words)

    def to_buyer(self, session: Session, inquiry: Inquiry, firm: Supplier, act: InquiryAct) -> None:
        """To whom sent it, or to the administrators once that person is gone: what the firm says."""

        def words(_: Callable[[str], str]) -> tuple[str, str]:
            told = {
                InquiryAct.INTERESTED: _("%(firm)s is interested in your contact request."),
                InquiryAct.DECLINED: _("%(firm)s is not interested in your contact request."),
                InquiryAct.ASKED: _("%(firm)s has a question about your contact request."),
            }.get(act, _("%(firm)s wrote to you about your contact request."))
            return _("A firm answered"), told % {"firm": firm.name_zh or firm.name_en}

        sender = session.get_one(User, inquiry.user_id)
        readers = [sender] if sender.disabled_at is None else _admins(session, inquiry.organisation_id)
        self._write(session, readers, f"/workspace/inquiries/{inquiry.id}", words)

    def stopped(self, session: Session, organisation_id: int, until: datetime, why: str) -> None:
        """To the buyer's administrators: nothing can be sent for a while, and why."""
        said = {"day": f"{until.astimezone(CHINA):%Y-%m-%d %H:%M}", "reason": why}

        def words(_: Callable[[str], str]) -> tuple[str, str]:
            told = _(
                "Staff of the portal have stopped the contact requests of your organisation until %(day)s (China"
                " time). The reason: %(reason)s"
            )
            return _("Contact requests are stopped"), told % said

        self._write(session, _admins(session, organisation_id), "/workspace/inquiries", words)

    def _write(self, session: Session, readers: Iterable[User], path: str, words: Words) -> None:
        for reader in readers:
            subject, told = words(texts(reader.language))
            headed, url = title(reader.language, subject), f"{self.public_url}{path}"
            post(session, reader.sign_in, Notice(headed, f"{told}\n\n{url}\n", f"{headed}\n{told} {url}"))


def _people(session: Session, organisation_id: int) -> list[User]:
    """Those of a firm who keep its profile, which are all."""
    return _of(session, organisation_id, ROLES[OrganisationKind.SUPPLIER])


def _admins(session: Session, organisation_id: int) -> list[User]:
    return _of(session, organisation_id, (Role.BUYER_ADMIN,))


def _of(session: Session, organisation_id: int, roles: Iterable[Role]) -> list[User]:
    mine = (User.organisation_id == organisation_id, User.role.in_(roles), User.disabled_at.is_(None))
    return list(session.scalars(select(User).where(*mine).order_by(User.id)))
