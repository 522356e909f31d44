"""Ways to send that several rows need."""

from __future__ import annotations

from pushsvc.context import Context
from pushsvc.pipeline import campaigns
from pushsvc.pipeline.advance import advance
from pushsvc.pipeline.deliver import Sender, deliver_next
from pushsvc.store.session import transaction
from tests.making import choose, make_campaign, make_policy
from tests.registering import ask

PHONE, MAIL, NAME = "13800130217", "wang.ayi@city.example", "王阿姨"
CONSENTS = "notify:any|recommend:any|sensitive:any"
LANES = ("urgent", "normal", "bulk")


def suggest(ctx: Context, person: int, ref: str, door: str = "recommended") -> int:
    """A running campaign that chose this person by the door; its number."""
    with transaction(ctx.engine) as conn:
        campaign_id = make_campaign(conn, ctx, make_policy(conn, ctx, ref), doors=[door])
        choose(conn, ctx, campaign_id, [person], door)
    return campaign_id


def release(ctx: Context, campaign_id: int) -> None:
    """Approve the draft as another person, and let it run."""
    campaigns.submit(ctx, campaign_id, "李萌")
    campaigns.approve(ctx, campaign_id, "周岚")
    campaigns.start(ctx, campaign_id, "李萌")


def run(ctx: Context, sender: Sender) -> None:
    """Choose, plan and send all that is due now, until nothing is left to do."""
    for _ in range(3):
        advance(ctx)
        for lane in LANES:
            while deliver_next(ctx, sender, lane):
                pass


def fates(ctx: Context) -> list[tuple[str, str | None]]:
    """State and code of each delivery, and `refused` with its code of what was not planned, in order."""
    query = "select state, code from delivery union all select 'refused', code from refusal order by 1, 2"
    return [(str(state), code) for state, code in ask(ctx, query)]
