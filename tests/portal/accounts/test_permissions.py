"""Who gets through to which route: every address of the portal × everyone there is, against the table below."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

import pytest
from flask import Flask
from sqlalchemy import event, select
from werkzeug.routing import Rule

from config.settings import Settings
from portal.extensions import db
from portal.identity import tokens
from portal.models import (
    Conditions,
    ConditionsVersion,
    Organisation,
    OrganisationState,
    Role,
    Token,
    TokenKind,
    User,
    now,
)
from portal.web import guard
from portal.web.guard import UndeclaredRoute
from portal.web.permissions import PERMISSIONS, STAFF, Access, Permission, needs
from portal.workspace.conditions import stored_query
from search.contract import SearchQuery
from tests.portal.accounts.conftest import People, Visitor
from tests.portal.apps import running, settings_of

VISITOR, PENDING, UNFINISHED = "visitor", "buyer admin, not approved", "staff admin, no authenticator"
ROLES = tuple(Role)
EVERYONE = frozenset({VISITOR, PENDING, UNFINISHED, *ROLES})
SIGNED_IN = EVERYONE - {VISITOR}
ADMINS = frozenset({Role.BUYER_ADMIN, Role.SUPPLIER_ADMIN, Role.STAFF_ADMIN})
STAFF_ADMIN = frozenset({Role.STAFF_ADMIN})
IMPORTING = frozenset({Role.STAFF_EDITOR, Role.STAFF_PUBLISHER, Role.STAFF_ADMIN})
SOURCING = frozenset({Role.BUYER, Role.BUYER_ADMIN})
PUBLISHING = LOG = frozenset({Role.STAFF_PUBLISHER, Role.STAFF_ADMIN})
EXPORTING = SOURCING | LOG
CARING = LOG | {Role.STAFF_EDITOR}
FIRM = frozenset({Role.SUPPLIER_EDITOR, Role.SUPPLIER_ADMIN})
SPEAKING = frozenset({Role.SUPPLIER_ADMIN})

ALLOWED: dict[str, frozenset[str]] = {
    "static": EVERYONE,
    "bootstrap.static": EVERYONE,
    "operation.healthz": EVERYONE,
    "operation.readyz": EVERYONE,
    "operation.metrics": EVERYONE,
    "lookup.home": EVERYONE,
    "lookup.suppliers": EVERYONE,
    "lookup.sheet": EVERYONE,
    "lookup.compare": EVERYONE,
    "lookup.criteria": EVERYONE,
    "lookup.edition": EVERYONE,
    "lookup.about": EVERYONE,
    "lookup.suggest": EVERYONE,
    "lookup.by_number": EVERYONE,
    "lookup.announcements": EVERYONE,
    "lookup.close_announcement": EVERYONE,
    "ministry.announcements": LOG,
    "ministry.new_announcement": LOG,
    "ministry.announcement": LOG,
    "ministry.take_back_announcement": LOG,
    "lookup.badge_picture": EVERYONE,
    "api.docs": EVERYONE,
    "api.suppliers": EVERYONE,
    "api.sheet": EVERYONE,
    "api.compare": EVERYONE,
    "api.suggest": EVERYONE,
    "api.editions": EVERYONE,
    "api.edition": EVERYONE,
    "api.catalogue": EVERYONE,
    "api.openapi": EVERYONE,
    "accounts.sign_in": EVERYONE,
    "accounts.sign_in_code": EVERYONE,
    "accounts.sign_out": EVERYONE,
    "accounts.sign_up": EVERYONE,
    "accounts.reset": EVERYONE,
    "accounts.typed_code": EVERYONE,
    "accounts.link": EVERYONE,
    "accounts.account": SIGNED_IN,
    "accounts.save_profile": SIGNED_IN,
    "accounts.save_password": SIGNED_IN,
    "accounts.sign_out_everywhere": SIGNED_IN,
    "accounts.own_data": SIGNED_IN - {UNFINISHED},
    "accounts.delete_account": SIGNED_IN - {UNFINISHED},
    "accounts.authenticator": SIGNED_IN,
    "accounts.second_step": SIGNED_IN,
    "accounts.organisation": ADMINS,
    "accounts.invite": ADMINS,
    "accounts.withdraw_invitation": ADMINS,
    "accounts.set_role": ADMINS,
    "accounts.disable_member": ADMINS,
    "accounts.enable_member": ADMINS,
    "accounts.organisations": STAFF_ADMIN,
    "accounts.decide": STAFF_ADMIN,
    "accounts.people": STAFF_ADMIN,
    "accounts.person": STAFF_ADMIN,
    "accounts.change_person": STAFF_ADMIN,
    "accounts.one_organisation": STAFF_ADMIN,
    "ministry.coverage": STAFF,
    "ministry.coverage_file": STAFF,
    "ministry.coverage_report": STAFF,
    "ministry.coverage_report_file": STAFF,
    "ministry.coverage_trend": STAFF,
    "ministry.coverage_criteria": STAFF,
    "ministry.coverage_demand": STAFF,
    "suppliers.home": FIRM,
    "suppliers.appearances": FIRM,
    "suppliers.missed_searches": FIRM,
    "suppliers.own_data": frozenset({Role.SUPPLIER_ADMIN}),
    "suppliers.own_data_file": frozenset({Role.SUPPLIER_ADMIN}),
    "suppliers.inquiries": FIRM,
    "suppliers.inquiry": FIRM,
    "suppliers.answer_inquiry": FIRM,
    "suppliers.report_inquiry": FIRM,
    "suppliers.block_buyer": FIRM,
    "suppliers.unblock_buyer": FIRM,
    "suppliers.profile": FIRM,
    "suppliers.save_profile": FIRM,
    "suppliers.withdraw_profile": FIRM,
    "suppliers.discard_profile": FIRM,
    "suppliers.undiscard_profile": FIRM,
    "suppliers.profile_preview": FIRM,
    "suppliers.profile_history": FIRM,
    "suppliers.profile_version": FIRM,
    "suppliers.restore_profile": FIRM,
    "suppliers.profile_contacts": FIRM,
    "suppliers.ask_contact": FIRM,
    "suppliers.agreement": EVERYONE,
    "suppliers.all_corrections": FIRM,
    "suppliers.new_correction": FIRM,
    "suppliers.correction": FIRM,
    "suppliers.withdraw_correction": FIRM,
    "suppliers.claim": SPEAKING,
    "suppliers.claim_firm": SPEAKING,
    "suppliers.claim_template": SPEAKING,
    "suppliers.claim_by_papers": SPEAKING,
    "suppliers.claim_send": SPEAKING,
    "suppliers.claim_by_code": SPEAKING,
    "suppliers.claim_by_letter": SPEAKING,
    "suppliers.claim_case": SPEAKING,
    "suppliers.claim_reply": SPEAKING,
    "suppliers.claim_withdraw": SPEAKING,
    "suppliers.dispute": SPEAKING,
    "suppliers.answer_dispute": SPEAKING,
    "suppliers.speaking": SPEAKING,
    "suppliers.hand_over_firm": SPEAKING,
    "suppliers.give_up_firm": SPEAKING,
    "suppliers.why": FIRM,
    "suppliers.standing": FIRM,
    "suppliers.badge_page": FIRM,
    "suppliers.reminders": FIRM,
    "suppliers.set_reminders": FIRM,
    "buyers.workspace": SOURCING,
    "buyers.workspace_expiring": SOURCING,
    "buyers.clear_recent": SOURCING,
    "buyers.conditions_list": SOURCING,
    "buyers.conditions_new": SOURCING,
    "buyers.conditions_create": SOURCING,
    "buyers.conditions_like": SOURCING,
    "buyers.conditions_show": SOURCING,
    "buyers.conditions_version": SOURCING,
    "buyers.conditions_print": SOURCING,
    "buyers.conditions_edit": SOURCING,
    "buyers.conditions_save": SOURCING,
    "buyers.conditions_rename": SOURCING,
    "buyers.conditions_restore": SOURCING,
    "buyers.conditions_duplicate": SOURCING,
    "buyers.conditions_share": SOURCING,
    "buyers.conditions_delete": SOURCING,
    "buyers.conditions_undelete": SOURCING,
    "buyers.all_shortlists": SOURCING,
    "buyers.create_shortlist": SOURCING,
    "buyers.shortlist": SOURCING,
    "buyers.act_on_entries": SOURCING,
    "buyers.edit_shortlist": SOURCING,
    "buyers.delete_shortlist": SOURCING,
    "buyers.choose_shortlist": SOURCING,
    "buyers.add_to_shortlist": SOURCING,
    "buyers.add_note": SOURCING,
    "buyers.remove_note": SOURCING,
    "buyers.undo": SOURCING,
    "buyers.all_inquiries": SOURCING,
    "buyers.new_inquiry": SOURCING,
    "buyers.inquiry": SOURCING,
    "buyers.reply_to_firm": SOURCING,
    "buyers.withdraw_inquiry": SOURCING,
    "buyers.all_own_lists": SOURCING,
    "buyers.hand_in": SOURCING,
    "buyers.own_columns": SOURCING,
    "buyers.own_list": SOURCING,
    "buyers.own_progress": SOURCING,
    "buyers.check_own_list": SOURCING,
    "buyers.delete_own_list": SOURCING,
    "buyers.choose_own": SOURCING,
    "buyers.export_own_list": SOURCING,
    "buyers.alert": SOURCING,
    "buyers.alert_conditions": SOURCING,
    "buyers.alert_digest": SOURCING,
    "buyers.alert_shortlist": SOURCING,
    "buyers.all_alerts": SOURCING,
    "buyers.delete_alert": SOURCING,
    "buyers.edit_alert": SOURCING,
    "buyers.pause_alert": SOURCING,
    "buyers.renew_alert_secret": SOURCING,
    "buyers.send_alert_again": SOURCING,
    "buyers.test_alert": SOURCING,
    "buyers.all_records": SOURCING,
    "buyers.make_record": SOURCING,
    "buyers.record": SOURCING,
    "buyers.record_file": SOURCING,
    "buyers.withdraw_record": SOURCING,
    "buyers.verify": EVERYONE,
    "buyers.verify_file": EVERYONE,
    "buyers.verify_code": EVERYONE,
    "buyers.all_exports": EXPORTING,
    "buyers.export_search": SOURCING,
    "buyers.export_shortlist": SOURCING,
    "buyers.export_progress": EXPORTING,
    "buyers.export_file": EXPORTING,
    "buyers.delete_export": EXPORTING,
    "accounts.territory": STAFF_ADMIN,
    "ministry.targets": LOG,
    "ministry.target": LOG,
    "ministry.save_target": LOG,
    "ministry.act_on_target": LOG,
    "ministry.home": STAFF,
    "ministry.expiring": STAFF,
    "ministry.assessments": STAFF,
    "ministry.supplier": STAFF,
    "ministry.inquiry_reports": CARING,
    "ministry.decide_report": CARING,
    "ministry.act": CARING,
    "ministry.certificate": CARING,
    "ministry.catalogues": STAFF,
    "ministry.one_catalogue": STAFF,
    "ministry.compare_catalogues": STAFF,
    "ministry.merge": CARING,
    "ministry.take_down": CARING,
    "ministry.put_back": CARING,
    "ministry.duplicates": CARING,
    "ministry.search_duplicates": CARING,
    "ministry.duplicates_progress": CARING,
    "ministry.tell_apart": CARING,
    "ministry.reopen_pair": CARING,
    "ministry.undo_act": CARING,
    "ministry.log": LOG,
    "ministry.export_log": LOG,
    "ministry.log_state": LOG,
    "ministry.check_log": LOG,
    "ministry.check_progress": LOG,
    "ministry.all_imports": IMPORTING,
    "ministry.hand_in_import": IMPORTING,
    "ministry.one_import": IMPORTING,
    "ministry.import_progress": IMPORTING,
    "ministry.import_file": IMPORTING,
    "ministry.check_import": IMPORTING,
    "ministry.confirm_import": IMPORTING,
    "ministry.undo_import": IMPORTING,
    "ministry.remove_import": IMPORTING,
    "ministry.all_editions": PUBLISHING,
    "ministry.make_edition": PUBLISHING,
    "ministry.one_edition": PUBLISHING,
    "ministry.edition_progress": PUBLISHING,
    "ministry.open_notice": PUBLISHING,
    "ministry.publish_edition": PUBLISHING,
    "ministry.take_back_edition": PUBLISHING,
    "ministry.discard_edition": PUBLISHING,
    "ministry.answer_objection": PUBLISHING,
    "lookup.object_to": SIGNED_IN - {UNFINISHED},
    "ministry.reviews": CARING,
    "ministry.approve_reviews": CARING,
    "ministry.review": CARING,
    "ministry.decide_review": CARING,
    "ministry.take_review": CARING,
    "ministry.review_file": CARING,
}
"""Endpoint → who gets through. A new route goes here, and says what it needs by `@needs`."""

VALUES = {
    "filename": "portal.css",
    "scheme": "CN-USCC",
    "number": "1",
    "code": "machinery-2026",
    "identifier": 999_999,
    "firm": 999_999,
    "action": "codes",
    "decision": "approve",
    "verdict": "dismiss",
    "form": "csv",
    "text": "XXXXX",
    "part": "table",
    "act": "rename",
    "entry": 999_999,
    "which": "rows",
    "how": "take-back",
    "fingerprint": "0",
    "hold": "take",
    "change": "enable",
}


@pytest.fixture(scope="module")
def browsers(accounts_app: Flask) -> dict[str, Visitor]:
    """A browser of each kind of person."""
    return people_of(accounts_app)


def people_of(app: Flask) -> dict[str, Visitor]:
    people = People(app)
    users: dict[str, User] = {role: people.user(role) for role in ROLES}
    users[PENDING] = people.user(Role.BUYER_ADMIN, people.organisation(state=OrganisationState.PENDING))
    users[UNFINISHED] = people.user(Role.STAFF_ADMIN, totp_secret="")
    found = {VISITOR: Visitor(app, "198.51.100.1")}
    for number, (name, user) in enumerate(users.items(), start=2):
        browser = found[name] = Visitor(app, f"198.51.100.{number}")
        browser.sign_in(user.sign_in)
        if user.totp_secret:
            browser.submit("/sign-in/code", code=people.code(user))
    return found


def addresses(app: Flask) -> Iterator[tuple[str, str, str]]:
    """(endpoint, method, path) of every route."""
    urls = app.url_map.bind("localhost")
    for rule in app.url_map.iter_rules():
        path = urls.build(rule.endpoint, {name: VALUES[name] for name in rule.arguments})
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield rule.endpoint, method, path


def gets_through(browser: Visitor, method: str, path: str) -> bool:
    """Whether the route's own code answered: nothing is sent that it would accept, so nothing changes."""
    with browser.client.open(path, method=method, environ_base={"REMOTE_ADDR": browser.address}) as answer:
        if "WWW-Authenticate" in answer.headers:
            return True  # metrics have a rule of their own, tested with them
        away = answer.location or ""
        sent_away = answer.status_code == 302 and away.startswith(("/sign-in?next=", "/account/authenticator"))
        return not (sent_away or answer.status_code in {401, 403} or (method == "POST" and away == "/sign-in"))


def test_the_table_names_every_route(accounts_app: Flask) -> None:
    assert {rule.endpoint for rule in accounts_app.url_map.iter_rules()} == set(ALLOWED)


@pytest.mark.parametrize("who", sorted(EVERYONE))
def test_who_gets_through(accounts_app: Flask, browsers: dict[str, Visitor], who: str) -> None:
    found = {
        (endpoint, method): gets_through(browsers[who], method, path)
        for endpoint, method, path in addresses(accounts_app)
    }
    assert found == {(endpoint, method): who in ALLOWED[endpoint] for endpoint, method in found}


def test_a_closed_lookup(accounts_app: Flask, accounts_settings: Settings) -> None:
    with running(settings_of(accounts_settings.data_dir, PUBLIC_LOOKUP="false")) as app:
        browsers = people_of(app)
        for path in ("/", "/suppliers", "/suggest?q=a"):
            for who, browser in browsers.items():
                assert gets_through(browser, "GET", path) == (who in ROLES), (who, path)
        assert browsers[VISITOR].get("/suppliers?q=a").location == "/sign-in?next=/suppliers?q%3Da"
        assert browsers[VISITOR].get("/api/v1/suppliers").status_code == 401
        assert browsers[PENDING].get("/api/v1/suppliers").status_code == 403
        assert "not been approved" in browsers[PENDING].get("/").text
        kept = browsers[Role.BUYER].get("/api/v1/catalogue").headers["Cache-Control"]
        assert "private" in kept
        assert "public" not in kept


def invitation(people: People, organisation: Organisation) -> int:
    token = Token(
        kind=TokenKind.INVITATION,
        hash=tokens.hashed(tokens.new_secret()),
        recipient="new@example.com",
        organisation_id=organisation.id,
        payload={"role": Role.BUYER, "language": "en"},
        expires_at=now() + tokens.LIFETIMES[TokenKind.INVITATION],
    )
    people.add(token)
    return token.id


def kept_conditions(people: People, organisation: Organisation, **stated: datetime) -> int:
    """Shared sourcing conditions."""
    author = people.user(Role.BUYER, organisation)
    row = Conditions(organisation_id=organisation.id, owner_id=author.id, **stated)
    people.add(row)
    asked = {"name": "A", "address": "q=a", "query": stored_query(SearchQuery(text="a"))}
    people.add(ConditionsVersion(conditions_id=row.id, number=1, author_id=author.id, **asked))
    return row.id


OBJECTS: dict[str, Callable[[People, Organisation], int]] = {
    "accounts.withdraw_invitation": invitation,
    "accounts.set_role": lambda people, organisation: people.user(Role.BUYER, organisation).id,
    "accounts.disable_member": lambda people, organisation: people.user(Role.BUYER, organisation).id,
    "accounts.enable_member": lambda people, organisation: people.user(Role.BUYER, organisation, disabled_at=now()).id,
    "buyers.conditions_show": kept_conditions,
    "buyers.conditions_version": kept_conditions,
    "buyers.conditions_print": kept_conditions,
    "buyers.conditions_edit": kept_conditions,
    "buyers.conditions_save": kept_conditions,
    "buyers.conditions_rename": kept_conditions,
    "buyers.conditions_restore": kept_conditions,
    "buyers.conditions_duplicate": kept_conditions,
    "buyers.conditions_share": kept_conditions,
    "buyers.conditions_delete": kept_conditions,
    "buyers.conditions_undelete": lambda people, organisation: kept_conditions(people, organisation, deleted_at=now()),
}
"""Routes to an object that belongs to an organisation → what makes one. A new one goes here."""

REACHED = {"accounts": {302}, "buyers": {200, 302, 403, 409, 422}}
"""What an own object may answer: not that it is not there."""

CLAIMS = {
    "suppliers.claim_case",
    "suppliers.claim_reply",
    "suppliers.claim_withdraw",
    "suppliers.dispute",
    "suppliers.answer_dispute",
}
ELSEWHERE = frozenset(
    endpoint
    for endpoint in ALLOWED
    if endpoint.startswith("buyers.") and ("conditions" not in endpoint or "alert" in endpoint)
) | {
    "accounts.territory",
    "suppliers.inquiry",
    "suppliers.answer_inquiry",
    "suppliers.report_inquiry",
    "suppliers.block_buyer",
    "suppliers.unblock_buyer",
    "suppliers.correction",
    "suppliers.withdraw_correction",
    *CLAIMS,
}
"""Routes to objects that are tried in tests of their own.

They are in tests/portal/buyers (ROUTES, test_isolation, test_inquiries), ministry/test_territory and test_corrections,
and suppliers/test_claim_pages.
"""

OF_STAFF = {
    "accounts.change_person",
    "accounts.decide",
    "accounts.one_organisation",
    "accounts.person",
    *(endpoint for endpoint in ALLOWED if endpoint.startswith("ministry.")),
}
"""Routes to objects that staff may reach whosever they are."""


def to_objects(app: Flask) -> set[str]:
    return {rule.endpoint for rule in app.url_map.iter_rules() if "identifier" in rule.arguments}


def test_every_route_to_an_object_is_in_the_table(accounts_app: Flask) -> None:
    here = to_objects(accounts_app) - ELSEWHERE - OF_STAFF
    assert here == set(OBJECTS)


@pytest.mark.parametrize("endpoint", OBJECTS)
def test_another_organisation_s_objects_are_not_there(
    accounts_app: Flask, people: People, signed_in: Callable[[User], Visitor], endpoint: str
) -> None:
    organisation = people.organisation()
    identifier = OBJECTS[endpoint](people, organisation)
    rule: Rule = next(rule for rule in accounts_app.url_map.iter_rules() if rule.endpoint == endpoint)
    path = rule.rule.replace("<int:identifier>", str(identifier)).replace("<int:number>", "1")
    missing = rule.rule.replace("<int:identifier>", "99999999").replace("<int:number>", "1")

    def asked(browser: Visitor, path: str) -> int:
        if "GET" in (rule.methods or ()):
            return browser.get(path).status_code
        return browser.submit(path, "/organisation", role="buyer_admin").status_code

    stranger = signed_in(people.user(Role.BUYER_ADMIN))
    assert (asked(stranger, path), asked(stranger, missing)) == (404, 404)
    own = signed_in(people.user(Role.BUYER_ADMIN, organisation))
    # A form may be refused for what is not in it, but it is there.
    assert asked(own, path) in REACHED[endpoint.partition(".")[0]]


def test_a_route_without_a_declaration_keeps_the_portal_from_starting(accounts_settings: Settings) -> None:
    with running(accounts_settings) as app:

        def forgotten() -> str:
            return ""

        app.add_url_rule("/forgotten", view_func=forgotten)
        with pytest.raises(UndeclaredRoute, match="forgotten"):
            guard.seal(app)
        with pytest.raises(UndeclaredRoute):
            app.test_client().get("/forgotten")
        needs(Access.PUBLIC)(forgotten)
        guard.seal(app)


def test_visitors_cost_the_database_nothing(accounts_app: Flask, visitor: Callable[[], Visitor]) -> None:
    asked: list[str] = []
    with accounts_app.app_context():
        engine = db.engine

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        asked.append(statement)

    browser = visitor()
    browser.get("/api/v1/catalogue")
    event.listen(engine, "before_cursor_execute", note)
    try:
        browser.get("/about")
        browser.get("/api/v1/catalogue")
    finally:
        event.remove(engine, "before_cursor_execute", note)
    assert asked
    assert not [statement for statement in asked if "user_session" in statement]


def test_the_table_of_roles() -> None:
    assert set(PERMISSIONS) == set(Role)
    assert {role for role in Role if Permission.MANAGE_MEMBERS in PERMISSIONS[role]} == ADMINS
    assert {role for role in Role if Permission.SOURCE in PERMISSIONS[role]} == SOURCING
    assert {role for role in Role if Permission.MANAGE_ORGANISATIONS in PERMISSIONS[role]} == STAFF_ADMIN
    assert {role for role in Role if Permission.SEE_COVERAGE in PERMISSIONS[role]} == STAFF
    assert {role for role in Role if Permission.IMPORT in PERMISSIONS[role]} == IMPORTING
    assert {role for role in Role if Permission.PUBLISH in PERMISSIONS[role]} == IMPORTING - {Role.STAFF_EDITOR}
    assert {role for role in Role if role.startswith("staff")} == STAFF


def test_the_session_of_one_is_never_that_of_another(people: People, signed_in: Callable[[User], Visitor]) -> None:
    first, second = people.user(name="甲"), people.user(name="乙")
    one, other = signed_in(first), signed_in(second)
    assert first.sign_in in one.get("/account").text
    assert second.sign_in in other.get("/account").text
    with people.session() as session:
        assert len(session.scalars(select(User).where(User.id.in_([first.id, second.id]))).all()) == 2
