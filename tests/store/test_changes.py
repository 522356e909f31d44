"""The log of changed profiles: no writer can forget it, no reader misses or repeats a line of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, text

from pushsvc.store.changes import ChangesError, Mark, backlog, changed_since, mark_now, prune, reading
from pushsvc.store.session import transaction

# Each statement changes something of profile 1, but for those that say whom else.
STATEMENTS = {
    "update profile set region = '990101' where id = 1": [1],
    "insert into yearly_fact (profile_id, year, revenue) values (1, 2024, 3)": [1],
    "update yearly_fact set revenue = 4": [1],
    "delete from yearly_fact": [1],
    "insert into qualification values (1, 'k', '2024-01-01', null, 's', '2024-01-01')": [1],
    "update qualification set valid_until = '2027-01-01'": [1],
    "delete from qualification": [1],
    "insert into dependant (profile_id, ref) values (1, 'a')": [1],
    "update dependant set profile_id = 2": [1, 2],
    "delete from dependant": [2],
    "insert into consent (profile_id, purpose, channel, given, wording, source, at)"
    " values (1, 'notify', 'any', true, 'v1', 's', now())": [1],
    "insert into preference (profile_id, updated_at) values (1, now())": [1],
    "update preference set personalised = false": [1],
    "delete from preference": [1],
    "insert into subscription (profile_id, ref, created_at) values (1, 'w', now()), (2, 'w', now())": [1, 2],
    "update subscription set ended_at = now() where profile_id = 1": [1],
    "delete from subscription": [1, 2],
    "insert into member (profile_id, person_id) values (3, 1)": [1, 3],
    "update member set person_id = 2": [1, 2, 3],
    "delete from member": [2, 3],
    "insert into address (channel, lookup, cipher, mask) values ('sms', '\\x01', '', '')": [],
    "insert into profile_address values (1, 1)": [1],
    "update profile_address set profile_id = 2": [1, 2],
    "delete from profile_address": [2],
    "insert into sensitive_fact values (1, 'hardship', '\\x01', 's', '2024-01-01')": [1],
    "update sensitive_fact set value = '\\x02'": [1],
    "delete from sensitive_fact": [1],
    "delete from profile where id = 3": [3],
    "update profile set region = '990102' where id = 99": [],
    "insert into login_code values ('\\x01', '\\x01', 0, now())": [],
}


@pytest.fixture
def people(engine: Engine) -> Engine:
    """Three profiles, 1 to 3."""
    with transaction(engine) as conn:
        add_people(conn, 3)
    return engine


def add_people(conn: Connection, count: int) -> None:
    conn.execute(
        text("""
        insert into profile (ref, kind, updated_at) select 'p' || g, 'citizen', now() from generate_series(1, :n) g
        """),
        {"n": count},
    )


def change(conn: Connection, *people: int) -> None:
    conn.execute(text("update profile set region = '990101' where id = any(:ids)"), {"ids": list(people)})


def poll(engine: Engine, mark: Mark) -> tuple[list[int], Mark]:
    with transaction(engine) as conn:
        found = changed_since(conn, mark)
    return found.profile_ids.tolist(), found.mark


def now(engine: Engine) -> Mark:
    with transaction(engine) as conn:
        return mark_now(conn)


@contextmanager
def opened(engine: Engine) -> Iterator[Connection]:
    """A transaction that has a number, and ends when the test says so."""
    with engine.connect() as conn:
        conn.execute(text("select pg_current_xact_id()"))
        yield conn


def test_every_statement_that_changes_something_of_a_profile_is_logged(people: Engine) -> None:
    for statement, changed in STATEMENTS.items():
        mark = now(people)
        with transaction(people) as conn:
            conn.execute(text(statement))
        assert poll(people, mark)[0] == changed, statement


def test_a_statement_on_many_profiles_is_one_row_of_the_log(engine: Engine) -> None:
    with transaction(engine) as conn:
        add_people(conn, 1000)
        conn.execute(text("update profile set region = '990101' where id % 2 = 0"))
        rows = conn.execute(text("select cardinality(profile_ids) from profile_change order by id")).scalars().all()
    assert rows == [1000, 500]


def test_a_change_is_seen_once(people: Engine) -> None:
    mark = now(people)
    with transaction(people) as conn:
        change(conn, 2, 1)
        change(conn, 2)
        assert backlog(conn, mark) == 3
    seen, mark = poll(people, mark)
    assert seen == [1, 2]
    assert poll(people, mark)[0] == []


def test_a_transaction_that_began_before_the_mark_and_commits_after_it_is_seen_once(people: Engine) -> None:
    with opened(people) as slow:
        change(slow, 1)
        mark = now(people)
        assert poll(people, mark)[0] == []
        slow.commit()
    seen, mark = poll(people, mark)
    assert seen == [1]
    assert poll(people, mark)[0] == []


def test_later_transactions_are_not_repeated_while_an_older_one_is_still_open(people: Engine) -> None:
    mark = now(people)
    with opened(people) as slow:
        with transaction(people) as quick:
            change(quick, 2)
        seen, mark = poll(people, mark)
        assert seen == [2]
        with transaction(people) as quick:
            change(quick, 3)
        seen, mark = poll(people, mark)
        assert seen == [3]
        change(slow, 1)
        assert poll(people, mark)[0] == []
        slow.commit()
    seen, mark = poll(people, mark)
    assert seen == [1]
    assert poll(people, mark)[0] == []


def test_what_is_rolled_back_is_never_seen(people: Engine) -> None:
    mark = now(people)
    with opened(people) as conn:
        change(conn, 1)
        conn.rollback()
    assert poll(people, mark)[0] == []


def test_a_reader_and_its_mark_see_the_same_state(people: Engine) -> None:
    with reading(people) as (conn, mark):
        with transaction(people) as other:
            change(other, 1)
        assert conn.scalar(text("select count(*) from profile where region is not null")) == 0
        assert mark_now(conn) == mark
    assert poll(people, mark)[0] == [1]


def test_a_reader_cannot_write_and_leaves_the_connection_as_it_was(people: Engine) -> None:
    with reading(people) as (conn, _), pytest.raises(Exception, match="read-only"):
        change(conn, 1)
    with transaction(people) as conn:
        assert conn.scalar(text("show transaction_isolation")) == "read committed"
        change(conn, 1)


def logged(engine: Engine, *rows: tuple[int, int]) -> None:
    """Rows of the log by (transaction, profile): old transactions, long settled."""
    with transaction(engine) as conn:
        for xid, person in rows:
            row = {"xid": xid, "ids": [person]}
            conn.execute(text("insert into profile_change (xid, profile_ids) values (:xid, :ids)"), row)


def test_marks_older_than_what_was_pruned_are_refused(engine: Engine) -> None:
    logged(engine, (5, 1), (6, 2), (6, 3), (7, 4))
    with transaction(engine) as conn:
        assert prune(conn, 5) == 0
        assert prune(conn, 7) == 3
        assert prune(conn, 7) == 0
    for xmin in (5, 6):
        with pytest.raises(ChangesError) as caught:
            poll(engine, Mark(xmin))
        assert caught.value.code == "pruned"
    assert poll(engine, Mark(7))[0] == [4]
    assert poll(engine, Mark(8))[0] == []


def test_of_many_prunings_the_last_one_counts(engine: Engine) -> None:
    logged(engine, (5, 1), (6, 2), (7, 3))
    with transaction(engine) as conn:
        assert [prune(conn, before) for before in (6, 7)] == [1, 1]
        assert conn.scalar(text("select count(*) from profile_change")) == 2
    with pytest.raises(ChangesError):
        poll(engine, Mark(6))
    assert poll(engine, Mark(7))[0] == [3]


def test_a_mark_of_another_database_is_refused(people: Engine) -> None:
    with pytest.raises(ChangesError) as caught:
        poll(people, Mark(now(people).xmin + 1_000_000))
    assert caught.value.code == "ahead"


ACTS = st.lists(
    st.tuples(st.sampled_from(["write", "write", "commit", "abort", "poll"]), st.integers(0, 2)), max_size=25
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=ACTS)
def test_however_transactions_overlap_each_committed_change_is_seen_once(
    engine: Engine, acts: list[tuple[str, int]]
) -> None:
    mark, seen, committed = now(engine), Counter[int](), Counter[int]()
    writers: dict[int, tuple[Connection, list[int]]] = {}
    number = 0
    for act, writer in [*acts, ("commit", 0), ("commit", 1), ("commit", 2), ("poll", 0)]:
        if act == "write":
            number += 1
            conn, written = writers.setdefault(writer, (engine.connect(), []))
            # A profile of its own a write: what is told twice would not show in a set.
            conn.execute(text("insert into profile_change (profile_ids) values (array[:n])"), {"n": number})
            written.append(number)
        elif act == "poll":
            found, mark = poll(engine, mark)
            seen.update(found)
        elif writer in writers:
            conn, written = writers.pop(writer)
            committed.update(written if act == "commit" else [])
            conn.commit() if act == "commit" else conn.rollback()
            conn.close()
    assert seen == committed


def test_a_table_emptied_at_one_stroke_is_no_reason_to_miss_it(people: Engine) -> None:
    mark = now(people)
    with opened(people) as conn:
        oldest = now(people)
        conn.execute(text("truncate subscription"))
        assert poll(people, oldest)[0] == []
        conn.commit()
    for before in (mark, oldest):
        with pytest.raises(ChangesError) as caught:
            poll(people, before)
        assert caught.value.code == "pruned"
    assert poll(people, now(people))[0] == []


def test_a_restored_database_counts_its_transactions_anew(people: Engine) -> None:
    """A dump keeps what the log says by the numbers of another server."""
    far = now(people).xmin + 1_000_000
    with transaction(people) as conn:
        conn.execute(text("update profile_change set xid = :far"), {"far": far})
        conn.execute(text("insert into profile_change (xid, profile_ids) values (:far, '{}')"), {"far": far})
    with transaction(people) as conn:
        with pytest.raises(ChangesError):
            backlog(conn, Mark(far))
        with pytest.raises(ChangesError):
            backlog(conn, Mark(3))
        prune(conn, 3)
    mark = now(people)
    with transaction(people) as conn:
        change(conn, 2)
    assert poll(people, mark)[0] == [2]
