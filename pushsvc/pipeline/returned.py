"""Returned mails: what came back to the bounce address becomes receipts, from its mailbox or handed over one by one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from email.utils import parseaddr
from functools import partial

from channels.bounces import Home, Told, read_mail
from channels.mailbox import close, open_mailbox, parse_mailbox, read_round, receipts_of
from pushsvc.context import Context
from pushsvc.pipeline.receipt import row_of
from pushsvc.store import attempts, receipts
from pushsvc.store.session import transaction

ROUND = 200  # mails; a worker asks again at once while a round was full
PROVIDER, CHANNEL = "smtp", "email"


@dataclass(frozen=True)
class Taken:
    """How many mails said what (see `channels.bounces.Told`), and how many of their receipts are new."""

    mails: Mapping[str, int] = field(default_factory=dict)
    new: int = 0


def take_mail(ctx: Context, raw: bytes, to: str = "") -> Taken:
    """Take one mail; `to` is the envelope's recipient where it is known. The same one twice is one receipt."""
    told, new = _keep(ctx, [read_mail(raw, _home(ctx), to)])
    return _taken(told, new)


def read_mailbox(ctx: Context) -> Taken:
    """Read up to ROUND new mails of PUSHSVC_MAILBOX_URL; nothing where it is not set.

    They are marked once their receipts are committed: a crash before that reads them again. Raises ChannelError
    bad_mailbox_url or mailbox.
    """
    if not ctx.settings.mailbox_url:
        return Taken()
    kept = 0

    def store(told: Sequence[Told]) -> Sequence[Told]:
        nonlocal kept
        known, kept = _keep(ctx, told)
        return known

    box = open_mailbox(parse_mailbox(ctx.settings.mailbox_url), timeout=ctx.settings.request_seconds)
    try:
        told = read_round(box, partial(read_mail, home=_home(ctx)), store, limit=ROUND)
    finally:
        close(box)
    return _taken(told, kept)


def _keep(ctx: Context, told: Sequence[Told]) -> tuple[list[Told], int]:
    """Stores the receipts about mails that we sent, and says of the others that they are about none of ours: nothing of
    them is kept, since whoever can write a mail could fill the table."""
    keys = [one.key for one in receipts_of(told)]
    with transaction(ctx.engine) as conn:
        mine = {key for key, row in attempts.by_wire_keys(conn, keys).items() if row["channel"] == CHANNEL}
        known = [Told("no_key") if one.receipt and one.receipt.key not in mine else one for one in told]
        rows = [row_of(ctx, CHANNEL, one) for one in receipts_of(known)]
        return known, receipts.store_receipts(conn, PROVIDER, rows, ctx.clock())


def _home(ctx: Context) -> Home:
    domain = parseaddr(ctx.settings.sender)[1].rpartition("@")[2]
    return Home(ctx.settings.bounce_address, domain)


def _taken(told: Sequence[Told], new: int) -> Taken:
    return Taken(dict(Counter(one.what for one in told)), new)
