"""What a paused campaign put into digests waits for a later one; until all has left, the campaign is not finished."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from sqlalchemy import update

from channels.memory import MemoryChannel
from pushsvc.context import Context
from pushsvc.pipeline import campaigns, ledger
from pushsvc.pipeline.advance import advance
from pushsvc.pipeline.deliver import Sender, deliver_next
from pushsvc.pipeline.digest import release_digests
from pushsvc.pipeline.plan import plan
from pushsvc.store import tables
from pushsvc.store.session import transaction
from tests.clock import Clock
from tests.making import choose, make_campaign, make_person, make_policy, moment, prefer
from tests.registering import ask

WHO = "李萌"


@dataclass
class Stage:
    """One person with a digest, and what is sent to them."""

    ctx: Context
    sender: Sender
    clock: Clock
    person: int

    def tell(self, ref: str) -> int:
        """A planned campaign to the person."""
        with transaction(self.ctx.engine) as conn:
            number = make_campaign(conn, self.ctx, make_policy(conn, self.ctx, ref, title=f"政策{ref}"))
            choose(conn, self.ctx, number, [self.person])
        plan(self.ctx, number)
        return number

    def day(self, n: int) -> None:
        """The digests of a day in June leave."""
        self.clock.now = moment(f"2026-06-{n}T08:31:00+08:00")
        release_digests(self.ctx)
        self.send()

    def send(self) -> None:
        while deliver_next(self.ctx, self.sender, "bulk"):
            pass
        assert ledger.check(self.ctx).differences == ()

    @property
    def sent(self) -> list[list[str]]:
        """The policies that each message told, by its digest's run."""
        query = """
            select array_agg(p.ref order by p.ref) from delivery_item i join delivery d on d.id = i.delivery_id
            join policy p on p.id = i.policy_id where d.state = 'accepted' group by d.id order by d.id
        """
        return [refs for (refs,) in ask(self.ctx, query)]

    def state(self, number: int) -> str:
        """The campaign's, after it had its chance to be finished."""
        for _ in range(3):
            advance(self.ctx)
        return str(campaigns.report(self.ctx, number)["state"])


@pytest.fixture
def stage(ctx: Context, sender: Sender, clock: Clock) -> Stage:
    with transaction(ctx.engine) as conn:
        person = make_person(conn, ctx, 1, consent=("notify",))
        prefer(conn, ctx, person, cadence="daily")
    return Stage(ctx, sender, clock, person)


def test_what_a_paused_campaign_told_of_waits_and_the_rest_leaves(stage: Stage) -> None:
    paused, _ = stage.tell("a"), stage.tell("b")
    campaigns.pause(stage.ctx, paused, WHO)
    stage.day(25)
    stage.day(26)
    assert stage.sent == [["b"]]
    campaigns.resume(stage.ctx, paused, WHO)
    stage.tell("c")
    stage.day(27)
    assert stage.sent == [["b"], ["a", "c"]]


def test_a_pause_after_the_digest_was_released_still_holds_its_items_back(
    stage: Stage, memory: dict[str, MemoryChannel]
) -> None:
    paused = stage.tell("a")
    stage.clock.now = moment("2026-06-25T08:31:00+08:00")
    release_digests(stage.ctx)
    campaigns.pause(stage.ctx, paused, WHO)
    stage.send()
    assert memory["sms"].sent == []
    campaigns.resume(stage.ctx, paused, WHO)
    stage.day(26)
    assert stage.sent == [["a"]]


def test_a_digest_that_may_have_arrived_waits_whole_while_one_of_its_campaigns_is_paused(stage: Stage) -> None:
    paused, _ = stage.tell("a"), stage.tell("b")
    stage.clock.now = moment("2026-06-25T08:31:00+08:00")
    release_digests(stage.ctx)
    with transaction(stage.ctx.engine) as conn:
        conn.execute(update(tables.delivery).values(doubtful=True))
    campaigns.pause(stage.ctx, paused, WHO)
    stage.send()
    assert stage.sent == []
    campaigns.resume(stage.ctx, paused, WHO)
    stage.day(26)
    assert stage.sent == [["a", "b"]]


def test_cancelled_while_paused_its_items_are_refused(stage: Stage) -> None:
    paused = stage.tell("a")
    campaigns.pause(stage.ctx, paused, WHO)
    stage.day(25)
    campaigns.cancel(stage.ctx, paused, WHO)
    stage.day(26)
    assert stage.sent == []
    assert campaigns.report(stage.ctx, paused)["refusals"] == {"cancelled": 1}


def test_a_campaign_whose_items_still_gather_can_be_paused_and_is_finished_once_they_left(stage: Stage) -> None:
    number = stage.tell("a")
    assert stage.state(number) == "running"
    campaigns.pause(stage.ctx, number, WHO)
    campaigns.resume(stage.ctx, number, WHO)
    stage.day(25)
    assert stage.state(number) == "finished"
