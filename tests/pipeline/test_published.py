"""What a process serves is the last good snapshot with everything on top that changed since."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import text

from profiles.snapshot.views import decoded
from pushsvc.context import Context, Kept
from pushsvc.pipeline.audience import match
from pushsvc.pipeline.ingest_policies import upsert_policy
from pushsvc.pipeline.preferences import end_subscription, give_consent, subscribe, switch_personalised
from pushsvc.pipeline.published import Holder, published
from pushsvc.pipeline.rights import erase
from pushsvc.pipeline.snapshot_files import folder_of
from pushsvc.pipeline.snapshots import Made, is_due, publish_snapshot
from pushsvc.pipeline.wishes import policy_tags
from pushsvc.store.locks import try_publishing
from pushsvc.store.policies import policy_by_ref
from pushsvc.store.session import transaction
from tests.registering import OLD_ENOUGH, POLICY, ask, count, register

OLD = {"birth_date": "1950-05-01"}


def publish(ctx: Context) -> Made:
    made = publish_snapshot(ctx)
    assert made is not None
    return made


def another(ctx: Context, var: Path | None = None) -> Context:
    """Another process, perhaps on another host."""
    settings = ctx.settings if var is None else replace(ctx.settings, var=var)
    return replace(ctx, settings=settings, kept=Kept())


def eligible(ctx: Context) -> object:
    if policy_count(ctx) == 0:
        upsert_policy(ctx, {"ref": "p", **POLICY, "criteria": OLD_ENOUGH})
    return match(ctx, "p")["eligible"]


def policy_count(ctx: Context) -> int:
    return count(ctx, "policy")


def ids(ctx: Context) -> list[int]:
    return sorted(np.concatenate([frame.ids for frame in decoded(published(ctx).snapshot)]).tolist())


def test_without_a_snapshot_the_database_itself_is_read(ctx: Context) -> None:
    assert eligible(ctx) == 0
    register(ctx, "a", **OLD)
    assert eligible(ctx) == 1
    assert published(ctx).base.version == ""


def test_a_published_snapshot_serves_and_later_changes_count_at_once(ctx: Context) -> None:
    people = [register(ctx, f"p{i}", **OLD) for i in range(9)]
    made = publish(ctx)
    assert (published(ctx).base.version, made.profiles) == (made.version, 9)
    register(ctx, "p0", birth_date="2001-01-01")
    erase(ctx, people[1], actor="person")
    register(ctx, "late", **OLD)
    assert eligible(ctx) == 8
    assert ids(ctx) == [people[0], *people[2:], people[-1] + 1]
    assert eligible(another(ctx)) == 8


def test_what_changed_often_counts_once(ctx: Context) -> None:
    register(ctx, "a", **OLD)
    publish(ctx)
    for day in range(1, 29):
        register(ctx, "a", birth_date=f"19{50 + day % 2 * 45}-05-{day:02}")
        assert eligible(ctx) == (day + 1) % 2
    assert len(ids(ctx)) == 1
    assert len(published(ctx).snapshot.segments) < 28


def test_a_wish_begun_and_ended_is_seen(ctx: Context) -> None:
    person = register(ctx, "a")
    publish(ctx)
    upsert_policy(ctx, {"ref": "p", **POLICY, "topic": "talent"})
    assert _wishing(ctx) == []
    subscribe(ctx, person, {"ref": "w", "themes": "talent"})
    assert _wishing(ctx) == [person]
    publish(ctx)
    assert _wishing(ctx) == [person]
    ((number,),) = ask(ctx, "select id from subscription")
    end_subscription(ctx, person, number)
    assert _wishing(ctx) == []


def _wishing(ctx: Context) -> list[int]:
    with transaction(ctx.engine) as conn:
        policy = policy_by_ref(conn, "p")
    assert policy is not None
    return published(ctx).wishes.matching(policy_tags(policy)).profile_ids.tolist()


def test_who_switches_recommendations_off_is_marked_at_once(ctx: Context) -> None:
    person = register(ctx, "a", **OLD)
    publish(ctx)
    switch_personalised(ctx, person, False)
    living = [one for one in published(ctx).snapshot.segments if one.dead is None]
    assert [one.personalised.tolist() for one in living] == [[False]]


def test_a_later_day_has_its_own_stages(ctx: Context) -> None:
    register(ctx, "a", birth_date="1966-06-25")
    publish(ctx)
    later = replace(ctx, clock=lambda: ctx.clock().replace(day=26))
    assert "养老" not in stages(ctx)
    assert "养老" in stages(later)


def stages(ctx: Context) -> tuple[str, ...]:
    """Of the one person there is, wherever the row stands: beside the columns while another transaction lasts."""
    (mine,) = [frame.stages.words(0) for frame in decoded(published(ctx).snapshot) if len(frame)]
    return mine


def test_another_host_fetches_the_same_version(ctx: Context, tmp_path: Path) -> None:
    register(ctx, "a", **OLD)
    made = publish(ctx)
    elsewhere = another(ctx, tmp_path / "elsewhere")
    assert eligible(elsewhere) == 1
    assert published(elsewhere).base.version == made.version
    assert (folder_of(elsewhere) / made.version / "manifest.json").is_file()


@pytest.mark.parametrize("damage", ["cut", "flip", "lost", "shard", "manifest"])
def test_a_damaged_copy_is_fetched_anew(ctx: Context, damage: str) -> None:
    register(ctx, "a", **OLD)
    made = publish(ctx)
    _damage(made.path, damage)
    assert eligible(another(ctx)) == 1
    assert published(another(ctx)).base.version == made.version


@pytest.mark.parametrize("damage", ["cut", "flip", "lost", "shard", "manifest"])
def test_a_snapshot_damaged_where_it_is_stored_is_refused_and_the_last_good_one_serves(
    ctx: Context, damage: str
) -> None:
    register(ctx, "a", **OLD)
    good = publish(ctx)
    register(ctx, "b", **OLD)
    bad = publish(ctx)
    _damage(bad.path, damage)
    ask(ctx, "update snapshot_part set content = substr(content, 2) where version = :bad returning 1", bad=bad.version)
    fresh = another(ctx)
    assert eligible(fresh) == 2
    assert published(fresh).base.version == good.version
    assert list(fresh.kept.of(Holder).refused) == [bad.version]


def test_where_none_is_good_the_database_serves(ctx: Context) -> None:
    register(ctx, "a", **OLD)
    made = publish(ctx)
    ask(ctx, "delete from snapshot_part returning 1")
    _damage(made.path, "cut")
    fresh = another(ctx)
    assert (eligible(fresh), published(fresh).base.version) == (1, "")


def test_a_process_that_serves_goes_on_with_what_it_has(ctx: Context) -> None:
    register(ctx, "a", **OLD)
    first = publish(ctx)
    assert published(ctx).base.version == first.version
    second = publish(ctx)
    _damage(second.path, "flip")
    ask(ctx, "delete from snapshot_part where version = :version returning 1", version=second.version)
    register(ctx, "b", **OLD)
    assert eligible(ctx) == 2
    assert published(ctx).base.version == first.version


def test_a_new_version_takes_the_place_of_the_old(ctx: Context) -> None:
    register(ctx, "a", **OLD)
    publish(ctx)
    register(ctx, "b", **OLD)
    assert eligible(ctx) == 2
    second = publish(ctx)
    assert (published(ctx).base.version, second.profiles, eligible(ctx)) == (second.version, 2, 2)


def test_changes_forgotten_meanwhile_are_no_reason_to_miss_them(ctx: Context) -> None:
    register(ctx, "a", **OLD)
    assert eligible(ctx) == 1
    register(ctx, "b", **OLD)
    for _ in range(3):
        publish(ctx)  # each forgets what the kept ones have in them
    behind = ctx.kept.of(Holder)
    assert behind.now is not None
    ask(ctx, "update snapshot set state = 'refused' returning 1")
    assert eligible(ctx) == 2


def test_only_one_makes_a_snapshot_at_a_time(ctx: Context) -> None:
    with transaction(ctx.engine) as conn:
        assert try_publishing(conn)
        assert publish_snapshot(ctx) is None
    assert publish_snapshot(ctx) is not None


def test_two_snapshots_are_kept(ctx: Context) -> None:
    made = [publish(ctx).version for _ in range(4)]
    assert [row[0] for row in ask(ctx, "select version from snapshot order by id")] == made[-2:]


def test_one_is_due_where_a_city_is_large_the_day_is_new_or_much_has_changed(
    ctx: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    for i in range(4):
        register(ctx, f"p{i}")
    assert not is_due(ctx)
    monkeypatch.setattr("pushsvc.pipeline.snapshots.FEW", 3)
    assert is_due(ctx)
    publish(ctx)
    monkeypatch.setattr("pushsvc.pipeline.snapshots.FEW", 1000)  # others' transactions may keep some in the backlog
    assert not is_due(ctx)
    assert is_due(replace(ctx, clock=lambda: ctx.clock().replace(day=26)))
    with transaction(ctx.engine) as conn:
        conn.execute(
            text("insert into profile_change (profile_ids) select array_agg(g) from generate_series(1, 2000) g")
        )
    assert is_due(ctx)


def test_shared_addresses_follow_who_moves_in_and_out(ctx: Context) -> None:
    register(ctx, "a", phone="13800000001")
    register(ctx, "b", phone="13800000002")
    publish(ctx)
    assert _sharing(ctx) == 0
    register(ctx, "b", phone="13800000001")
    assert _sharing(ctx) == 2


def _sharing(ctx: Context) -> int:
    living = [one for one in published(ctx).snapshot.segments if one.dead is None or not one.dead.all()]
    return sum(len(one.shared.rows) for one in living if one.shared is not None)


def test_consent_to_sensitive_facts_is_seen_at_once(ctx: Context) -> None:
    person = register(ctx, "a", hardship="yes")
    publish(ctx)
    upsert_policy(ctx, {"ref": "p", **POLICY, "criteria": {"all": [{"fact": "hardship", "eq": True}]}})
    assert match(ctx, "p")["eligible"] == 0
    give_consent(ctx, person, "sensitive")
    assert match(ctx, "p")["eligible"] == 1


def _damage(folder: Path, how: str) -> None:
    target = next(folder.glob("segment-*/ids.npy"))
    if how == "lost":
        target.unlink()
    elif how == "shard":
        for one in folder.glob(f"{target.parent.name.rsplit('-', 1)[0]}-*/*"):
            one.unlink()
    elif how == "cut":
        target.write_bytes(target.read_bytes()[:-1])
    elif how == "flip":
        content = bytearray(target.read_bytes())
        content[-1] ^= 1
        target.write_bytes(bytes(content))
    else:
        manifest = folder / "manifest.json"
        manifest.write_bytes(manifest.read_bytes().replace(b'"shards": 4', b'"shards": 5'))


def test_programs_of_two_vocabularies_do_not_publish_in_turns(ctx: Context) -> None:
    register(ctx, "a")
    publish(ctx)
    ask(ctx, "update snapshot set vocabulary = 'another' returning 1")
    assert is_due(ctx)
    publish(ctx)
    ask(ctx, "update snapshot set id = id + 10 where vocabulary = 'another' returning 1")  # the other published last
    assert not is_due(ctx)
