"""What the order of one profile's feed depends on, as a stamp: another one after every committed change to any of it.

A row's place and the transaction that wrote it (`ctid`, `xmin`) change with every update, so no column has to be named
and none can be forgotten. Of preferences only the switch counts: quiet hours put nothing into another order.
"""

from __future__ import annotations

from sqlalchemy import text

from pushsvc.store.session import Connection

_OF_PROFILE = ("yearly_fact", "qualification", "dependant", "subscription", "refused_tag", "member")
_ROWS = "string_agg(concat(t.ctid, t.xmin), ' ' order by t.ctid)"
_STAMP = text(f"""
    with readers as (
        select cast(:id as bigint) as id union select person_id from member where profile_id = :id
    )
    select (select concat_ws(' ', n, xmin) from policy_change where id = 1),
        (select concat_ws(' ', id, checksum) from model where state = 'serving'),
        (select {_ROWS} from profile t join readers on readers.id = t.id),
        (select string_agg(concat(t.profile_id, t.personalised), ' ' order by t.profile_id)
         from preference t join readers on readers.id = t.profile_id),
        (select {_ROWS} from feedback t where t.profile_id = :id and t.kind <> 'dismissed'),
        {", ".join(f"(select {_ROWS} from {name} t where t.profile_id = :id)" for name in _OF_PROFILE)}
    where exists (select from profile where id = :id and erased_at is null)
""")


def feed_stamp(conn: Connection, profile_id: int) -> tuple[str | None, ...] | None:
    """The policies and shared figures, the serving model, then the rows held of the profile, those it reads for, and
    what it did; what it dismissed is no part of it. None where there is nobody."""
    row = conn.execute(_STAMP, {"id": profile_id}).first()
    return None if row is None else tuple(row)
