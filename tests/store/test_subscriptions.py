"""Wishes in and out of the database: one by one, and as columns that say the same."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from profiles.subscriptions import KEYS, WishColumns, wish_columns
from pushsvc.context import Context
from pushsvc.keyring import Keyring
from pushsvc.pipeline.rights import erase, export_data
from pushsvc.settings import Settings
from pushsvc.store import subscriptions as store
from pushsvc.store.session import Engine, transaction
from pushsvc.store.subscriptions import Wish, live_subscriptions, save_wishes, stream_wishes
from tests.clock import Clock
from tests.registering import register


def plain(columns: WishColumns) -> list[tuple[object, ...]]:
    """Row by row."""
    parts = [columns.sets[key].to_pylist() for key in KEYS]
    ids = (columns.ids.tolist(), columns.profile_ids.tolist())
    return list(zip(*ids, *parts, columns.keywords.to_pylist(), strict=True))


def one_by_one(found: list[store.Subscription]) -> list[tuple[object, ...]]:
    """The same from the values."""
    wishes = [one.wish for one in found]
    return plain(wish_columns([one.id for one in found], [wish.profile_id for wish in wishes], wishes))


@pytest.fixture
def ctx(settings: Settings, engine: Engine, keyring: Keyring, clock: Clock) -> Context:
    """What a verb is handed."""
    return Context(settings=settings, engine=engine, keyring=keyring, clock=clock)


@pytest.fixture
def people(ctx: Context) -> list[int]:
    """Three profiles."""
    return [register(ctx, ref) for ref in "abc"]


# What a cell may hold, and some of what older rows may.
_words = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=4)
_values = st.lists(_words | st.sampled_from(["{a,b}", '"', "\\", ",", "NULL", "N", "'"]), max_size=3, unique=True)
_wishes = st.builds(
    Wish,
    profile_id=st.just(0),
    ref=st.just(""),
    keyword=st.none() | _words | st.sampled_from(["", '"', 'a"b', "\\N", "NULL", "a\nb", "a,b"]),
    all_of=st.lists(st.sampled_from(KEYS), unique=True).map(tuple),
    **{key: _values.map(tuple) for key in KEYS},
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=25)
@given(st.lists(_wishes, max_size=6))
def test_columns_say_what_the_rows_say(ctx: Context, wishes: list[Wish]) -> None:
    with ctx.engine.connect() as conn:  # rolled back
        for number, wish in enumerate(wishes):
            conn.execute(
                text(f"""
                    with p as (insert into profile (ref, kind, updated_at) values (:ref, 'citizen', now()) returning id)
                    insert into subscription (profile_id, ref, {", ".join(KEYS)}, keyword, all_of, created_at)
                    select id, 'w', {", ".join(f":{key}" for key in KEYS)}, :keyword, :all_of, now() from p
                """),
                {name: list(value) if isinstance(value, tuple) else value for name, value in vars(wish).items()}
                | {"ref": f"p{number}"},
            )
        found = live_subscriptions(conn)
        assert [(one.wish.themes, one.wish.all_of) for one in found] == [(wish.themes, wish.all_of) for wish in wishes]
        expected = [(*row[:-1], row[-1] or None) for row in one_by_one(found)]
        assert [(*row[:-1], row[-1] or None) for row in plain(stream_wishes(conn))] == expected


def test_only_live_wishes_of_the_profiles_asked_for_are_streamed(ctx: Context, people: list[int]) -> None:
    with transaction(ctx.engine) as conn:
        save_wishes(conn, [Wish(one, ref, themes=("a",)) for one in people for ref in ("1", "2")], ctx.clock())
        store.end_subscription(conn, 1, people[0], reason="person", at=ctx.clock())
    assert erase(ctx, people[2], actor="office")
    with transaction(ctx.engine) as conn:
        assert stream_wishes(conn).ids.tolist() == [2, 3, 4]
        assert stream_wishes(conn, people[1:]).profile_ids.tolist() == [people[1]] * 2
        assert len(stream_wishes(conn, [])) == 0


def test_columns_read_in_parts_are_one(ctx: Context, people: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    with transaction(ctx.engine) as conn:
        wishes = [Wish(one, ref, themes=(ref, "b"), keyword=f"{one}{ref}") for one in people for ref in ("1", "2")]
        save_wishes(conn, wishes, ctx.clock())
        whole = plain(stream_wishes(conn))
        monkeypatch.setattr(store, "_PART", 30)
        assert plain(stream_wishes(conn)) == whole == one_by_one(live_subscriptions(conn))


def test_a_copy_of_what_is_held_tells_which_keys_ask_for_all(ctx: Context, people: list[int]) -> None:
    with transaction(ctx.engine) as conn:
        save_wishes(conn, [Wish(people[0], "w", themes=("a", "b"), all_of=("themes",))], ctx.clock())
    held = export_data(ctx, people[0])
    assert held
    assert [(one["themes"], one["all_of"]) for one in held["subscriptions"]] == [(("a", "b"), ("themes",))]
