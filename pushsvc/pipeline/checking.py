"""Check: whether a message that quotes a code was ours. Whom it went to is never asked, and never told."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from pushsvc.context import Context
from pushsvc.pipeline.compose import CHECK_LETTERS
from pushsvc.pipeline.days import CITY_ZONE, city_day
from pushsvc.store.check_codes import quoted
from pushsvc.store.session import transaction

LOOK_BACK = 7  # days, where the day of the message is not told
MOST = 200  # messages looked at: a code that so many share proves nothing more
_CODE = re.compile(rf"[0-9a-f]{{{CHECK_LETTERS}}}")
_MISREAD = str.maketrans("oil", "011")  # read off a small screen, said on the telephone: no digit of ours


@dataclass(frozen=True)
class Told:
    """On a day in the city we sent such a message. `title` is of the policy that it told of, None where it told of
    several, or of one whose name would say too much (`sensitive`); `policy_id` is its number while it is public."""

    day: date
    channel: str
    policy_id: int | None
    title: str | None
    agency: str | None
    sensitive: bool


def read_code(text: str) -> str | None:
    """The code as wire keys begin with it, from what somebody typed; None where it can be none."""
    plain = "".join(unicodedata.normalize("NFKC", text[:40]).split()).lower().replace("-", "").translate(_MISREAD)
    return plain if _CODE.fullmatch(plain) else None


def check(ctx: Context, code: str, day: date | None = None) -> list[Told]:
    """What left on that day, or on the day before (a message of the night is read in the morning), and quotes the
    code: each policy once a day, the newest first. Without a day, the last LOOK_BACK days."""
    last = day or city_day(ctx)
    first = last - timedelta(days=1 if day else LOOK_BACK)
    with transaction(ctx.engine) as conn:
        found = quoted(conn, code, _begin(first), _begin(last + timedelta(days=1)), limit=MOST)
    return list(dict.fromkeys(
        Told(_day(one.at), one.channel, None, None, None, True)
        if one.sensitive else Told(_day(one.at), one.channel, one.policy_id, one.title, one.agency, False)
        for one in found
    ))  # fmt: skip


def _begin(day: date) -> datetime:
    return datetime.combine(day, time(), CITY_ZONE)


def _day(at: datetime) -> date:
    return at.astimezone(CITY_ZONE).date()
