"""A process that sends mail for `benchmarks.email`: `python -m benchmarks.email_worker ours|baseline`, settings in the
environment. Says `ready`, waits for a line (of the baseline: its deliveries), works, says what it did as JSON.

ours: `deliver_next` until nothing is due, as a worker's task does. baseline: a task for each recipient: look the
message up, write it as an `EmailMessage`, hand it to smtplib on a kept connection, update its row, commit.
"""

from __future__ import annotations

import asyncio
import json
import smtplib
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from urllib.parse import urlsplit

from sqlalchemy import Connection, text

from benchmarks.email_rivals import Sheet, Writer, writer
from benchmarks.measuring import Peak, watching_memory
from pushsvc.context import Context, make_context
from pushsvc.links import unsubscribe_token
from pushsvc.pipeline import wording
from pushsvc.pipeline.compose import check_code
from pushsvc.pipeline.deliver import deliver_next
from pushsvc.pipeline.outside import make_sender
from pushsvc.settings import read_settings
from pushsvc.store.addresses import place
from pushsvc.store.policies import policies_by_id

LANE = "bulk"
EVERY = 0.05  # seconds between two looks at the memory
_LOOK_UP = text("""
    select d.id, d.recipient_id, d.profile_id, d.policy_id, d.door, d.wire_key, a.cipher, p.locale, r.campaign_id
    from delivery d join address a on a.id = d.address_id join profile p on p.id = d.recipient_id
    join run r on r.id = d.run_id where d.id = :id and d.state = 'planned'
""")
_SENT = text("update delivery set state = 'accepted', accepted_at = :now, updated_at = :now where id = :id")


def main() -> None:
    """Work once."""
    ctx, peak = make_context(read_settings()), Peak()
    work = ours(ctx) if sys.argv[1] == "ours" else baseline(ctx)
    with ctx.engine.connect() as conn:  # connected, as a worker that runs already is
        conn.execute(text("select 1"))
    print("ready", flush=True)
    told = sys.stdin.readline()
    start, cpu = time.perf_counter(), time.process_time()
    work(told)
    took, used = time.perf_counter() - start, time.process_time() - cpu
    with watching_memory(peak):  # afterwards: the look itself takes milliseconds, and a worker does not shrink
        time.sleep(3 * EVERY)
    print(json.dumps({"seconds": took, "cpu": used, "peak_mb": peak.mb}), flush=True)


def ours(ctx: Context) -> Callable[[str], None]:
    """The product's worker, without Celery's hints."""
    sender = make_sender(ctx, asyncio.Runner())

    def work(told: str) -> None:
        while deliver_next(ctx, sender, LANE):
            pass

    return work


def baseline(ctx: Context) -> Callable[[str], None]:
    """A task for each of the told deliveries."""

    def work(told: str) -> None:
        server = urlsplit(ctx.settings.smtp_url)
        with smtplib.SMTP(str(server.hostname), server.port or 25) as smtp, ctx.engine.connect() as conn:
            writers: dict[str, Writer] = {}
            for delivery_id in json.loads(told):
                one_task(ctx, conn, smtp, writers, delivery_id)

    return work


def one_task(ctx: Context, conn: Connection, smtp: smtplib.SMTP, writers: dict[str, Writer], delivery_id: int) -> None:
    """One recipient's mail, from its row to its committed row."""
    row = conn.execute(_LOOK_UP, {"id": delivery_id}).mappings().one()
    if row["locale"] not in writers:
        writers[row["locale"]] = writer(ctx.settings, _words(ctx, conn, row["locale"], row["campaign_id"], row))
    conn.commit()  # no transaction stays open during the call
    who = {name: row[name] for name in ("recipient_id", "profile_id", "policy_id", "door")}
    token = unsubscribe_token(ctx.settings.secret_key, delivery_id=row["id"], **who)
    to, key, now = ctx.keyring.decrypt(bytes(row["cipher"]), place("email")), row["wire_key"], datetime.now(UTC)
    sheet = Sheet(to, key, now, f"{ctx.settings.public_url}/u/{token}", check_code(key))
    smtp.send_message(writers[row["locale"]].write(sheet))
    conn.execute(_SENT, {"now": now, "id": delivery_id})
    conn.commit()


def _words(ctx: Context, conn: Connection, locale: str, campaign_id: int, row: object) -> wording.Words:
    policies = policies_by_id(conn, [row["policy_id"]])  # type: ignore[index]  # a RowMapping
    basis = conn.scalar(text("select basis from campaign where id = :id"), {"id": campaign_id}) or ""
    return wording.words(ctx.settings, policies, locale=locale, variant="entitled", own={}, basis=basis)


if __name__ == "__main__":
    main()
