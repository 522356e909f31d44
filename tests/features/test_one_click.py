"""One-click unsubscribe (RFC 8058) with a mail that was sent and pages that are served: what it stops."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import replace
from email.message import EmailMessage

import httpx
import pytest

from channels.email import SmtpChannel
from pushsvc.context import Context
from pushsvc.links import short_code
from pushsvc.pipeline.campaign_options import CampaignError
from pushsvc.pipeline.deliver import Sender
from pushsvc.pipeline.plan import plan
from pushsvc.pipeline.preferences import subscribe
from pushsvc.store.session import transaction
from pushsvc.store.short_links import put_short_link
from tests.apps import open_app
from tests.clock import Clock
from tests.features.real_web import Inbox, links_of, mail_server, scan, unsubscribe_link, web_server
from tests.law.sending import MAIL, fates, release, run, suggest
from tests.registering import ask, issue, register
from tests.web.making import snapshot

ONE_CLICK = {"List-Unsubscribe": "One-Click"}
BODY = "第一条 养老助残。"
LOGS = ("audit", "profile_change")  # that it was pressed again, and that the settings were looked over for it


@pytest.fixture
def runner() -> Iterator[Callable[..., object]]:
    """One loop for the test."""
    with asyncio.Runner() as loop:
        yield loop.run


@pytest.fixture
def served(ctx: Context) -> Iterator[Context]:
    """The service with its pages served, at the address that its mails name."""
    app = open_app(ctx)
    with web_server(app) as url:
        here = replace(ctx, settings=replace(ctx.settings, public_url=url))
        app.extensions["pushsvc"] = here
        yield here


@pytest.fixture
def post(served: Context, runner: Callable[..., object]) -> Iterator[tuple[Sender, Inbox]]:
    """A worker that has one mail server, and what that was handed."""
    with mail_server(runner) as (inbox, port):
        channel = SmtpChannel(f"smtp://127.0.0.1:{port}", sender=served.settings.sender, clock=served.clock)
        yield Sender({"email": channel}, runner, "test"), inbox
        runner(channel.close())


@pytest.fixture
def person(served: Context) -> int:
    """Somebody who agreed to be told and to be recommended to, by mail."""
    return register(served, "a", email=MAIL, consents="notify:any|recommend:any")


def mail_of(served: Context, post: tuple[Sender, Inbox], campaign: int) -> EmailMessage:
    """The one mail that the campaign sends."""
    plan(served, campaign)
    run(served, post[0])
    return post[1].mails[-1]


def click(mail: EmailMessage, **how: object) -> httpx.Response:
    """What a mail program does when its button is pressed: one POST, no cookie, no page before it."""
    return httpx.post(unsubscribe_link(mail), **{"data": ONE_CLICK, "timeout": 30, **how})  # type: ignore[arg-type]


HOWS = {
    "form": {"data": ONE_CLICK},
    "multipart": {"files": {name: (None, v) for name, v in ONE_CLICK.items()}, "data": None},
}


@pytest.mark.parametrize("how", sorted(HOWS))
def test_a_click_on_a_recommendation_has_the_next_one_refused(
    served: Context, post: tuple[Sender, Inbox], person: int, how: str
) -> None:
    mail = mail_of(served, post, suggest(served, person, "first"))
    answer = click(mail, **HOWS[how])
    assert answer.request.headers["Content-Type"].startswith(
        "multipart/form-data" if how == "multipart" else "application/x-www"
    )
    assert (answer.status_code, answer.request.headers.get("Cookie")) == (200, None)
    plan(served, suggest(served, person, "second"))
    run(served, post[0])
    assert fates(served) == [("accepted", "250"), ("refused", "personalised_off")]
    assert len(post[1].mails) == 1


def test_a_click_on_a_notice_has_the_next_one_refused(served: Context, post: tuple[Sender, Inbox], person: int) -> None:
    click(mail_of(served, post, suggest(served, person, "first", "entitled")))
    plan(served, suggest(served, person, "second", "entitled"))
    run(served, post[0])
    assert fates(served) == [("accepted", "250"), ("refused", "entitled_off")]


def test_a_click_ends_the_subscription_and_nothing_more_comes_of_it(
    served: Context, post: tuple[Sender, Inbox], person: int
) -> None:
    assert subscribe(served, person, {"ref": "w", "keyword": "养老助残"}) == []
    release(served, issue(served, "first", body=BODY))
    run(served, post[0])
    assert click(post[1].mails[0]).status_code == 200
    with pytest.raises(CampaignError, match="Nobody would be written to"):
        release(served, issue(served, "second", body=BODY))
    run(served, post[0])
    assert len(post[1].mails) == 1
    assert ask(served, "select ended_at is not null from subscription") == [(True,)]


def test_twice_is_once(served: Context, post: tuple[Sender, Inbox], person: int) -> None:
    mail = mail_of(served, post, suggest(served, person, "first"))
    click(mail)
    before = snapshot(served, but=LOGS)
    assert click(mail).status_code == 200
    assert snapshot(served, but=LOGS) == before


def test_a_mail_of_ten_years_ago_can_still_be_stopped(
    served: Context, post: tuple[Sender, Inbox], person: int, clock: Clock
) -> None:
    mail = mail_of(served, post, suggest(served, person, "first"))
    clock.forward(days=3653)
    assert click(mail).status_code == 200
    assert ask(served, "select personalised from preference") == [(False,)]


def test_a_post_that_does_not_say_one_click_is_the_pages_button(
    served: Context, post: tuple[Sender, Inbox], person: int
) -> None:
    mail = mail_of(served, post, suggest(served, person, "first"))
    assert click(mail, data={}).status_code == 200
    assert ask(served, "select personalised from preference") == [(False,)]


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_looking_at_the_link_changes_nothing(
    served: Context, post: tuple[Sender, Inbox], person: int, method: str
) -> None:
    link = unsubscribe_link(mail_of(served, post, suggest(served, person, "first")))
    before = snapshot(served)
    assert httpx.request(method, link, timeout=30).status_code == 200
    assert httpx.request(method, f"{link}?List-Unsubscribe=One-Click", timeout=30).status_code == 200
    assert snapshot(served) == before


@pytest.mark.parametrize("door", ["recommended", "entitled", "subscribed"])
def test_a_scanner_that_follows_every_link_changes_nothing(
    served: Context, post: tuple[Sender, Inbox], person: int, door: str
) -> None:
    mail = mail_of(served, post, suggest(served, person, "first", door))
    with transaction(served.engine) as conn:
        put_short_link(conn, short_code(served.settings.secret_key, 1), 1, served.clock())
    links = links_of(mail)
    assert unsubscribe_link(mail) in links
    assert any("/s/" in link for link in links)
    before = snapshot(served)
    seen = scan(links)
    assert {link: status for link, status in seen if link in links and status not in (200, 302)} == {}
    assert len(seen) > 5
    assert snapshot(served) == before


def test_a_made_up_token_stops_nobody(served: Context, post: tuple[Sender, Inbox], person: int) -> None:
    link = unsubscribe_link(mail_of(served, post, suggest(served, person, "first")))
    head, _, token = link.rpartition("/")
    claim, _, seal = token.partition(".")
    other = "A" if claim[5] != "A" else "B"
    before = snapshot(served)
    for forged in (f"{claim[:5]}{other}{claim[6:]}.{seal}", f"{claim}.{seal[::-1]}", claim, f"{claim}.", "x" * 5000):
        assert httpx.post(f"{head}/{forged}", data=ONE_CLICK, timeout=30).status_code == 404
    assert snapshot(served) == before
