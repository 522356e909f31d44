"""What reached people: campaigns that were approved and sent, a digest, links, campaigns in their states."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from channels.base import Message
from channels.inbox import InboxChannel
from channels.memory import MemoryChannel
from pushsvc.context import Context
from pushsvc.links import sign_in_token, unsubscribe_token
from pushsvc.pipeline import campaigns, host_tickets
from pushsvc.pipeline.audience import audience
from pushsvc.pipeline.deliver import Sender, deliver_next
from pushsvc.pipeline.digest import release_digests
from pushsvc.pipeline.letters import letter
from pushsvc.pipeline.plan import plan
from pushsvc.store import inbox
from pushsvc.store.session import transaction
from tests.clock import Clock
from tests.registering import ask
from tests.web.making import AUDITOR, AUTHOR, REVIEWER, Operator, operators

DUTY_OFFICER = Operator("duty", "值班", ("emergency", "reviewer"))
KEEPER = Operator("luyuan", "陆远", ("administrator", "sender"))
SENT = ("talent", "rain", "checkup", "draft", "refit", "long")  # the others stay drafts


def write_letters(ctx: Context, clock: Clock, holes: Mapping[str, Any]) -> dict[str, Any]:
    """Send what is to be sent, one day before the city opens and on its morning."""
    operators(ctx, AUTHOR, REVIEWER, AUDITOR, DUTY_OFFICER, KEEPER)
    for name in SENT:
        send(ctx, holes[f"campaign_{name}"])
    clock.forward(days=1)
    release_digests(ctx)
    deliver(ctx)
    letters = ask(ctx, "select id, read_at from inbox where recipient_id = :who order by id", who=holes["chen"])
    with transaction(ctx.engine) as conn:
        inbox.mark_read(conn, holes["chen"], letters[0][0], ctx.clock())
    runs = ask(ctx, "select d.run_id from delivery d join run r on r.id = d.run_id where r.kind = 'digest' order by 1")
    return {"letter": letters[-1][0], "digest": runs[0][0], **_tokens(ctx, holes)}


def send(ctx: Context, number: int) -> None:
    """A draft campaign reviewed, started and delivered."""
    campaigns.submit(ctx, number, "limeng")
    campaigns.approve(ctx, number, "duty")
    campaigns.start(ctx, number, "duty")
    audience(ctx, number)
    plan(ctx, number)
    deliver(ctx)


def deliver(ctx: Context) -> dict[str, list[Message]]:
    """Everything that is due goes out: app messages into the inbox, others into a memory that is returned."""

    def write(messages: list[Message]) -> None:
        with transaction(ctx.engine) as conn:
            inbox.write_letters(conn, [letter(message) for message in messages], ctx.clock())

    kept = {name: MemoryChannel(name, clock=ctx.clock) for name in ("sms", "email")}
    reached = {"app": InboxChannel(write=write, clock=ctx.clock), **kept}
    with asyncio.Runner() as loop:
        for lane in ("urgent", "normal", "bulk"):
            while deliver_next(ctx, Sender(reached, loop.run, "town"), lane):
                pass
    return {name: channel.sent for name, channel in kept.items()}


def _tokens(ctx: Context, holes: Mapping[str, Any]) -> dict[str, str]:
    """Links as they stand in messages."""
    who = {"delivery_id": None, "recipient_id": holes["chen"], "profile_id": holes["chen"]}
    secret = ctx.settings.secret_key
    return {
        "stop": unsubscribe_token(secret, door="subscribed", policy_id=holes["talent"], **who),
        "stop_recommended": unsubscribe_token(secret, door="recommended", policy_id=holes["talent"], **who),
        "enter": sign_in_token(secret, holes["chen"], ctx.clock()),
        "ticket": host_tickets.issue(ctx, "chen", firm_ref=None, by="town")[0],
    }
