"""Pages: the next selections of a campaign with all that is known of their people, read while those before are written.

PostgreSQL reads a page on one core while it writes the one before on another. What was read a few seconds early is as
good as a plan that was made a few seconds earlier: the gates look again just before each attempt.
"""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from pushsvc.context import Context
from pushsvc.store.contacts import Contacts, load_contacts
from pushsvc.store.selections import Chosen, next_selections
from pushsvc.store.session import Connection, transaction

KEPT = timedelta(seconds=10)  # how long a page that was read ahead may be used


@dataclass(frozen=True)
class Asked:
    """Which page: at most `size` selections of the campaign past the rank `after`; topic and day as the gates ask."""

    campaign_id: int
    after: int
    size: int
    topic: str
    today: date


@dataclass(frozen=True)
class Page:
    """The selections and the contacts of their profiles."""

    chosen: Chosen
    contacts: Contacts


class Ahead:
    """One page read ahead: which, since when, and the answer to come."""

    def __init__(self, asked: Asked, at: datetime, answer: Future[Page]) -> None:
        self.asked, self.at, self.answer = asked, at, answer


class Reader:
    """This process's one thread that reads ahead."""

    def __init__(self) -> None:
        self.thread = ThreadPoolExecutor(1, thread_name_prefix="pages")


def read_page(conn: Connection, asked: Asked) -> Page:
    """The page as it is now; empty past the last selection."""
    chosen = next_selections(conn, asked.campaign_id, after=asked.after, limit=asked.size)
    return Page(chosen, load_contacts(conn, chosen.profile_id, topic=asked.topic, today=asked.today))


def read_ahead(ctx: Context, asked: Asked, now: datetime) -> Ahead:
    """Begins to read a page, on a connection of its own."""

    def read() -> Page:
        with transaction(ctx.engine) as conn:
            return read_page(conn, asked)

    return Ahead(asked, now, ctx.kept.of(Reader).thread.submit(read))


def take_page(conn: Connection, asked: Asked, ahead: Ahead | None, now: datetime) -> Page:
    """The page that was read ahead where it is the one asked for, and fresh; else it is read now."""
    if ahead is not None and ahead.asked == asked and timedelta(0) <= now - ahead.at <= KEPT:
        return ahead.answer.result()
    return read_page(conn, asked)
