"""Whether anything changed that a person's own pages are made of, asked in one statement instead of making them anew.

Each table says how many rows there are of the person and the sum of their `xmin`, the transactions that wrote them
(PostgreSQL, "System Columns"): a row that is added, changed or deleted changes one of the two, whatever wrote it and in
whatever order transactions commit. Nothing has to be counted, triggered or remembered by those who write.
"""

from __future__ import annotations

from pushsvc.store.session import Connection, rows_cursor

# By the columns that say whose row it is: the reader's, or that of whom they act for.
OF_READER = {
    "preference": "profile_id",
    "consent": "profile_id",
    "member": "person_id",
    "inbox": "recipient_id",
    "profile_address": "profile_id",
}
# The same, of the rows that an index holds: what ends goes out of the count.
LIVE_OF_READER = {
    "device": ("recipient_id", "dropped_at"),
    "proxy": ("person_id", "ended_at"),
}
OF_PROFILE = {
    "profile": "id",
    "member": "profile_id",
    "subscription": "profile_id",
    "refused_tag": "profile_id",
    "feedback": "profile_id",
    "correction": "profile_id",
    "sensitive_fact": "profile_id",
    "yearly_fact": "profile_id",
    "qualification": "profile_id",
    "dependant": "profile_id",
    "consent": "profile_id",
    "question": "profile_id",
    "usefulness": "profile_id",
}
_ROWS = "select count(*), sum(t.xmin::text::bigint) from {} t where t.{} = {}"
_ADDRESSES = """
    select count(*) + count(s.at), sum(a.xmin::text::bigint + coalesce(s.xmin::text::bigint, 0))
    from profile_address p join address a on a.id = p.address_id
    left join suppression s on s.channel = a.channel and s.lookup = a.lookup
    where p.profile_id = %(reader)s
"""
_MEMBERS = """
    select count(*), sum(t.xmin::text::bigint) from {0} t join member m on m.person_id = t.{1}
    where m.profile_id = %(profile)s
"""
_POLICIES = (
    "select n, null::bigint from policy_change where id = 1"  # by its index: an import leaves pages of old versions
)
_MODELS = "select count(*), max(id) from model_serving"
_PARTS = [
    *(_ROWS.format(table, column, "%(reader)s") for table, column in OF_READER.items()),
    *(
        _ROWS.format(table, column, f"%(reader)s and t.{end} is null")
        for table, (column, end) in LIVE_OF_READER.items()
    ),
    "select count(*), sum(xmin::text::bigint) from profile where id = %(reader)s",
    *(_ROWS.format(table, column, "%(profile)s") for table, column in OF_PROFILE.items()),
    _ADDRESSES,
    _MEMBERS.format("preference", "profile_id"),  # what a firm is shown depends on those who hear of it
    _MEMBERS.format("profile", "id"),
    _POLICIES,
    _MODELS,
]
_ROWS_OF_ALL = " union all ".join(f"select {n}, part.* from ({part}) part" for n, part in enumerate(_PARTS))
VERSION = f"""
    select string_agg(concat_ws(',', part, n, total), ';' order by part) as version
    from ({_ROWS_OF_ALL}) parts (part, n, total)
"""


def reader_version(conn: Connection, reader_id: int, profile_id: int) -> str:
    """Differs from the one before if anything of the two changed, or any policy, or the model that serves."""
    found = rows_cursor(conn).execute(VERSION, {"reader": reader_id, "profile": profile_id}).fetchone()
    return str(found["version"] if found else "")
