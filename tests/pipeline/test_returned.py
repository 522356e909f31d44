"""Mails that come back: they end an address once, and a forged one ends nothing."""

from __future__ import annotations

from dataclasses import replace
from email.utils import parseaddr

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from channels.memory import MemoryChannel
from pushsvc.cli.main import cli
from pushsvc.context import Context
from pushsvc.pipeline.deliver import Sender, deliver_next
from pushsvc.pipeline.plan import plan
from pushsvc.pipeline.receipt import match_receipts
from pushsvc.pipeline.returned import Taken, read_mailbox, take_mail
from tests.channels import bounce_mails as mails
from tests.channels.bounce_mails import KEY, recipient, report
from tests.channels.imap_server import Box, imap_server
from tests.draws import draws
from tests.making import send_to
from tests.registering import ask
from tests.web.making import snapshot

BOUNCES = "bounces@bounce.example"
FRAME = report(recipient("5.1.1", "smtp; 550 5.1.1 unknown"))


@pytest.fixture
def ctx(ctx: Context) -> Context:
    """A service that has a bounce address."""
    return replace(ctx, settings=replace(ctx.settings, bounce_address=BOUNCES))


@pytest.fixture
def key(ctx: Context, sender: Sender, memory: dict[str, MemoryChannel]) -> str:
    """The wire key of one mail that was accepted."""
    plan(ctx, send_to(ctx, 1, channels=("email",)).campaign_id)
    deliver_next(ctx, sender, "normal")
    return memory["email"].sent[0].key


def about(ctx: Context, raw: bytes, key: str) -> bytes:
    """A sample mail, about this message and sent back to this service."""
    domain = parseaddr(ctx.settings.sender)[1].rpartition("@")[2]
    return raw.replace(KEY.encode(), key.encode()).replace(b"@jianglan.example", f"@{domain}".encode())


def fates(ctx: Context) -> tuple[list[str], list[str]]:
    """The states of deliveries, and why addresses are suppressed."""
    match_receipts(ctx)
    states = [state for (state,) in ask(ctx, "select state from delivery order by id")]
    return states, [reason for (reason,) in ask(ctx, "select reason from suppression")]


@pytest.mark.parametrize("name", sorted(mails.HARD))
def test_a_hard_bounce_ends_the_address(ctx: Context, key: str, name: str) -> None:
    assert take_mail(ctx, about(ctx, mails.HARD[name], key)) == Taken({"receipt": 1}, 1)
    assert fates(ctx) == (["bounced"], ["bounce"])


@pytest.mark.parametrize(("status", "diagnostic"), [("5.2.2", ""), ("4.4.7", ""), ("5.7.1", "smtp; 554 5.7.1 spam")])
def test_other_bounces_leave_it_in_use(ctx: Context, key: str, status: str, diagnostic: str) -> None:
    take_mail(ctx, about(ctx, report(recipient(status, diagnostic)), key))
    assert fates(ctx) == (["bounced"], [])


def test_a_complaint_ends_it_too(ctx: Context, key: str) -> None:
    take_mail(ctx, about(ctx, mails.SES, key))
    assert fates(ctx)[1] == ["complaint"]


def test_the_same_mail_twice_is_one_receipt(ctx: Context, key: str) -> None:
    raw = about(ctx, mails.POSTFIX, key)
    assert [take_mail(ctx, raw).new for _ in range(2)] == [1, 0]


def test_a_mail_says_nothing_of_an_sms(ctx: Context, sender: Sender, memory: dict[str, MemoryChannel]) -> None:
    plan(ctx, send_to(ctx, 1).campaign_id)
    deliver_next(ctx, sender, "normal")
    assert take_mail(ctx, about(ctx, mails.POSTFIX, memory["sms"].sent[0].key)) == Taken({"no_key": 1}, 0)


def test_nothing_that_is_kept_names_the_person(ctx: Context, key: str) -> None:
    take_mail(ctx, about(ctx, mails.POSTFIX, key))
    ((raw,),) = ask(ctx, "select raw::text from receipt")
    assert "wang" not in raw
    assert "city.example" not in raw


def test_a_forged_one_leaves_no_row(ctx: Context, key: str) -> None:
    before = snapshot(ctx)
    for raw in mails.GENUINE.values():
        assert take_mail(ctx, raw) == Taken({"no_key": 1}, 0)
        assert take_mail(ctx, about(ctx, raw, key[:-1] + ("0" if key[-1] != "0" else "1"))).new == 0
    match_receipts(ctx)
    assert snapshot(ctx) == before


@settings(max_examples=draws(10_000), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.binary(max_size=20) | st.sampled_from([b"", b"a" * 32, KEY.encode()]), min_size=1, max_size=4))
def test_no_made_up_key_changes_anything(ctx: Context, key: str, pieces: list[bytes]) -> None:
    raw = FRAME
    for piece in pieces:
        raw = raw.replace(KEY.encode(), piece, 1)
    if key.encode() in raw:
        return
    assert take_mail(ctx, raw).new == 0
    assert fates(ctx) == (["accepted"], [])
    assert ask(ctx, "select count(*) from receipt") == [(0,)]


def test_a_mailbox_is_read_and_what_is_not_ours_stays_in_it(ctx: Context, key: str) -> None:
    box = Box({1: about(ctx, mails.POSTFIX, key), 2: mails.QMAIL, 3: b"From: wang@city.example\n\nHello"})
    with imap_server(box):
        at_home = replace(ctx, settings=replace(ctx.settings, mailbox_url=box.url))
        assert read_mailbox(at_home) == Taken({"receipt": 1, "no_key": 1, "letter": 1}, 1)
        assert read_mailbox(at_home) == Taken({}, 0)
    assert (box.moved, box.seen()) == ({1: "Processed"}, [1])
    assert fates(ctx) == (["bounced"], ["bounce"])


def test_without_a_mailbox_nothing_is_read(ctx: Context) -> None:
    assert read_mailbox(ctx) == Taken({}, 0)


def test_a_lost_connection_loses_nothing_and_repeats_nothing(ctx: Context, key: str) -> None:
    box = Box({1: about(ctx, mails.POSTFIX, key)}, breaks="UID STORE")
    with imap_server(box):
        at_home = replace(ctx, settings=replace(ctx.settings, mailbox_url=box.url))
        with pytest.raises(Exception, match="lost"):
            read_mailbox(at_home)
        box.breaks = ""
        assert read_mailbox(at_home) == Taken({"receipt": 1}, 0)
    assert fates(ctx) == (["bounced"], ["bounce"])


def test_the_commands(ctx: Context, key: str) -> None:
    own = {"PUSHSVC_DATABASE_URL": ctx.settings.database_url, "PUSHSVC_REDIS_URL": ctx.settings.redis_url}
    own |= {"PUSHSVC_SECRET_KEY": "tests", "PUSHSVC_DATA_KEYS": "A" * 43 + "=", "PUSHSVC_VAR": str(ctx.settings.var)}
    own |= {"PUSHSVC_BOUNCE_ADDRESS": BOUNCES}

    def run(*words: str, stdin: bytes = b"", **more: str) -> tuple[int, str]:
        done = CliRunner(env={**own, **more}).invoke(cli, words, input=stdin)
        return done.exit_code, done.output.strip()

    assert run("mailbox", "take", stdin=about(ctx, mails.POSTFIX, key)) == (0, "receipt")
    assert fates(ctx) == (["bounced"], ["bounce"])
    bare = mails.QMAIL.replace(f"bounces+{KEY}@bounce.example".encode(), b"x").replace(KEY.encode(), b"x")
    assert run("mailbox", "take", stdin=bare) == (0, "no_key")
    assert run("mailbox", "take", "--to", f"bounces+{key}@bounce.example", stdin=bare) == (0, "receipt")
    assert run("mailbox", "take", PUSHSVC_DATABASE_URL="postgresql://nobody@127.0.0.1:1/none")[0] == 75
    assert run("mailbox", "read")[0] == 2
    with imap_server(Box({1: about(ctx, mails.SES, key)})) as box:
        assert run("mailbox", "read", PUSHSVC_MAILBOX_URL=box.url) == (0, "receipt 1\n1 new receipts")
        assert run("mailbox", "read", "--json", PUSHSVC_MAILBOX_URL=box.url) == (0, '{"mails": {}, "new": 0}')
