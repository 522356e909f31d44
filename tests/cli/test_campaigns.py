"""Campaigns on the command line: emergencies, moments that never come, an audience of nobody, messages tried again."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import text

from pushsvc.cli.main import cli, is_ours
from pushsvc.context import Context
from pushsvc.keyring import Keyring
from pushsvc.settings import Settings
from pushsvc.store.session import Engine, transaction
from tests.clock import Clock
from tests.making import make_person, make_policy, send_to, subscribe

Run = Callable[..., str]


@pytest.fixture
def ctx(settings: Settings, engine: Engine, keyring: Keyring, clock: Clock) -> Context:
    return Context(settings=settings, engine=engine, keyring=keyring, clock=clock)


@pytest.fixture
def run(database_url: str, ctx: Context, redis_url: str, var: Path) -> Run:
    """Run a command; its output, or the code of the error it ends with."""
    keys = {"PUSHSVC_SECRET_KEY": "tests", "PUSHSVC_DATA_KEYS": "A" * 43 + "="}
    environ = {**keys, "PUSHSVC_DATABASE_URL": database_url, "PUSHSVC_REDIS_URL": redis_url, "PUSHSVC_VAR": str(var)}

    def command(*words: str) -> str:
        done = CliRunner(env=environ).invoke(cli, words)
        if done.exception is not None and is_ours(done.exception):
            return str(done.exception.code)  # type: ignore[attr-defined]  # errors of ours have one
        assert done.exit_code == 0, done.output
        return done.output

    return command


def test_an_emergency_goes_its_way_by_an_operator_with_the_role(ctx: Context, run: Run) -> None:
    with transaction(ctx.engine) as conn:
        make_policy(conn, ctx)
        subscribe(conn, ctx, make_person(conn, ctx, 1, consent=("notify",)), "wish")
    run("operator", "add", "duty", "--role", "emergency", "--password", "long-enough-password")
    run("operator", "add", "zhou", "--role", "reviewer", "--password", "long-enough-password")
    assert (
        run("campaign", "create", "policy-1", "--author", "李萌", "--emergency", "--rate", "50")
        == "campaign 1: draft\n"
    )
    run("campaign", "submit", "1", "--by", "李萌")
    assert run("campaign", "approve", "1", "--by", "zhou") == "no_emergency_role"
    assert run("campaign", "approve", "1", "--by", "duty") == "campaign 1: approved\n"
    assert run("campaign", "start", "1", "--by", "duty") == "campaign 1: running\n"
    with transaction(ctx.engine) as conn:
        row = conn.execute(text("select emergency, rate_per_second from campaign")).one()
    assert tuple(row) == (True, 50.0)


def test_a_campaign_for_nobody_does_not_start(ctx: Context, run: Run) -> None:
    with transaction(ctx.engine) as conn:
        make_policy(conn, ctx)
    run("campaign", "create", "policy-1", "--author", "李萌")
    run("campaign", "submit", "1", "--by", "李萌")
    run("campaign", "approve", "1", "--by", "周岚")
    assert run("campaign", "start", "1", "--by", "周岚") == "empty_audience"


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (["--starts", "2099-01-02", "--expires", "2099-01-01"], "ends_before_start"),
        (["--expires", "2020-01-01T08:00"], "already_over"),
        (["--rate", "-1"], "bad_rate"),
        (["--escalate-after", "0"], "bad_wait"),
    ],
)
def test_what_could_never_work_is_not_saved(ctx: Context, run: Run, options: list[str], code: str) -> None:
    with transaction(ctx.engine) as conn:
        make_policy(conn, ctx)
    assert run("campaign", "create", "policy-1", "--author", "李萌", *options) == code
    with transaction(ctx.engine) as conn:
        assert conn.scalar(text("select count(*) from campaign")) == 0


def test_moments_are_the_citys(ctx: Context, run: Run) -> None:
    with transaction(ctx.engine) as conn:
        make_policy(conn, ctx)
    run("campaign", "create", "policy-1", "--author", "李萌", "--expires", "2099-01-01T08:00")
    with transaction(ctx.engine) as conn:
        assert conn.scalar(text("select expires_at = '2099-01-01T00:00Z' from campaign")) is True


def test_rejected_messages_are_listed_and_tried_again(ctx: Context, run: Run) -> None:
    number = str(send_to(ctx, 1, planned_at=ctx.clock(), planned_rank=1).campaign_id)
    with transaction(ctx.engine) as conn:
        for statement in (
            "insert into run (kind, key, campaign_id, created_at) values ('campaign', 'campaign:1', 1, now())",
            "insert into slice (run_id, channel, lane, state, due_at) values (1, 'sms', 'normal', 'done', now())",
            "insert into attempt (slice_id, provider, batch_key, members, started_at, expires_at)"
            " values (1, 'http_sms', 'b', 1, now(), now())",
            "insert into delivery (run_id, profile_id, recipient_id, address_id, policy_id, channel, door, slice_id,"
            " attempt_id, state, code, wire_key, planned_at, updated_at) values (1, 1, 1, 1, 1, 'sms', 'subscribed', 1,"
            " 1, 'rejected', 'gave_up:busy', 'k', now(), now())",
        ):
            conn.execute(text(statement))
    listed = run("campaign", "retry", number)
    assert listed.split()[:3] == ["1", "gave_up:busy", "transient"]
    assert "may be tried again" in listed
    assert run("campaign", "retry", number, "--class", "permanent_recipient", "--by", "周岚") == "not_again"
    assert run("campaign", "retry", number, "--code", "busy") == "no_name"
    assert (
        run("campaign", "retry", number, "--code", "busy", "--by", "周岚") == "campaign 1: 1 messages are tried again\n"
    )
    assert (
        run("campaign", "retry", number, "--code", "busy", "--by", "周岚") == "campaign 1: 0 messages are tried again\n"
    )


def test_the_ledger_ends_with_one_where_there_is_a_difference(
    ctx: Context, database_url: str, redis_url: str, var: Path, run: Run
) -> None:
    assert "no differences" in run("ledger", "check")
    send_to(ctx, 1, planned_at=ctx.clock())
    keys = {"PUSHSVC_SECRET_KEY": "tests", "PUSHSVC_DATA_KEYS": "A" * 43 + "="}
    environ = {**keys, "PUSHSVC_DATABASE_URL": database_url, "PUSHSVC_REDIS_URL": redis_url, "PUSHSVC_VAR": str(var)}
    done = CliRunner(env=environ).invoke(cli, ["ledger", "check", "--json"])
    assert done.exit_code == 1
    (found,) = json.loads(done.stdout)["found"]
    assert (found["code"], found["n"], found["examples"]) == ("no_fate", 1, ["campaign 1 profile 1"])
    assert "difference no_fate: 1 selections" in CliRunner(env=environ).invoke(cli, ["ledger", "check"]).stdout


def test_the_sinks_of_another_sandbox_may_be_named(run: Run, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    assert "lost 0 · unexplained 0" in run("ledger", "check", "--sinks", str(tmp_path / "elsewhere"))


def test_the_report_tells_what_the_sms_say_and_cost(ctx: Context, run: Run) -> None:
    with transaction(ctx.engine) as conn:
        make_policy(conn, ctx)
        subscribe(conn, ctx, make_person(conn, ctx, 1, consent=("notify",)), "补贴")
    run("campaign", "create", "policy-1", "--author", "李萌", "--sms-template", "deadline")
    told = json.loads(run("campaign", "report", "1", "--json"))["sms"]
    assert (told["planned"], told["people"], told["price"]) == (False, 1, 0.05)
    assert [(way["locale"], way["routes"], way["parts"]) for way in told["ways"]] == [
        ("zh", ["sms"], 1),
        ("en", ["sms"], 2),
    ]
    assert told["yuan"] == told["parts"] * 0.05 == 0.1
    lines = run("campaign", "report", "1").splitlines()
    assert next(line for line in lines if line.startswith("at most")).split() == ["at", "most", "2", "1", "0.10"]
    assert any("可拨12345核验******" in line for line in lines)
    with transaction(ctx.engine) as conn:
        assert conn.scalar(text("select sms_template from campaign")) == "deadline"
