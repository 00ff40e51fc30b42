"""Claims: one organisation a firm, codes that hold at once, disputes that staff decide, and never a takeover."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.company import claim_codes, claims
from portal.company.claim_codes import (
    MOST_SENT,
    MOST_TRIES,
    Trouble,
    contact_of,
    enter_letter,
    enter_sent,
    shown_contact,
)
from portal.company.claims import MOST_A_DAY, Way
from portal.company.kinds import KINDS
from portal.identity.organisations import hand_over
from portal.indexing.sessions import Sessions, writing
from portal.models import (
    AuditEntry,
    CaseKind,
    CaseState,
    ClaimCode,
    Message,
    Organisation,
    OrganisationState,
    ReviewCase,
    Role,
    Supplier,
    User,
    now,
)
from portal.register.catalogue import Catalogue
from portal.reviews import cases
from portal.reviews.cases import Decision, Desk
from portal.reviews.kinds import Glass, Refused
from tests.portal.company.conftest import Town, desk_in, firm_in, member_in


def at(desk: Desk, moment: datetime) -> Desk:
    return replace(desk, act=replace(desk.act, at=moment))


def mine(desk: Desk) -> int | None:
    session = desk.act.session
    return session.scalar(select(Organisation.supplier_id).where(Organisation.id == desk.user.organisation_id))


def mail(session: Session) -> Message:
    return session.scalars(select(Message).order_by(Message.id.desc()).limit(1)).one()


def digits(session: Session) -> str:
    found = re.search(r"\b(\d{8})\b", mail(session).body)
    assert found
    return found[1]


def entries(session: Session) -> list[str]:
    return list(session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))


def test_papers_wait_for_staff(town: Town) -> None:
    firm, claimant, staff = town.firm(), town.desk(), town.staff()
    claimed = claims.claim(claimant, firm.id, Way.PAPERS, "I am its director")
    assert claimed.case is not None
    assert mine(claimant) is None
    assert (claimed.case.state, claimed.case.payload["dispute"]) == (CaseState.OPEN, False)

    cases.decide(staff, claimed.case.id, claimed.case.version, Decision.APPROVE)
    assert mine(claimant) == firm.id
    assert entries(town.session) == ["review.approved"]
    assert mail(town.session).recipient == claimant.user.sign_in


def test_a_refusal_says_why_and_changes_nothing(town: Town) -> None:
    firm, claimant = town.firm(), town.desk()
    case = claims.claim(claimant, firm.id, Way.PAPERS).case
    assert case
    cases.decide(town.staff(), case.id, case.version, Decision.REFUSE, "The seal is another firm's.")
    assert (mine(claimant), case.state) == (None, CaseState.REFUSED)
    assert "The seal is another firm's." in mail(town.session).body


def test_a_sent_code_holds_at_once(town: Town) -> None:
    firm, claimant = town.firm(), town.desk()
    claim_codes.send(claimant, firm.id)
    assert mail(town.session).recipient == "+8613800138000"
    assert claimant.user.organisation.name in mail(town.session).body
    entered = enter_sent(claimant, firm.id, digits(town.session))
    assert entered.claimed
    assert entered.claimed.case is None
    assert mine(claimant) == firm.id
    assert entries(town.session) == ["claim.held"]


def test_a_sent_code_works_once_in_time_and_for_who_asked(town: Town) -> None:
    firm, claimant, other = town.firm(), town.desk(), town.desk()
    until = claim_codes.send(claimant, firm.id)
    code = digits(town.session)
    assert enter_sent(other, firm.id, code).trouble is Trouble.ENDED
    assert enter_sent(claimant, town.firm().id, code).trouble is Trouble.ENDED
    assert enter_sent(at(claimant, until), firm.id, code).trouble is Trouble.ENDED
    claim_codes.send(claimant, firm.id)
    assert enter_sent(claimant, firm.id, code).trouble is Trouble.WRONG  # the newer one counts
    assert enter_sent(claimant, firm.id, digits(town.session)).claimed
    claims.give_up(claimant)
    assert enter_sent(claimant, firm.id, digits(town.session)).trouble is Trouble.ENDED


def test_guessing_ends_a_sent_code(town: Town) -> None:
    firm, claimant = town.firm(), town.desk()
    claim_codes.send(claimant, firm.id)
    code = digits(town.session)
    wrong = f"{(int(code) + 1) % 10**8:08d}"
    found = [enter_sent(claimant, firm.id, wrong).trouble for _ in range(MOST_TRIES)]
    assert found == [Trouble.WRONG] * (MOST_TRIES - 1) + [Trouble.ENDED]
    assert enter_sent(claimant, firm.id, code).trouble is Trouble.ENDED


def test_codes_are_sent_a_few_times_a_day_to_one_firm_and_by_one_organisation(town: Town) -> None:
    claimant, firm = town.desk(), town.firm()
    for other in (town.firm() for _ in range(MOST_SENT)):
        claim_codes.send(claimant, other.id)
    with pytest.raises(Refused, match="today"):
        claim_codes.send(claimant, firm.id)
    for _ in range(MOST_SENT):
        claim_codes.send(town.desk(), firm.id)
    with pytest.raises(Refused, match="today"):
        claim_codes.send(town.desk(), firm.id)
    claim_codes.send(at(claimant, claimant.act.at + timedelta(days=1, seconds=1)), firm.id)


@pytest.mark.parametrize(
    ("phone", "declared", "contact", "shown"),
    [
        ("138 0013 8000", [], "+8613800138000", "+86…00"),
        ("wang@example.com", [], "wang@example.com", "w…@example.com"),
        ("+49 151 23456789", [], "+4915123456789", "+49…89"),
        ("0571-88888888", [], "", ""),
        ("+86 571 88888888", [], "", ""),
        ("", [], "", ""),
        ("138 0013 8000", ["phone"], "", ""),
    ],
)
def test_which_contact_counts(phone: str, declared: list[str], contact: str, shown: str) -> None:
    firm = Supplier(phone=phone, self_declared=declared)
    assert (contact_of(firm), shown_contact(firm)) == (contact, shown)


def test_without_a_contact_no_code_is_sent(town: Town) -> None:
    with pytest.raises(Refused, match="no contact"):
        claim_codes.send(town.desk(), town.firm(phone="").id)


def printed(town: Town, firm: Supplier, moment: datetime) -> str:
    return claim_codes.print_codes(town.session, [firm.id], 90, moment)[firm.id]


def test_a_letters_code_holds_at_once_and_once(town: Town) -> None:
    firm, claimant, other = town.firm(), town.desk(), town.desk()
    code = printed(town, firm, claimant.act.at)
    typed = f"{code[:5]} {code[5:10].lower()}-{code[10:]}"
    entered = enter_letter(claimant, typed, "192.0.2.1")
    assert entered.claimed
    assert (entered.claimed.firm.id, entered.claimed.case, mine(claimant)) == (firm.id, None, firm.id)
    assert enter_letter(other, code, "192.0.2.1").trouble is Trouble.ENDED
    hashes = set(town.session.scalars(select(ClaimCode.hash)))
    assert all(code not in one for one in hashes)


def test_a_letters_code_ends(town: Town) -> None:
    firm, claimant = town.firm(), town.desk()
    old = printed(town, firm, claimant.act.at)
    new = printed(town, firm, claimant.act.at)
    assert enter_letter(claimant, old, "a").trouble is Trouble.ENDED
    assert enter_letter(at(claimant, claimant.act.at + timedelta(days=91)), new, "a").trouble is Trouble.ENDED
    assert enter_letter(claimant, "XXXX", "a").trouble is Trouble.NO_CODE
    assert enter_letter(claimant, new, "a").claimed


def test_guessing_letters_codes_must_wait(town: Town) -> None:
    claimant, firm = town.desk(), town.firm()
    code = printed(town, firm, claimant.act.at)
    never = printed(town, town.firm(), claimant.act.at - timedelta(days=100))
    while (entered := enter_letter(claimant, never, "a")).trouble is Trouble.ENDED:
        pass
    assert entered.until is not None
    assert enter_letter(claimant, code, "a").trouble is Trouble.WAIT
    assert enter_letter(at(claimant, entered.until), code, "a").claimed


def held(town: Town) -> tuple[Supplier, Desk]:
    """A firm, and the desk of who speaks for it."""
    firm, holder = town.firm(), town.desk()
    assert enter_letter(holder, printed(town, firm, holder.act.at), "h").claimed
    return firm, holder


@pytest.mark.parametrize("way", Way)
def test_a_second_claimant_opens_a_dispute_whatever_the_proof(town: Town, way: Way) -> None:
    (firm, holder), second = held(town), town.desk()
    if way is Way.PAPERS:
        case = claims.claim(second, firm.id, way).case
    elif way is Way.LETTER:
        entered = enter_letter(second, printed(town, firm, second.act.at), "s")
        case = entered.claimed.case if entered.claimed else None
    else:
        claim_codes.send(second, firm.id)
        entered = enter_sent(second, firm.id, digits(town.session))
        case = entered.claimed.case if entered.claimed else None
    assert case is not None
    assert (case.payload["dispute"], case.payload["proven"]) == (True, way is not Way.PAPERS)
    assert (mine(holder), mine(second)) == (firm.id, None)
    assert mail(town.session).recipient == holder.user.sign_in
    assert f"/firm/disputes/{case.id}" in mail(town.session).body


def test_the_holder_answers_and_stays(town: Town) -> None:
    (firm, holder), second = held(town), town.desk()
    case = claims.claim(second, firm.id, Way.PAPERS, "we bought it").case
    assert case
    shown = case.version
    claims.answer(holder, case.id, "They did not.")
    with pytest.raises(cases.Stale):
        cases.decide(town.staff(), case.id, shown, Decision.APPROVE)
    lines = {
        line.label: line.after
        for line in KINDS[CaseKind.CLAIM].differences(case, Glass(town.session, town.catalogue, "en"))
    }
    assert lines["Speaks for the firm now"] == holder.user.organisation.name
    assert lines["What the claimant says"] == "we bought it"
    assert lines["Answer of who speaks for the firm now"] == "They did not."
    with pytest.raises(Refused):
        claims.answer(second, case.id, "Not mine to answer.")
    cases.decide(town.staff(), case.id, case.version, Decision.REFUSE, "Not shown.")
    assert (mine(holder), mine(second)) == (firm.id, None)
    with pytest.raises(Refused, match="decided"):
        claims.answer(holder, case.id, "Too late.")


def test_staff_hand_the_firm_to_the_claimant(town: Town) -> None:
    (firm, holder), second = held(town), town.desk()
    left = cases.submit(holder, CaseKind.CORRECTION, firm, {"field": "name_zh"})
    case = claims.claim(second, firm.id, Way.PAPERS).case
    assert case
    before = len(entries(town.session))
    cases.decide(town.staff(), case.id, case.version, Decision.APPROVE)
    assert (mine(holder), mine(second)) == (None, firm.id)
    assert left.state == CaseState.WITHDRAWN  # nobody stands by it any more
    assert len(entries(town.session)) == before + 1
    told = town.session.scalars(select(Message.body).where(Message.recipient == holder.user.sign_in)).all()
    assert any("Yours no longer does" in body for body in told)


def test_two_papers_at_once_are_a_dispute(town: Town) -> None:
    firm, one, two = town.firm(), town.desk(), town.desk()
    first, second = (claims.claim(desk, firm.id, Way.PAPERS).case for desk in (one, two))
    assert first
    assert second
    assert second.payload["dispute"]
    assert claims.is_disputed(town.session, first)
    cases.decide(town.staff(), first.id, first.version, Decision.APPROVE)
    assert claims.is_disputed(town.session, second)


def test_what_cannot_be_claimed(town: Town) -> None:
    (firm, holder), claimant = held(town), town.desk()
    with pytest.raises(Refused, match="this firm already"):
        claims.claim(holder, firm.id, Way.PAPERS)
    with pytest.raises(Refused, match="Give that one up"):
        claims.claim(holder, town.firm().id, Way.PAPERS)
    with pytest.raises(Refused, match="withdrawn"):
        claims.claim(claimant, town.firm(withdrawn_at=now()).id, Way.PAPERS)
    case = claims.claim(claimant, firm.id, Way.PAPERS).case
    assert case
    code = printed(town, town.firm(), claimant.act.at)
    with pytest.raises(Refused, match="not decided yet"):
        enter_letter(claimant, code, "a")
    cases.withdraw(claimant, case.id, case.version)
    assert enter_letter(claimant, code, "a").claimed  # it was not used up


def test_claims_of_a_day_have_an_end(town: Town) -> None:
    claimant, firm = town.desk(), town.firm()
    for _ in range(MOST_A_DAY):
        case = claims.claim(claimant, firm.id, Way.PAPERS).case
        assert case
        cases.withdraw(claimant, case.id, case.version)
    with pytest.raises(Refused, match="tomorrow"):
        claims.claim(claimant, firm.id, Way.PAPERS)
    assert claims.claim(at(claimant, claimant.act.at + timedelta(days=1, seconds=1)), firm.id, Way.PAPERS).case


def test_approval_is_refused_where_the_ground_fell_away(town: Town) -> None:
    firm, claimant, staff = town.firm(), town.desk(), town.staff()
    case = claims.claim(claimant, firm.id, Way.PAPERS).case
    assert case
    organisation = claimant.user.organisation
    for thing, name, spoilt, said in (
        (firm, "withdrawn_at", now(), "withdrawn"),
        (organisation, "state", OrganisationState.DISABLED, "not approved"),
    ):
        before = getattr(thing, name)
        setattr(thing, name, spoilt)
        town.session.flush()
        with pytest.raises(Refused, match=said):
            cases.decide(staff, case.id, case.version, Decision.APPROVE)
        setattr(thing, name, before)
        town.session.flush()
    assert mine(claimant) is None


def test_giving_up_ends_what_was_asked_and_frees_the_firm(town: Town) -> None:
    (firm, holder), second = held(town), town.desk()
    left = cases.submit(holder, CaseKind.CORRECTION, firm, {"field": "name_zh"})
    claims.give_up(holder, "sold")
    assert (mine(holder), left.state) == (None, CaseState.WITHDRAWN)
    assert entries(town.session)[-1] == "claim.given_up"
    with pytest.raises(Refused):
        claims.give_up(holder)
    assert enter_letter(second, printed(town, firm, second.act.at), "s").claimed


def test_one_organisation_a_firm_by_the_tables_too(town: Town) -> None:
    firm, _holder = held(town)
    town.member().organisation.supplier_id = firm.id
    with pytest.raises(IntegrityError):
        town.session.flush()


def race(sessions: Sessions, acts: list[Callable[[Session], object]]) -> None:
    """Do all at once, each in a transaction of its own."""
    start = threading.Barrier(len(acts))
    faults: list[BaseException] = []

    def run(act: Callable[[Session], object]) -> None:
        try:
            start.wait()
            with writing(sessions) as session:
                act(session)
        except BaseException as error:
            faults.append(error)

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []


def test_of_two_at_once_one_holds_and_one_disputes(sessions: Sessions, catalogue: Catalogue) -> None:
    with writing(sessions) as session:
        session.expire_on_commit = False
        firm, users = firm_in(session), [member_in(session) for _ in range(4)]

    def act(user: User) -> Callable[[Session], object]:
        return lambda session: claims.claim(desk_in(session, user, catalogue), firm.id, Way.CONTACT, proven=True)

    race(sessions, [act(user) for user in users])
    with sessions() as session:
        holders = session.scalars(select(Organisation.id).where(Organisation.supplier_id == firm.id)).all()
        found = session.scalars(select(ReviewCase)).all()
        assert len(holders) == 1
        assert len(found) == 3
        assert all(case.payload["dispute"] for case in found)
        assert holders[0] not in {case.organisation_id for case in found}


def test_one_organisation_claims_one_firm_however_many_tabs(sessions: Sessions, catalogue: Catalogue) -> None:
    with writing(sessions) as session:
        session.expire_on_commit = False
        user, firms = member_in(session), [firm_in(session) for _ in range(3)]

    def act(firm: Supplier) -> Callable[[Session], object]:
        def run(session: Session) -> None:
            with suppress(Refused):
                claims.claim(desk_in(session, user, catalogue), firm.id, Way.PAPERS)

        return run

    race(sessions, [act(firm) for firm in firms])
    with sessions() as session:
        assert session.scalar(select(func.count(ReviewCase.id))) == 1


DEEDS = ("papers", "sent", "guess", "letter", "answer", "give up", "withdraw")


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(deeds=st.lists(st.tuples(st.sampled_from(DEEDS), st.integers(0, 1), st.integers(0, 1)), max_size=12))
def test_nothing_that_others_do_takes_a_firm_from_its_holder(town: Town, deeds: list[tuple[str, int, int]]) -> None:
    firm, holder = held(town)
    firms, others = [firm, town.firm()], [town.desk(), town.desk()]
    for deed, who, which in deeds:
        with suppress(Refused):
            _do(town, deed, others[who], firms[which])
        assert mine(holder) == firm.id
        assert all(mine(desk) != firm.id for desk in others)


def _do(town: Town, deed: str, desk: Desk, firm: Supplier) -> None:
    case = claims.open_claim(town.session, desk.user.organisation_id)
    if deed == "papers":
        claims.claim(desk, firm.id, Way.PAPERS)
    elif deed == "sent":
        claim_codes.send(desk, firm.id)
        enter_sent(desk, firm.id, digits(town.session))
    elif deed == "guess":
        enter_sent(desk, firm.id, "00000000")
    elif deed == "letter":
        enter_letter(desk, printed(town, firm, desk.act.at), "x")
    elif deed == "give up":
        claims.give_up(desk)
    elif case is not None and deed == "answer":
        claims.answer(desk, case.id, "it is ours")
    elif case is not None:
        cases.withdraw(desk, case.id, case.version)


def test_a_new_administrator_and_the_old_one_steps_down(town: Town) -> None:
    giver = town.desk()
    taker = town.member(Role.SUPPLIER_EDITOR, giver.user.organisation)
    hand_over(giver.act, giver.user, taker)
    assert (giver.user.role, taker.role) == (Role.SUPPLIER_EDITOR, Role.SUPPLIER_ADMIN)
    assert entries(town.session) == ["role", "role"]
