"""The tags of people: those held, those they deleted, and those that policies in force bear.

A deleted tag stays deleted: the database leaves it out of `profile.interests` whoever writes it and in whatever case,
width or spacing (its function `spelled`), and what the person read of it before no longer counts (`NOT_REFUSED`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import text

from pushsvc.store.session import Connection
from recommenders.columns import SENSITIVE_WORDS

# Conditions for queries that learn or score from what people did, over `feedback f` joined with `policy`.
NOT_REFUSED = """not exists (
    select from refused_tag r where r.profile_id = f.profile_id and r.undone_at is null and f.at <= r.at
    and spelled(r.tag) in (select spelled(word) from unnest(policy.tags || policy.themes) as w(word))
)"""
_NAMED = "|".join(SENSITIVE_WORDS)
# Reading about disability or hardship says something of the reader, flagged or not: it is never learnt from.
NOT_SENSITIVE = f"""not policy.sensitive
    and lower(concat_ws(' ', policy.title, array_to_string(policy.tags || policy.themes, ' '))) !~ '{_NAMED}'"""


@dataclass(frozen=True)
class RefusedTag:
    """A tag that was deleted; `undone_at`: when that was taken back, None while it stands."""

    tag: str
    at: datetime
    undone_at: datetime | None


def refuse_tag(conn: Connection, profile_id: int, tag: str, at: datetime) -> bool:
    """Take a held tag off the profile for good; False, and nothing is changed, if it is not held."""
    held = text("select from profile where id = :id and :tag = any(interests) for no key update")
    if conn.execute(held, {"id": profile_id, "tag": tag}).first() is None:
        return False
    refuse = text("insert into refused_tag (profile_id, tag, at) values (:id, :tag, :at) on conflict do nothing")
    conn.execute(refuse, {"id": profile_id, "tag": tag, "at": at})
    # The database takes it out, in every spelling: see its trigger.
    remove = text("update profile set interests = array_remove(interests, :tag) where id = :id")
    conn.execute(remove, {"id": profile_id, "tag": tag})
    return True


def lift_refusal(conn: Connection, profile_id: int, tag: str, at: datetime) -> bool:
    """The person wants the tag again, and all they did before counts again; False if they had not deleted it."""
    lift = text("""
        update refused_tag set undone_at = :at
        where profile_id = :id and spelled(tag) = spelled(:tag) and undone_at is null
    """)
    return conn.execute(lift, {"id": profile_id, "tag": tag, "at": at}).rowcount > 0


def add_tag(conn: Connection, profile_id: int, tag: str) -> bool:
    """Put a tag on a profile; False if it is there, or was deleted and that stands."""
    add = text("""
        update profile set interests = array_append(interests, :tag)
        where id = :id and not :tag = any(interests) returning :tag = any(interests)
    """)
    return bool(conn.execute(add, {"id": profile_id, "tag": tag}).scalar())


def refusals_of(conn: Connection, profile_id: int) -> list[RefusedTag]:
    """Every deletion of the profile, the newest first, those taken back too."""
    query = text("select tag, at, undone_at from refused_tag where profile_id = :id order by id desc")
    return [RefusedTag(*row) for row in conn.execute(query, {"id": profile_id})]


def profiles_with_refusals_since(conn: Connection, at: datetime) -> NDArray[np.int64]:
    """int64[n], ascending: who deleted a tag at `at` or later and let that stand.

    A model trained before holds, in what it learnt of these people themselves, reading that no longer counts.
    """
    query = text("select distinct profile_id from refused_tag where undone_at is null and at >= :at order by 1")
    return np.array(list(conn.execute(query, {"at": at}).scalars()), dtype=np.int64)


def tags_of_policies(conn: Connection, on: date) -> list[tuple[str, str]]:
    """(tag or theme, the topic it mostly goes with) of published policies valid on the day; the most used first.

    Policies that speak of something sensitive give none.
    """
    query = text(f"""
        select word, (array_agg(topic order by n desc, topic))[1] from (
            select word, policy.topic, count(*) as n from policy, unnest(policy.tags || policy.themes) as w(word)
            where policy.state = 'published' and (policy.valid_to is null or policy.valid_to >= :on)
              and {NOT_SENSITIVE} group by word, policy.topic
        ) as used group by word order by sum(n) desc, word
    """)
    return [(row[0], row[1]) for row in conn.execute(query, {"on": on})]
