"""Alerts on pages: made, shown, changed, paused, removed and taken back, tested, sent again; and nobody else's."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from aiosmtpd.controller import Controller
from flask import Flask
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from portal.buyers.alert_letters import AlertLetters
from portal.models import (
    Alert,
    AlertChannel,
    AlertDelivery,
    AlertDigest,
    Conditions,
    ConditionsVersion,
    DeliveryState,
    Organisation,
    Role,
    User,
    now,
)
from portal.models.database import begin_write
from portal.notices import Channels
from portal.services import services
from portal.workspace.alert_running import Letter
from portal.workspace.alerts import next_due
from portal.workspace.changes import Change, What
from portal.workspace.conditions import stored_query
from portal.workspace.digests import Kind, Told, Why, stored
from search import SearchQuery
from tests.browser.conftest import free_port
from tests.factories import supplier_key
from tests.portal.accounts.conftest import People, Visitor
from tests.portal.alerting import START
from tests.portal.apps import running, settings_of
from tests.portal.buyers.forms import send, undo_path
from tests.portal.receiving import LOOPBACK
from tests.portal.test_notices import Mailbox

TOLD = (
    Told(kind=Kind.ENTERED, key=supplier_key(1), name_zh="宁波第1轴承有限公司", name_en="Ningbo 1", why=Why.NEW),
    Told(
        kind=Kind.LEFT,
        key=supplier_key(2),
        name_zh="宁波第2轴承有限公司",
        changes=(
            Change(what=What.LEVEL, worse=True, subject="quality_capability", before="assurance", after="inspection"),
        ),
    ),
    Told(
        kind=Kind.CHANGED,
        key=supplier_key(3),
        name_zh="宁波第3轴承有限公司",
        changes=(
            Change(what=What.STATUS, worse=True, before="active", after="suspended"),
            Change(what=What.UNTIL, worse=True, subject="quality_capability", before=None, after="2027-04-30"),
            Change(what=What.TIER, worse=False, after="srdi"),
            Change(what=What.CRITERIA, worse=True, before="X01-04,X01-05"),
            Change(what=What.NAME, worse=False, subject="zh", before="旧名", after="宁波第3轴承有限公司"),
            Change(what=What.REGION, worse=False, before="330206", after="310115"),
            Change(what=What.SIZE, worse=False, before=None, after="small"),
        ),
    ),
)


def conditions_of(people: People, user: User, *, shared: bool = True) -> int:
    row = Conditions(organisation_id=user.organisation_id, owner_id=user.id, shared=shared)
    people.add(row)
    asked = {"name": "精密轴承", "address": "q=轴承", "query": stored_query(SearchQuery(text="轴承"))}
    people.add(ConditionsVersion(conditions_id=row.id, number=1, author_id=user.id, **asked))
    return row.id


def make(people: People, user: User, *, shared: bool = True, **stated: object) -> Alert:
    """An alert with one digest of TOLD, whose delivery failed."""
    values: dict[str, object] = {"channel": AlertChannel.MAIL, "cadence": "daily"} | stated
    uid = f"{next(_uids):036d}"
    made = Alert(
        uid=uid,
        organisation_id=user.organisation_id,
        owner_id=user.id,
        conditions_id=conditions_of(people, user, shared=shared),
        last_seq=7,
        due_at=next_due("daily", now()),
        digest_at=START,
        **values,
    )
    people.add(made)
    digest = AlertDigest(
        alert_id=made.id,
        from_seq=5,
        to_seq=7,
        since=START,
        at=START,
        entered=30,
        left=1,
        changed=1,
        content=stored(TOLD),
    )
    people.add(digest)
    failed = {"state": DeliveryState.FAILED, "attempts": 10, "reason": "status 503", "channel": made.channel}
    people.add(AlertDelivery(uid=uid, alert_id=made.id, digest_id=digest.id, **failed))
    return made


_uids: Iterator[int] = iter(range(1, 10_000))


@pytest.fixture
def user(people: People, organisation: Organisation) -> User:
    return people.user(Role.BUYER, organisation, name="王芳")


@pytest.fixture
def browser(user: User, signed_in: Callable[[User], Visitor]) -> Visitor:
    return signed_in(user)


def rows(people: People, user: User) -> list[Alert]:
    with people.session() as session:
        return list(session.scalars(select(Alert).where(Alert.owner_id == user.id).order_by(Alert.id)))


def deliveries(people: People, alert: Alert) -> list[AlertDelivery]:
    with people.session() as session:
        wanted = select(AlertDelivery).where(AlertDelivery.alert_id == alert.id).order_by(AlertDelivery.id)
        return list(session.scalars(wanted))


def test_an_empty_list_teaches_the_first_step(browser: Visitor) -> None:
    page = browser.get("/alerts").text
    assert "No alert yet" in page
    assert 'href="/conditions"' in page
    assert 'href="/shortlists"' in page


def test_from_conditions_to_an_alert(browser: Visitor, people: People, user: User) -> None:
    kept = conditions_of(people, user)
    path = f"/conditions/{kept}/alerts/new"
    assert path in browser.get(f"/conditions/{kept}").text
    assert "精密轴承" in browser.get(path).text
    page = send(browser, path, cadence="weekly", channel="mail", url="https://ignored.example")
    (alert,) = rows(people, user)
    assert (alert.cadence, alert.channel, alert.url, alert.secret) == ("weekly", "mail", "", "")
    assert "You will be told what changes from now on." in page.text
    assert "Nothing has changed yet" in page.text
    assert "精密轴承" in browser.get("/alerts").text
    assert f'href="/alerts/{alert.id}"' in browser.get(path).text, "there is one already"


def test_from_a_shortlist_to_an_alert(browser: Visitor, people: People, user: User) -> None:
    shown = send(browser, "/shortlists", name="候选轴承", shared="y")
    path = re.search(r"/shortlists/\d+/alerts/new", shown.text)
    assert path
    send(browser, path[0], cadence="daily", channel="mail")
    (alert,) = rows(people, user)
    assert f"/shortlists/{alert.shortlist_id}" in browser.get(f"/alerts/{alert.id}").text


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("", "Say to which address"),
        ("https://127.0.0.1/hook", "private or local network"),
        ("https://10.0.0.8/hook", "private or local network"),
        ("http://8.8.8.8/hook", "must begin with https://"),
        ("8.8.8.8", "begins with https:// and a host"),
        ("https://nowhere.invalid/", "no host of this name"),
    ],
)
def test_addresses_that_are_refused_say_why(browser: Visitor, people: People, user: User, url: str, said: str) -> None:
    path = f"/conditions/{conditions_of(people, user)}/alerts/new"
    answer = send(browser, path, cadence="daily", channel="webhook", url=url)
    assert answer.status_code == 422
    assert said in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert rows(people, user) == []


def test_nonsense_is_refused(browser: Visitor, people: People, user: User) -> None:
    path = f"/conditions/{conditions_of(people, user)}/alerts/new"
    assert send(browser, path, cadence="hourly", channel="pigeon").status_code == 422
    assert rows(people, user) == []


def test_a_webhook_s_secret_is_shown_once(browser: Visitor, people: People, user: User) -> None:
    path = f"/conditions/{conditions_of(people, user)}/alerts/new"
    page = send(browser, path, cadence="daily", channel="webhook", url="https://8.8.8.8/hook").text
    (alert,) = rows(people, user)
    assert alert.secret
    assert alert.secret in page
    assert alert.secret not in browser.get(f"/alerts/{alert.id}").text
    renewed = send(browser, f"/alerts/{alert.id}/secret").text
    (again,) = rows(people, user)
    assert again.secret != alert.secret
    assert again.secret in renewed


def test_networks_that_are_excepted_may_be_used(
    buyers_app: Flask, people: People, user: User, signed_in: Callable[[User], Visitor]
) -> None:
    with buyers_app.app_context():
        folder = services().settings.data_dir
    with running(settings_of(folder, WEBHOOK_ALLOWED_NETWORKS=LOOPBACK)) as app:
        browser = Visitor(app, "203.0.113.77")
        browser.sign_in(user.sign_in)
        path = f"/conditions/{conditions_of(people, user)}/alerts/new"
        send(browser, path, cadence="daily", channel="webhook", url="http://127.0.0.1:8099/hook")
    assert [alert.url for alert in rows(people, user)] == ["http://127.0.0.1:8099/hook"]


def test_a_digest_in_both_languages(browser: Visitor, people: People, user: User) -> None:
    alert = make(people, user)
    english = browser.get(f"/alerts/{alert.id}/digests/7?lang=en").text
    for said in (
        "new in the register",
        "registration: ",
        "no end → 2027-04-30",
        "criteria no longer met: X01-04, X01-05",
        "Chinese name: 旧名 → 宁波第3轴承有限公司",
        "Size: none → ",
        "and 29 more",
    ):
        assert said in english, said
    chinese = browser.get(f"/alerts/{alert.id}/digests/7?lang=zh").text
    for said in ("名录中新增", "保证级 → 检验级", "不再满足的评价指标：X01-04、X01-05", "另有 29 家"):
        assert said in chinese, said
    assert browser.get(f"/alerts/{alert.id}/digests/8").status_code == 404


def test_the_page_of_an_alert(browser: Visitor, people: People, user: User) -> None:
    alert = make(people, user)
    page = browser.get(f"/alerts/{alert.id}").text
    assert "30 entered, 1 left, 1 changed" in page
    assert "The receiver answered 503." in page
    assert "Tried 10 times." in page
    assert "Send again" in page


def test_it_is_changed(browser: Visitor, people: People, user: User) -> None:
    alert = make(people, user)
    path = f"/alerts/{alert.id}/edit"
    page = send(browser, path, cadence="weekly", channel="webhook", url="https://8.8.8.8/hook").text
    (changed,) = rows(people, user)
    assert (changed.cadence, changed.channel, changed.url) == ("weekly", "webhook", "https://8.8.8.8/hook")
    assert changed.secret in page
    assert changed.due_at == next_due("weekly", now())
    send(browser, path, cadence="daily", channel="webhook", url="https://8.8.8.8/hook")
    (again,) = rows(people, user)
    assert (again.cadence, again.secret) == ("daily", changed.secret)


def test_it_pauses_and_goes_on(browser: Visitor, people: People, user: User) -> None:
    alert = make(people, user)
    assert "paused" in send(browser, f"/alerts/{alert.id}/pause").text
    assert rows(people, user)[0].paused
    send(browser, f"/alerts/{alert.id}/pause", paused="no")
    assert not rows(people, user)[0].paused


def test_it_is_removed_and_taken_back(browser: Visitor, people: People, user: User) -> None:
    alert = make(people, user)
    page = send(browser, f"/alerts/{alert.id}/delete")
    assert browser.get(f"/alerts/{alert.id}").status_code == 404
    send(browser, undo_path(page), next="/alerts")
    assert browser.get(f"/alerts/{alert.id}").status_code == 200


def test_a_failed_delivery_is_sent_again(browser: Visitor, people: People, user: User) -> None:
    hook = make(people, user, channel=AlertChannel.WEBHOOK, url="https://8.8.8.8/hook", secret="s")
    (failed,) = deliveries(people, hook)
    path = f"/alerts/{hook.id}/deliveries/{failed.id}/again"
    assert "waiting" in send(browser, path).text
    (waiting,) = deliveries(people, hook)
    assert (waiting.state, waiting.uid, waiting.attempts) == (DeliveryState.WAITING, failed.uid, 0)
    assert waiting.due_at is not None


def test_a_mail_that_failed_is_written_again(browser: Visitor, people: People, user: User) -> None:
    alert = make(people, user)
    (failed,) = deliveries(people, alert)
    send(browser, f"/alerts/{alert.id}/deliveries/{failed.id}/again")
    (message,) = people.messages(user.sign_in)
    (waiting,) = deliveries(people, alert)
    assert waiting.message_id == message.id
    assert "宁波第2轴承有限公司" in message.body


def test_a_test_is_sent_to_webhooks_only(browser: Visitor, people: People, user: User) -> None:
    hook = make(people, user, channel=AlertChannel.WEBHOOK, url="https://8.8.8.8/hook", secret="s")
    send(browser, f"/alerts/{hook.id}/test")
    made = deliveries(people, hook)[-1]
    assert (made.digest_id, made.state) == (None, DeliveryState.WAITING)
    assert send(browser, f"/alerts/{make(people, user).id}/test").status_code == 404


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_mail_of_a_digest(buyers_app: Flask, lang: str) -> None:
    letter = Letter(lang, 5, "精密轴承", 7, START, START, {Kind.ENTERED: 30, Kind.LEFT: 1, Kind.CHANGED: 1}, list(TOLD))
    notice = AlertLetters(buyers_app)(letter)
    assert "/alerts/5/digests/7" in notice.body
    assert "/alerts/5/digests/7" in notice.sms
    if lang == "en":
        assert notice.subject == "Xunyuan: 精密轴承: 30 entered, 1 left, 1 changed"
        assert "Entered (30)" in notice.body
        assert "Ningbo 1" in notice.body
        assert "and 29 more" in notice.body
    else:
        assert notice.subject == "寻源：精密轴承：进入 30 家、退出 1 家、变化 1 家"
        assert "保证级 → 检验级" in notice.body
        assert "另有 29 家" in notice.body


ROUTES = (
    ("GET", "/alerts/{id}"),
    ("GET", "/alerts/{id}/digests/7"),
    ("GET", "/alerts/{id}/edit"),
    ("POST", "/alerts/{id}/edit"),
    ("POST", "/alerts/{id}/pause"),
    ("POST", "/alerts/{id}/delete"),
    ("POST", "/alerts/{id}/test"),
    ("POST", "/alerts/{id}/secret"),
    ("POST", "/alerts/{id}/deliveries/{delivery}/again"),
    ("GET", "/conditions/{conditions}/alerts/new"),
    ("POST", "/conditions/{conditions}/alerts/new"),
)


def ask(browser: Visitor, method: str, path: str) -> TestResponse:
    return browser.get(path) if method == "GET" else send(browser, path, cadence="daily", channel="mail")


@pytest.mark.parametrize(("method", "route"), ROUTES)
def test_another_organisation_s_alerts_are_not_there(
    zhao: Visitor, people: People, user: User, method: str, route: str
) -> None:
    alert = make(people, user, channel=AlertChannel.WEBHOOK, url="https://8.8.8.8/hook", secret="s")
    (delivery,) = deliveries(people, alert)
    path = route.format(id=alert.id, delivery=delivery.id, conditions=alert.conditions_id)
    answer = ask(zhao, method, path)
    assert answer.status_code == 404
    assert "精密轴承" not in zhao.get("/alerts").text
    assert [one.state for one in deliveries(people, alert)] == [DeliveryState.FAILED]
    (kept,) = rows(people, user)
    assert (kept.paused, kept.deleted_at, kept.secret) == (False, None, "s")


def test_colleagues_see_those_of_what_is_shared_and_change_nothing(li: Visitor, people: People, user: User) -> None:
    alert = make(people, user, channel=AlertChannel.WEBHOOK, url="https://hook.example/secret-path", secret="s")
    private = make(people, user, shared=False)
    page = li.get(f"/alerts/{alert.id}").text
    assert "hook.example" in page
    assert "secret-path" not in page
    assert "Send a test" not in page
    assert li.get(f"/alerts/{alert.id}/digests/7").status_code == 200
    assert li.get(f"/alerts/{alert.id}/edit").status_code == 403
    for action in ("pause", "delete", "test", "secret"):
        assert send(li, f"/alerts/{alert.id}/{action}").status_code == 403, action
    assert li.get(f"/alerts/{private.id}").status_code == 404


def test_an_administrator_may_pause_and_remove(
    people: People, user: User, organisation: Organisation, signed_in: Callable[[User], Visitor]
) -> None:
    alert = make(people, user)
    admin = signed_in(people.user(Role.BUYER_ADMIN, organisation))
    send(admin, f"/alerts/{alert.id}/pause")
    assert rows(people, user)[0].paused
    assert send(admin, f"/alerts/{alert.id}/edit").status_code == 403
    send(admin, f"/alerts/{alert.id}/delete")
    assert rows(people, user)[0].deleted_at is not None


def test_the_command_looks_and_sends(buyers_app: Flask, people: People, user: User) -> None:
    make(people, user)
    with people.session() as session, session.begin():
        begin_write(session)
        session.execute(update(AlertDelivery).values(state=DeliveryState.FAILED))  # those of other tests lead outside
    done = buyers_app.test_cli_runner().invoke(args=["alerts", "run", "--all"])
    assert done.exit_code == 0, done.output
    assert done.output.startswith("digests ")


@pytest.mark.parametrize(("lang", "said"), [("en", "Your alert “精密轴承” looked"), ("zh", "保证级 → 检验级")])
def test_the_mail_goes_out_by_smtp(buyers_app: Flask, lang: str, said: str) -> None:
    mailbox, port = Mailbox(), free_port()
    letter = Letter(lang, 5, "精密轴承", 7, START, START, {Kind.ENTERED: 1, Kind.LEFT: 1, Kind.CHANGED: 1}, list(TOLD))
    notice = AlertLetters(buyers_app)(letter)
    server = Controller(mailbox, hostname="127.0.0.1", port=port)
    server.start()
    try:
        channels = Channels(f"smtp://127.0.0.1:{port}", "portal@example.org", "")
        channels.send("wang@example.com", notice.subject, notice.body, "one")
    finally:
        server.stop()
    (mail,) = mailbox.mail
    assert mail["Subject"] == notice.subject
    assert mail.get_content() == notice.body
    assert said in mail.get_content()
