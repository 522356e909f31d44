"""That an answer is there: a letter in the inbox, and one SMS or mail beside it where no app of theirs would show it.

None of them repeats a word of question or answer, nor names the policy: screens are read by others.
"""

from __future__ import annotations

from datetime import timedelta

import numpy as np

from profiles.gates import CHANNELS, DOORS
from pushsvc.context import Context
from pushsvc.pipeline.days import city_day
from pushsvc.pipeline.devices import INBOX_MASK, inbox_of
from pushsvc.pipeline.gating import channel_order
from pushsvc.pipeline.slicing import Home, outgoing, write_slices
from pushsvc.pipeline.sms_gate import may_say
from pushsvc.pipeline.system_words import SystemWords, pack
from pushsvc.store import campaigns, devices
from pushsvc.store.access import PERSONS, locale_of
from pushsvc.store.addresses import reachable
from pushsvc.store.contacts import Contacts, load_contacts
from pushsvc.store.memberships import roles
from pushsvc.store.people import profile_by_id
from pushsvc.store.questions import QuestionRow
from pushsvc.store.session import Connection

TEMPLATE = "answer"  # the name of the template that says the same at a vendor
WORDS = {
    "zh": "您的提问已有答复，请登录后在“我的提问”中查看。",
    "en": "Your question has an answer. Sign in and open “My questions” to read it.",
}
LIFE = timedelta(days=7)  # a message later than that helps nobody: the answer stands on its page
_DOOR = DOORS.index("subscribed")
_APP = CHANNELS.index("app")


def tell(ctx: Context, conn: Connection, row: QuestionRow) -> int | None:
    """Queue the messages of an answer, once for each question; their run, None where there is nobody to tell."""
    who = _reader(conn, row)
    if who is None:
        return None
    now, said = ctx.clock(), WORDS["en" if (locale_of(conn, who) or "").startswith("en") else "zh"]
    run_id = campaigns.ensure_run(conn, key=f"answer:{row.id}", kind="system", now=now, due_at=now + LIFE)
    campaigns.set_run_content(conn, run_id, ctx.keyring.encrypt(pack(SystemWords(said, TEMPLATE)), f"run:{run_id}"))
    contacts = load_contacts(conn, np.array([who], dtype=np.int64), topic="", today=city_day(ctx))
    beside = None if _has_app(conn, who) else _beside(ctx, conn, contacts)
    contacts.address[0, _APP] = inbox_of(ctx, conn, who)
    for channel in (_APP, beside):
        if channel is not None:  # quiet hours hold it: it was not asked for this minute
            one = outgoing(contacts, np.array([_DOOR], np.int8), np.array([channel], np.int8), np.zeros(1, np.int64))
            write_slices(conn, ctx, Home(run_id, None, "urgent", now), one)
    return run_id


def _reader(conn: Connection, row: QuestionRow) -> int | None:
    """Who reads it: whoever was asked for; of a firm whoever asked, or an admin of it where they left since."""
    found = profile_by_id(conn, row.profile_id)
    if found is None or found.erased:
        return None
    if found.kind in PERSONS:
        return found.id
    live = roles(conn, found.id)
    admins = sorted(person for person, role in live.items() if role == "admin")
    return row.person_id if row.person_id in live else next(iter(admins), None)


def _has_app(conn: Connection, who: int) -> bool:
    """Whether a telephone of theirs shows what comes by the app channel."""
    open_ = [one for one in reachable(conn, who) if one.channel == "app" and one.suppressed is None]
    return any(one.mask != INBOX_MASK for one in open_) or bool(devices.devices_of(conn, who))


def _beside(ctx: Context, conn: Connection, contacts: Contacts) -> int | None:
    """The first of SMS and email, in the person's order, that they left on and that may be used."""
    usable = (contacts.address >= 0) & contacts.enabled & ~contacts.suppressed & ~contacts.opted_out
    for channel in channel_order(contacts)[0].tolist():
        if channel == _APP or not usable[0, channel]:
            continue
        if CHANNELS[channel] != "sms" or may_say(ctx, conn, TEMPLATE):
            return int(channel)
    return None
