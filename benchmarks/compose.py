"""Composing mails: `python -m benchmarks.compose [--profiles N] [--runs R] [--json]`.

ours: `pushsvc.pipeline.compose.compose` in one process, slice by slice, as a worker calls it before an attempt: looks
up addresses (ciphertext, decrypted), languages and policy in PostgreSQL, and makes personalised two-part mails with
signed links to unsubscribe. baseline: the same mails as `EmailMessage`, SMTP policy, the templates compiled by Jinja2,
everything else at hand. limit: nothing but the joining of finished pieces, as many to a mail as ours has.

In the same run a sample of ours is parsed and compared with the baseline's, headers and decoded parts: `equal`.
"""

from __future__ import annotations

import argparse
import email
import sys
import time
from collections.abc import Sequence
from datetime import datetime
from email.message import EmailMessage
from email.policy import default
from typing import Any

from sqlalchemy import Connection, text
from tqdm import tqdm

from benchmarks.databases import fresh_context, own_servers
from benchmarks.email_people import fill_readers, planned_campaign
from benchmarks.email_rivals import Sheet, Writer, writer
from benchmarks.measuring import Measured, Peak, rate, show, watching_memory
from channels.base import Message
from pushsvc.context import Context
from pushsvc.links import unsubscribe_token
from pushsvc.pipeline import wording
from pushsvc.pipeline.compose import check_code, compose
from pushsvc.store.members import Member, Run, planned_members, run_of
from pushsvc.store.policies import policies_by_id

SAMPLE = 1_000  # mails of the baseline
COMPARED = 200
PIECES = 14  # what a filled mail is joined from
HEADERS = ("To", "From", "Subject", "Message-ID", "Date", "List-Unsubscribe", "List-Unsubscribe-Post", "MIME-Version")
Slice = tuple[Run, Sequence[Member]]
_LOCALE = "select id, case when locale like 'en%' then 'en' else 'zh' end from profile where id = any(:ids)"


def main() -> None:
    """Measure, and print one object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--profiles", type=int, default=20_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    with own_servers() as (settings, _), fresh_context(settings, "compose") as ctx:
        show(measure(ctx, asked.profiles, asked.runs), as_json=asked.json)


def measure(ctx: Context, mails: int, runs: int) -> dict[str, Any]:
    """So many planned mails composed `runs` times over."""
    found, peak, start = Measured("compose", mails, "mails/s"), Peak(), time.perf_counter()
    fill_readers(ctx, mails)
    run_id = planned_campaign(ctx, "compose")
    slices = planned(ctx, run_id)
    made = composed(ctx, slices[:1])[:SAMPLE]
    sheets, writers = sheets_of(ctx, slices[0], made)
    pieces = [cut(message.raw) for message in made]
    for _ in tqdm(range(runs), desc="compose", unit="run", disable=None, file=sys.stderr):
        with watching_memory(peak):
            found.ours.append(rate(mails, lambda: composed(ctx, slices)))
        found.baseline.append(rate(len(sheets), lambda: written(writers, sheets)))
        found.limit.append(rate(50 * len(pieces), lambda: joined(pieces, 50)))
    equal = compare(made[:COMPARED], written(writers, sheets[:COMPARED]))
    more = {"equal": equal, "bytes": sum(map(len, (message.raw for message in made))) // len(made)}
    return found.result(seconds=time.perf_counter() - start, peak_mb=peak.mb) | more


def planned(ctx: Context, run_id: int) -> list[Slice]:
    """The run's slices: their members, each with the language of its words, as the gates hand them on."""
    with ctx.engine.connect() as conn:
        run = run_of(conn, run_id)
        ids = conn.scalars(text("select id from slice where run_id = :run order by id"), {"run": run_id}).all()
        return [(run, _with_locales(conn, planned_members(conn, slice_id))) for slice_id in ids]


def _with_locales(conn: Connection, members: Sequence[Member]) -> list[Member]:
    people = {"ids": [row["recipient_id"] for row in members]}
    locales: dict[int, str] = {row[0]: row[1] for row in conn.execute(text(_LOCALE), people)}
    return [{**row, "locale": locales[row["recipient_id"]]} for row in members]


def composed(ctx: Context, slices: Sequence[Slice]) -> list[Message]:
    """The last slice's messages; those of all are made, each slice in a transaction of its own."""
    last: list[Message] = []
    for run, members in slices:
        with ctx.engine.begin() as conn:
            last = compose(ctx, conn, run, members)
    return last


def sheets_of(ctx: Context, one: Slice, made: Sequence[Message]) -> tuple[list[tuple[str, Sheet]], dict[str, Writer]]:
    """What the baseline needs for the same mails: a language and a sheet for each, a writer for each language."""
    run, members = one[0], one[1][: len(made)]
    assert run.campaign is not None
    own, basis = run.campaign["content"], run.campaign["basis"] or ""
    with ctx.engine.connect() as conn:
        policies = policies_by_id(conn, [members[0]["policy_id"]])
    told = {
        name: wording.words(ctx.settings, policies, locale=name, variant="entitled", own=own.get(name, {}), basis=basis)
        for name in ("zh", "en")
    }
    sheets = [(row["locale"], sheet(ctx, row, message)) for row, message in zip(members, made, strict=True)]
    return sheets, {name: writer(ctx.settings, words) for name, words in told.items()}


def sheet(ctx: Context, row: Member, message: Message) -> Sheet:
    """One recipient's values; of our own mail only its date is taken."""
    who = {name: row[name] for name in ("recipient_id", "profile_id", "policy_id", "door")}
    token = unsubscribe_token(ctx.settings.secret_key, delivery_id=row["id"], **who)
    url = f"{ctx.settings.public_url.rstrip('/')}/u/{token}"
    key = row["wire_key"]
    return Sheet(message.to, key, _date(message), url, check_code(key))


def written(writers: dict[str, Writer], sheets: Sequence[tuple[str, Sheet]]) -> list[bytes]:
    """The baseline's mails."""
    return [writers[locale].write(one).as_bytes() for locale, one in sheets]


def cut(mail: bytes) -> list[bytes]:
    """A mail in as many pieces as ours is joined from."""
    size = -(-len(mail) // PIECES)
    return [mail[at : at + size] for at in range(0, len(mail), size)]


def joined(pieces: Sequence[Sequence[bytes]], times: int) -> None:
    """Join them all, so many times."""
    for _ in range(times):
        for parts in pieces:
            b"".join(parts)


def compare(ours: Sequence[Message], theirs: Sequence[bytes]) -> int:
    """How many mails were compared. Raises ValueError where a header or a decoded part differs."""
    for mine, other in zip(ours, theirs, strict=True):
        one, two = parsed(mine.raw), parsed(other)
        if one != two:
            raise ValueError(f"Mail {mine.key} is not what the standard library writes: {one} / {two}")
    return len(theirs)


def parsed(mail: bytes) -> tuple[list[str], list[tuple[str, str]]]:
    """The headers that matter and the decoded parts."""
    message = email.message_from_bytes(mail, policy=default)
    assert isinstance(message, EmailMessage)
    parts = [(part.get_content_type(), part.get_content()) for part in message.iter_parts()]
    return [str(message[name]) for name in HEADERS], parts


def _date(message: Message) -> datetime:
    header = email.message_from_bytes(message.raw.partition(b"\r\n\r\n")[0], policy=default)["Date"]
    found: datetime = header.datetime
    return found


if __name__ == "__main__":
    main()
