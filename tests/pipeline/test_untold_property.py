"""After another campaign of the same event was cancelled, a campaign has told whom it would have told without it."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pushsvc.context import Context
from pushsvc.pipeline import campaigns, ledger
from pushsvc.pipeline.deliver import Sender, deliver_next
from pushsvc.pipeline.plan import Used, plan, plan_chunk
from pushsvc.pipeline.untold import take_up_untold
from pushsvc.store.campaigns import ensure_run
from pushsvc.store.session import transaction
from tests.databases import empty
from tests.pipeline.test_plan_property import PERSON, Person, again, build, ends


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    town=st.lists(PERSON, min_size=1, max_size=6),
    turns=st.lists(st.booleans(), max_size=8),
    stop=st.booleans(),
    chunk=st.integers(1, 4),
)
def test_it_ends_as_if_the_other_had_never_been(
    ctx: Context, sender: Sender, town: list[Person], turns: list[bool], stop: bool, chunk: int
) -> None:
    empty(ctx.engine)
    # Nobody shares an address: which of two is told there depends on who was looked at first.
    apart = [replace(one, sms=one.sms and n, email=one.email and n) for n, one in enumerate(town, start=1)]
    other, mine = build(ctx, apart, [], [], same=True)
    plan(ctx, mine)
    alone = [fate for fate in ends(ctx) if fate[0] == f"campaign:{mine}"]
    again(ctx, [mine])
    with transaction(ctx.engine) as conn:
        for one in (other, mine):
            ensure_run(conn, key=f"campaign:{one}", kind="campaign", now=ctx.clock(), campaign_id=one)
    for second in turns:
        plan_chunk(ctx, (other, mine)[second], 1, Used())
    plan(ctx, other)
    plan(ctx, mine)
    if stop:  # what was planned too early is refused just before its attempt; what is told all the same is told
        campaigns.pause(ctx, other, "李萌")
        while deliver_next(ctx, sender, "normal"):
            pass
    campaigns.cancel(ctx, other, "李萌")
    for _ in range(len(town)):
        take_up_untold(ctx, chunk=chunk)
    assert take_up_untold(ctx) == 0
    assert [fate for fate in ends(ctx) if fate[0] == f"campaign:{mine}"] == alone
    assert ledger.check(ctx).differences == ()
