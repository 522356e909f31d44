"""The audit log is a chain: what is changed, taken out or put in afterwards is found."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from pushsvc.context import Context
from pushsvc.pipeline.audit_chain import Checked, check, seal
from pushsvc.store.audit import record
from pushsvc.store.session import transaction

ANEW = """
    do $$ declare one record; before bytea := ''; begin
        for one in select l.n, audit_words(a) as words from audit_link l join audit a on a.id = l.audit_id order by l.n
        loop
            before := sha256(before || convert_to(one.words, 'UTF8'));
            update audit_link set hash = before where n = one.n;
        end loop;
    end $$
"""


def note(ctx: Context, n: int, **detail: object) -> None:
    with transaction(ctx.engine) as conn:
        record(conn, at=ctx.clock(), actor="limeng", action=f"a{n}", object=f"campaign:{n}", detail=detail)


def checked(ctx: Context) -> Checked:
    with transaction(ctx.engine) as conn:
        return check(conn, ctx.keyring)


def behind_its_back(ctx: Context, *statements: str) -> None:
    """What somebody with all rights in the database may do."""
    with transaction(ctx.engine) as conn:
        conn.execute(text("set local session_replication_role = replica"))
        for statement in statements:
            conn.execute(text(statement))


@pytest.fixture
def five(ctx: Context) -> int:
    """Five entries more than there were, sealed after the third; the id of the first of them."""
    for n in range(5):
        note(ctx, n, words="“你好” \\ \n", of=[1, 2.50, None])
        if n == 2:
            assert seal(ctx)
    with transaction(ctx.engine) as conn:
        return int(conn.scalar(text("select max(id) - 4 from audit")) or 0)


def test_what_was_written_is_whole(ctx: Context, five: int) -> None:
    found = checked(ctx)
    assert (found.broken, found.seals) == ("", 1)
    assert found.entries >= 5
    assert len(found.head) == 64
    assert seal(ctx)
    assert not seal(ctx)  # nothing new
    assert checked(ctx) == replace(found, seals=2)


@pytest.mark.parametrize(
    "change",
    [
        "update audit set actor = 'zhoulan' where id = {}",
        "update audit set action = 'a9' where id = {}",
        "update audit set object = 'campaign:9' where id = {}",
        "update audit set at = at + interval '1 microsecond' where id = {}",
        """update audit set detail = '{{"of": [1, 2.5, null], "words": "“你好” "}}' where id = {}""",
        "delete from audit where id = {}",
        "delete from audit_link where audit_id = {}",
        "update audit_link set hash = sha256('x') where audit_id = {}",
    ],
)
@pytest.mark.parametrize("which", [0, 2, 4])
def test_a_change_is_found_where_it_is(ctx: Context, five: int, change: str, which: int) -> None:
    behind_its_back(ctx, change.format(five + which))
    broken = checked(ctx).broken
    named = [str(five + which), str(five + which + 1)]  # a link taken out shows at the next one
    assert any(f"Entry {name} of" in broken for name in named) or "are not in its chain" in broken


def test_one_put_in_is_found(ctx: Context, five: int) -> None:
    behind_its_back(ctx, "insert into audit (at, actor, action, object) values (now(), 'x', 'y', 'z')")
    assert "1 entries of the audit log are not in its chain" in checked(ctx).broken


def test_a_chain_made_anew_does_not_fit_the_seal(ctx: Context, five: int) -> None:
    behind_its_back(ctx, f"update audit set actor = 'nobody' where id = {five}", ANEW)
    assert "made anew" in checked(ctx).broken


def test_an_end_cut_off_is_found_where_it_was_sealed(ctx: Context, five: int) -> None:
    assert seal(ctx)
    after = five + 2
    behind_its_back(ctx, f"delete from audit_link where audit_id > {after}", f"delete from audit where id > {after}")
    assert "sealed links at the end" in checked(ctx).broken


def test_a_seal_of_another_key_is_not_ours(ctx: Context, five: int) -> None:
    with transaction(ctx.engine) as conn:
        assert "not ours" in check(conn, replace(ctx.keyring, secret=b"another")).broken


@pytest.mark.parametrize(("table", "column"), [("audit_link", "hash"), ("audit_seal", "mac")])
@pytest.mark.parametrize("change", ["delete from {}", "update {} set {} = ''"])
def test_links_and_seals_are_added_never_changed(ctx: Context, five: int, table: str, column: str, change: str) -> None:
    with pytest.raises(IntegrityError, match="never changed"), transaction(ctx.engine) as conn:
        conn.execute(text(change.format(table, column)))


def test_many_who_write_at_once_make_one_chain(ctx: Context, five: int) -> None:
    before = checked(ctx).entries
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: note(ctx, n), range(40)))
    assert (checked(ctx).broken, checked(ctx).entries) == ("", before + 40)


def test_what_is_rolled_back_leaves_no_link(ctx: Context, five: int) -> None:
    before = checked(ctx)
    with ctx.engine.connect() as conn:
        record(conn, at=ctx.clock(), actor="a", action="b", object="c")
        conn.rollback()
    assert checked(ctx) == before
