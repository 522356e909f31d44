"""Questions as people put them and offices answer them, through the pages."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from sqlalchemy import insert, select

from pushsvc.context import Context
from pushsvc.pipeline.deliver import Sender, deliver_next
from pushsvc.pipeline.outside import open_channels
from pushsvc.store import tables
from pushsvc.store.session import transaction
from tests.web.browser import Browser

WORDS = "合同满一年才能申请吗？我是去年九月签的。"
QUESTION, REPLY = "签合同要满多久才能申请？", "签订劳动合同满六个月即可申请，续签的合并计算。"


def put(me: Browser, words: str = WORDS, policy: int | None = 1, **more: object) -> str:
    """Fill in the form; the page that follows."""
    me.open(f"/m/questions/new?policy={policy}" if policy else "/m/questions/new")
    return me.send("/m/questions", {"words": words, **more})


def reply(office: Browser, number: int = 1, words: str = REPLY, **more: object) -> str:
    """Answer in the console; the page that follows."""
    office.open(f"/console/questions/{number}")
    return office.send(f"/console/questions/{number}/answer", {"answer": words, **more})


def leave(ctx: Context, giver: int, taker: int, *scopes: str) -> None:
    """One person lets another act for them."""
    now = ctx.clock()
    row = {"profile_id": giver, "person_id": taker, "scopes": list(scopes), "wording": "proxy-1"}
    row |= {"granted_at": now, "accepted_at": now, "expires_at": now + timedelta(days=30)}
    with transaction(ctx.engine) as conn:
        conn.execute(insert(tables.proxy).values(row))


def deliver_letters(ctx: Context) -> None:
    """The letters that are due go out: to somebody without a device they end in the inbox."""
    with asyncio.Runner() as loop:
        sender = Sender(channels={"app": open_channels(ctx)["app"]}, run=loop.run, worker="test")
        while deliver_next(ctx, sender, "urgent"):
            pass


def states(ctx: Context) -> list[tuple[object, ...]]:
    """(state, words that are stored in plain text: none) of every question."""
    with transaction(ctx.engine) as conn:
        return [tuple(row) for row in conn.execute(select(tables.question.c.id, tables.question.c.state))]
