"""A trial: only listed recipients are ever contacted, on any channel; the rest is recorded as simulated."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from channels.memory import MemoryChannel
from pushsvc.context import Context
from pushsvc.pipeline.deliver import Sender, deliver_next
from pushsvc.pipeline.digest import release_digests
from pushsvc.pipeline.ledger import check
from pushsvc.pipeline.plan import plan
from pushsvc.settings import SettingsError, read_settings
from pushsvc.store.session import transaction
from tests.clock import Clock
from tests.law.sending import CONSENTS, PHONE
from tests.making import choose, make_campaign, make_person, make_policy, prefer, send_code
from tests.registering import ask, register

Memory = dict[str, MemoryChannel]
CONSENT = ("notify", "recommend")


def on_trial(ctx: Context, tmp_path: Path, *lines: str, agencies: str = "") -> Context:
    """The same service with a list of whom it may reach."""
    path = tmp_path / "trial.txt"
    path.write_text("\n".join(["# our own telephones", "", *lines]) + "\n", encoding="utf-8")
    return replace(ctx, settings=replace(ctx.settings, trial=str(path), trial_agencies=agencies))


def people(ctx: Context, n: int, **preference: str) -> list[int]:
    """So many citizens with a number and a mailbox each."""
    with transaction(ctx.engine) as conn:
        found = [make_person(conn, ctx, k, channels=("sms", "email"), consent=CONSENT) for k in range(1, n + 1)]
        for person in found if preference else ():
            prefer(conn, ctx, person, **preference)
    return found


def tell(ctx: Context, chosen: list[int], ref: str = "policy-1", **policy: str) -> int:
    """A planned campaign to these people."""
    with transaction(ctx.engine) as conn:
        campaign = make_campaign(conn, ctx, make_policy(conn, ctx, ref, **policy))
        choose(conn, ctx, campaign, chosen)
    plan(ctx, campaign)
    return campaign


def send(ctx: Context, sender: Sender, *lanes: str) -> None:
    for lane in lanes or ("bulk", "normal", "urgent"):
        while deliver_next(ctx, sender, lane):
            pass


def sent(memory: Memory) -> list[int]:
    return sorted(message.recipient for channel in memory.values() for message in channel.sent)


def states(ctx: Context) -> list[tuple[object, ...]]:
    return ask(ctx, "select recipient_id, state, code from delivery order by recipient_id, id")


def test_only_the_listed_are_contacted_and_the_rest_is_simulated(
    ctx: Context, sender: Sender, memory: Memory, tmp_path: Path
) -> None:
    first, second, third, fourth = chosen = [*people(ctx, 3), register(ctx, "d", phone=PHONE, consents=CONSENTS)]
    trial = on_trial(ctx, tmp_path, "138-0013 0217", "person2@CITY.example", "ref:p3")
    tell(trial, chosen)
    send(trial, sender)
    assert sent(memory) == [second, third, fourth]
    assert [state for state in states(ctx) if state[0] == first] == [(first, "refused", "simulated")]
    assert check(ctx).differences == ()


def test_what_was_simulated_counts_for_nothing_when_the_trial_is_over(
    ctx: Context, sender: Sender, memory: Memory, tmp_path: Path
) -> None:
    chosen = people(ctx, 2)
    trial = on_trial(ctx, tmp_path, "ref:nobody")
    tell(trial, chosen)
    send(trial, sender)
    assert (sent(memory), {state[1:] for state in states(ctx)}) == ([], {("refused", "simulated")})
    with transaction(ctx.engine) as conn:
        again = make_campaign(conn, ctx, ask_policy(ctx))
        choose(conn, ctx, again, chosen)
    plan(ctx, again)
    send(ctx, sender)
    assert sent(memory) == chosen


def ask_policy(ctx: Context) -> int:
    return int(ask(ctx, "select id from policy")[0][0])


def test_a_new_agency_is_on_trial_alone(ctx: Context, sender: Sender, memory: Memory, tmp_path: Path) -> None:
    listed, other = chosen = people(ctx, 2)
    trial = on_trial(ctx, tmp_path, "ref:p1", agencies="新设的局， 另一个局")
    tell(trial, chosen, "new", agency="新设的局")
    tell(trial, chosen, "old", agency="老的局")
    send(trial, sender)
    assert sent(memory) == sorted([listed, listed, other])


def test_of_a_digest_only_the_items_of_the_trial_are_held_back(
    ctx: Context, sender: Sender, memory: Memory, clock: Clock, tmp_path: Path
) -> None:
    (person,) = people(ctx, 1, cadence="daily")
    trial = on_trial(ctx, tmp_path, "ref:nobody", agencies="新设的局")
    tell(trial, [person], "new", agency="新设的局", title="新局的补贴")
    tell(trial, [person], "old", agency="老的局", title="老局的补贴")
    clock.now = datetime.fromisoformat("2026-06-25T08:31:00+08:00")
    assert release_digests(trial) == 1
    send(trial, sender)
    (message,) = [message for channel in memory.values() for message in channel.sent]
    assert "老局的补贴" in message.text
    assert ask(ctx, "select code from refusal") == [("simulated",)]
    assert check(ctx).differences == ()


def test_a_digest_of_the_trial_alone_does_not_leave(
    ctx: Context, sender: Sender, memory: Memory, clock: Clock, tmp_path: Path
) -> None:
    (person,) = people(ctx, 1, cadence="daily")
    trial = on_trial(ctx, tmp_path, "ref:nobody")
    tell(trial, [person], "new")
    clock.now = datetime.fromisoformat("2026-06-25T08:31:00+08:00")
    release_digests(trial)
    send(trial, sender)
    assert (sent(memory), states(ctx)) == ([], [(person, "refused", "simulated")])
    assert check(ctx).differences == ()


@pytest.mark.parametrize(("agencies", "leaves"), [("", False), ("新设的局", True)])
def test_a_code_to_a_stranger_leaves_only_where_some_agencies_are_on_trial(
    ctx: Context, sender: Sender, memory: Memory, tmp_path: Path, agencies: str, leaves: bool
) -> None:
    (person,) = people(ctx, 1)
    address = int(ask(ctx, "select id from address where channel = 'sms'")[0][0])
    send_code(ctx, recipient_id=person, address_id=address, channel="sms", code="123456")
    send(on_trial(ctx, tmp_path, "ref:nobody", agencies=agencies), sender)
    assert bool(memory["sms"].sent) == leaves


@pytest.mark.parametrize("line", ["12345", "no-mailbox@", "+1 202 555 0100"])
def test_a_slip_in_the_list_stops_the_service_and_is_not_repeated(tmp_path: Path, line: str) -> None:
    path = tmp_path / "trial.txt"
    path.write_text(f"ref:p1\n{line}\n", encoding="utf-8")
    with pytest.raises(SettingsError, match=r"PUSHSVC_TRIAL: .*line 2") as caught:
        read_settings({"PUSHSVC_VAR": str(tmp_path), "PUSHSVC_TRIAL": str(path)})
    assert line not in str(caught.value)


def test_a_list_that_is_not_there_stops_the_service(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="PUSHSVC_TRIAL"):
        read_settings({"PUSHSVC_VAR": str(tmp_path), "PUSHSVC_TRIAL": str(tmp_path / "none.txt")})
