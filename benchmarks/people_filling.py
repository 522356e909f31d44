"""People who are written to, straight into PostgreSQL's tables: addresses, consents, wishes, and a campaign to them.

Addresses go through the store's own `write_addresses`: real keyed hashes, ciphertext that decrypts. All else is drawn
from a hash of the person's number, so that a city of n people is the same each time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from sqlalchemy import text
from tqdm import tqdm

from profiles.gates import CHANNELS
from pushsvc.context import Context
from pushsvc.store.addresses import Told, place, write_addresses
from pushsvc.store.bulk import copy_columns, hexadecimal, new_numbers
from pushsvc.store.session import Connection, transaction

MORNING = datetime(2026, 7, 1, 2, tzinfo=UTC)  # ten o'clock in Beijing: no quiet hours, every window open
TOPIC = "talent"
Numbers = NDArray[np.int64]
_PIECE = 50_000
_NUMBERS = {"app": "device-token-of-{:010d}", "sms": "+86138{:08d}", "email": "person{}@city.example"}
_MASKS = {"app": "device-t****", "sms": "138****0000", "email": "p***@city.example"}


@dataclass(frozen=True)
class Mix:
    """Shares of the people, 0 to 1. `app`, `sms`, `email`: whose first address is there (they add up to 1); `several`:
    who have one on the next channel too; `shared`: whose addresses are those of the person before them.

    `dumb`: app users have no device, their messages end in the inbox. `told` and `offered` agreed to notices and to
    recommendations, `withdrawn` took that back. `choosy` have preferences of their own.
    """

    app: float = 0.4
    sms: float = 0.45
    email: float = 0.15
    several: float = 0.2
    shared: float = 0.03
    dumb: bool = False
    suppressed: float = 0.02
    told: float = 0.92
    offered: float = 0.7
    withdrawn: float = 0.04
    choosy: float = 0.3
    minors: float = 0.1


REAL = Mix()


def everybody(*, dumb: bool = False, **channels: float) -> Mix:
    """People who can all be told at once, one address each: `everybody(sms=0.5, app=0.5)`, `everybody(email=1)`."""
    sure: dict[str, Any] = {
        "several": 0,
        "shared": 0,
        "suppressed": 0,
        "told": 1,
        "offered": 1,
        "withdrawn": 0,
        "choosy": 0,
        "minors": 0,
    }
    return Mix(**(sure | {"app": 0, "sms": 0, "email": 0, **channels, "dumb": dumb}))


def drawn(seed: int) -> str:
    """A number from 0 up to 1 for person p."""
    return f"(((hashint8(p.id * 7919 + {seed}) & 2147483647) % 100000) / 100000.0)"


_PROFILES = f"""
    insert into profile (id, ref, kind, shard, interests, updated_at, region, birth_date, zone, locale)
    select p.id, 'p' || p.id, case when p.id % 50 = 9 then 'self_employed' else 'citizen' end, p.id % 64, '{{}}', :at,
        '330106', case when {drawn(19)} < :minors then date '2009-01-01' else date '1935-01-01' end
            + ({drawn(1)} * case when {drawn(19)} < :minors then 6000 else 25000 end)::int,
        case when :choosy > 0 and {drawn(2)} < 0.02
            then (array['Asia/Urumqi','Europe/Berlin','America/New_York'])[1 + p.id % 3] else 'Asia/Shanghai' end,
        case when {drawn(3)} < 0.03 then 'en' else 'zh' end
    from (select generate_series(1::bigint, :people) as id) p
"""
_NUMBERED = "select setval(pg_get_serial_sequence('profile', 'id'), :people)"
_CONSENTS = (
    f"""insert into consent (profile_id, purpose, channel, given, wording, source, at)
        select p.id, 'notify', case when {drawn(4)} < 0.8 or :told = 1 then 'any' else 'sms' end, true, 'v1', 'fill',
        :at from profile p where {drawn(5)} < :told""",
    f"""insert into consent (profile_id, purpose, channel, given, wording, source, at)
        select p.id, 'recommend', 'any', true, 'v1', 'fill', :at from profile p where {drawn(6)} < :offered""",
    f"""insert into consent (profile_id, purpose, channel, given, wording, source, at)
        select p.id, 'recommend', 'any', false, 'v1', 'fill', :at from profile p where {drawn(7)} < :withdrawn""",
)
_PREFERENCES = f"""
    insert into preference (profile_id, personalised, cadence, weekly_max, quiet_from, quiet_to, muted, sms, channels,
        escalate, channel_order, updated_at)
    select p.id, {drawn(9)} > 0.1,
        case when {drawn(10)} < 0.1 then 'daily' when {drawn(10)} < 0.15 then 'weekly' else 'immediate' end,
        (array[3, 3, 3, 1, 5, 0])[1 + p.id % 6],
        case when {drawn(11)} < 0.6 then time '00:00' + interval '1 hour' * (20 + p.id % 4) end,
        case when {drawn(11)} < 0.6 then time '06:00' + interval '1 hour' * (p.id % 4) end,
        cast(case when {drawn(12)} < 0.05 then '{{talent}}' when {drawn(12)} < 0.2 then '{{elder,city}}' else '{{}}' end
            as text[]),
        {drawn(13)} > 0.15,
        cast(case when {drawn(14)} < 0.1 then '{{"talent": {{"app": false}}}}' else '{{}}' end as jsonb),
        cast(case when {drawn(15)} < 0.2 then '{{sms}}' else '{{}}' end as text[]),
        cast(case when {drawn(16)} < 0.1 then '{{sms,app,email}}' else '{{}}' end as text[]), :at
    from profile p where {drawn(8)} < :choosy
"""
_WISHES = f"""
    insert into subscription (profile_id, ref, themes, keyword, cadence, created_at)
    select p.id, 'w', array['{TOPIC}'], '补贴',
        case when :choosy > 0 and {drawn(17)} < 0.08 then 'daily' when :choosy > 0 and {drawn(17)} < 0.1 then 'weekly'
            else 'immediate' end, :at
    from profile p where {drawn(18)} < 0.2
"""
_SUPPRESSED = """
    insert into suppression (channel, lookup, reason, source, at)
    select a.channel, a.lookup, 'bounced', 'fill', :at from address a
    where (hashint8(a.id * 31 + 5) & 2147483647) % 100000 < :suppressed * 100000
"""


def fill_people(ctx: Context, people: int, mix: Mix = REAL) -> None:
    """People numbered from 1 into an empty database, then VACUUM ANALYZE. A minute for a million or so."""
    given = {"at": MORNING, "people": people, **vars(mix)}
    with transaction(ctx.engine) as conn:
        for statement in (_PROFILES, _NUMBERED, *_CONSENTS, _PREFERENCES, _WISHES):
            conn.execute(text(statement), {name: value for name, value in given.items() if f":{name}" in statement})
    for write in tqdm(list(_addresses(ctx, people, mix)), desc="addresses", leave=False, disable=None):
        with transaction(ctx.engine) as conn:
            write(conn)
    with transaction(ctx.engine) as conn:
        conn.execute(text(_SUPPRESSED), {"at": MORNING, "suppressed": mix.suppressed})
        conn.execute(text("delete from profile_change"))
    analyse(ctx)


def analyse(ctx: Context) -> None:
    """What autovacuum would have done by now, and a checkpoint, so that no run pays for the one before it."""
    with ctx.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        conn.execute(text("vacuum analyze"))
        conn.execute(text("checkpoint"))


def _addresses(ctx: Context, people: int, mix: Mix) -> Iterator[Callable[[Connection], None]]:
    """What writes the addresses, piece by piece and channel by channel."""
    draw = np.random.default_rng(7)
    for start in range(1, people + 1, _PIECE):
        numbers = np.arange(start, min(start + _PIECE, people + 1))
        first = draw.choice(len(CHANNELS), len(numbers), p=[getattr(mix, channel) for channel in CHANNELS])
        second = np.where(draw.random(len(numbers)) < mix.several, (first + 1) % len(CHANNELS), -1)
        whose = numbers - ((draw.random(len(numbers)) < mix.shared) & (numbers > start))
        for code, channel in enumerate(CHANNELS):
            mine = (first == code) | (second == code)
            if mine.any():
                write = _write_dumb if mix.dumb and channel == "app" else _write
                yield partial(write, ctx, channel, numbers[mine], whose[mine])


def _write(ctx: Context, channel: str, numbers: Numbers, whose: Numbers, conn: Connection) -> None:
    values, n = _values(channel, whose), len(numbers)
    told = Told(channel, numbers.tolist(), values, [_MASKS[channel]] * n, [True] * n)
    write_addresses(conn, ctx.keyring, [told])


def _write_dumb(ctx: Context, channel: str, numbers: Numbers, whose: Numbers, conn: Connection) -> None:
    """App users who have no device: what is ciphered is an empty token."""
    n = len(numbers)
    ids = pa.array(new_numbers(conn, "address", n))
    lookups = ctx.keyring.lookups(channel, _values(channel, whose))
    ciphers = ctx.keyring.encrypt_all([""] * n, place(channel))
    same = {"channel": pa.array([channel] * n), "mask": pa.array(["-"] * n)}
    copy_columns(conn, "address", {"id": ids, "lookup": hexadecimal(lookups), "cipher": hexadecimal(ciphers), **same})
    copy_columns(conn, "profile_address", {"profile_id": pa.array(numbers), "address_id": ids})


def _values(channel: str, numbers: Numbers) -> list[str]:
    return [_NUMBERS[channel].format(number) for number in numbers.tolist()]
