"""What was sent, and said of it, before vendors without our keys came: it stands as it was."""

from __future__ import annotations

from sqlalchemy import Engine, text

from pushsvc.store import schema
from pushsvc.store.session import transaction
from tests.databases import at_step

_OLD = (
    "insert into run (kind, key, created_at) values ('system', 'a', now())",
    "insert into slice (run_id, channel, lane, state, due_at) values (1, 'sms', 'normal', 'done', now())",
    """insert into attempt (slice_id, provider, route, batch_key, members, started_at, expires_at)
        values (1, 'gateway', 'sms', 'b', 1, now(), now())""",
    """insert into receipt (provider, raw, checksum, wire_key, status, code, received_at)
        values ('gateway', '{}', 'x', 'k', 'bounced', 'UNDELIV', now())""",
    """insert into policy (ref, family, event, kind, title, agency, topic, region, body, checksum, imported_at)
        values ('a', 'a', 'new:a', 'fund', '办法', '局', 'talent', '990105', '第一条', 'x', now())""",
    """insert into campaign (policy_id, family, event, title, doors, author, state, created_at)
        values (1, 'a', 'new:a', '办法', '{}', '李萌', 'running', now())""",
)
_NEW = """select r.route, r.batch_key, r.lookup, r.soft, a.asked, a.asked_to, a.asking_until,
        c.sms_template, c.sms_words
    from receipt r, attempt a, campaign c"""


def test_older_rows_say_nothing_of_vendors(engine: Engine) -> None:
    with at_step(engine, "0019") as older:
        with transaction(older) as conn:
            for statement in _OLD:
                conn.execute(text(statement))
        schema.upgrade(older)
        with transaction(older) as conn:
            (found,) = conn.execute(text(_NEW)).all()
    assert tuple(found) == (None, None, None, False, 0, 0, None, "policy", {})
