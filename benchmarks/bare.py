"""The limits: what any engine must do for the same messages, done bare, on one connection, one step after another."""

from __future__ import annotations

import http.client
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from urllib.parse import urlsplit

import psycopg

from benchmarks.field import plain
from pushsvc.context import Context

Letter = tuple[str, int, int, int | None, str, str]
_SENDING = """
    update delivery set state = 'sending', attempts = attempts + 1, attempt_id = 1, updated_at = now()
    where slice_id = %s and state = 'planned'
"""
_ACCEPTED = """
    update delivery d set state = 'accepted', provider_id = v.provider_id, accepted_at = now(), updated_at = now()
    from unnest(%s::bigint[], %s::text[]) as v(id, provider_id) where d.id = v.id and d.state = 'sending'
"""
_LETTERS = "copy inbox (wire_key, recipient_id, profile_id, policy_id, title, body, at) from stdin"


def slices(ctx: Context) -> list[tuple[int, list[int], list[str]]]:
    """Each slice with the ids and the wire keys of its members."""
    members = "array_agg(id order by id), array_agg(wire_key order by id)"
    query = f"select slice_id, {members} from delivery group by slice_id order by slice_id"
    with psycopg.connect(plain(ctx.settings.database_url)) as conn:
        return [(int(number), ids, keys) for number, ids, keys in conn.execute(query)]


def letters(ctx: Context) -> list[Letter]:
    """What the inbox holds."""
    with psycopg.connect(plain(ctx.settings.database_url)) as conn:
        query = "select wire_key, recipient_id, profile_id, policy_id, title, body from inbox order by id"
        return conn.execute(query).fetchall()


def post_and_mark(ctx: Context, url: str, bodies: Sequence[tuple[str, bytes]]) -> None:
    """For each slice: an UPDATE to `sending`, a post of a ready body, an UPDATE to `accepted`, each committed."""
    client = http.client.HTTPConnection(urlsplit(url).netloc)
    known = slices(ctx)
    with psycopg.connect(plain(ctx.settings.database_url), autocommit=True) as conn:
        for one, body in zip_longest(known, bodies):
            if one is not None:
                conn.execute(_SENDING, (one[0],))
            if body is not None:
                client.request("POST", body[0], body[1], {"Content-Type": "application/json"})
                client.getresponse().read()
            if one is not None:
                conn.execute(_ACCEPTED, (one[1], one[2]))
    client.close()


def write_and_mark(ctx: Context, found: Sequence[Letter], size: int) -> None:
    """For each slice: an UPDATE to `sending`, a COPY of its letters, an UPDATE to `accepted`, each committed."""
    known = slices(ctx)
    with psycopg.connect(plain(ctx.settings.database_url), autocommit=True) as conn:
        for (number, ids, keys), part in zip(known, _parts(found, size), strict=True):
            conn.execute(_SENDING, (number,))
            with conn.cursor().copy(_LETTERS) as copy:
                for letter in part:
                    copy.write_row((*letter, "now"))
            conn.execute(_ACCEPTED, (ids, keys))


def _parts(found: Sequence[Letter], size: int) -> Iterator[Sequence[Letter]]:
    for start in range(0, len(found), size):
        yield found[start : start + size]
