"""My tags: where each came from, which may be picked, and that a deleted one does not come back by any door."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from profiles.list_cells import MOST
from pushsvc.context import Context
from pushsvc.pipeline.ingest_profiles import import_profiles
from pushsvc.pipeline.rights import erase, export_data
from pushsvc.pipeline.tags import (
    MyTag,
    TagError,
    delete_tag,
    deleted_tags,
    dictionary,
    my_tags,
    pick_tag,
    pickable,
    restore_tag,
    tags_named,
)
from pushsvc.store.session import transaction
from tests.clock import Clock
from tests.registering import ask, csv_file, issue, register


def held(ctx: Context, person: int) -> list[str]:
    return [one.name for one in my_tags(ctx, person)]


def test_each_tag_tells_the_register_that_named_it_or_that_the_person_picked_it(ctx: Context) -> None:
    person = register(ctx, "a", interests="租房", source="民政登记", as_of="2026-03-01")
    issue(ctx, "p", tags="托育")
    assert pick_tag(ctx, person, "托育")
    assert my_tags(ctx, person) == [MyTag("租房", "民政登记", date(2026, 3, 1)), MyTag("托育", "", None)]
    assert my_tags(ctx, 999) == []


def test_only_what_policies_in_force_bear_may_be_picked(ctx: Context) -> None:
    person = register(ctx, "a", interests="租房")
    issue(ctx, "p", tags="租房|托育", themes="就业创业", topic="family")
    issue(ctx, "over", tags="过期", valid_to="2026-06-23")
    issue(ctx, "hard", tags="场租", sensitive=True)
    issue(ctx, "named", tags="低保|救济")
    assert pickable(ctx, person) == {"family": ["就业创业", "托育"]}
    for word, code in {
        "过期": "unknown_tag",
        "场租": "unknown_tag",
        "救济": "unknown_tag",
        "x" * 41: "unknown_tag",
        "": "unknown_tag",
        "租房|托育": "unknown_tag",
        "残疾人": "sensitive_tag",
        "困难职工": "sensitive_tag",
    }.items():
        with pytest.raises(TagError) as refused:
            pick_tag(ctx, person, word)
        assert refused.value.code == code, word
    with pytest.raises(TagError) as nobody:
        pick_tag(ctx, 999, "托育")
    assert nobody.value.code == "unknown_profile"
    assert held(ctx, person) == ["租房"]


def test_the_dictionary_follows_the_policies_and_the_day(ctx: Context, clock: Clock) -> None:
    issue(ctx, "p", tags="租房", valid_to="2026-06-24")
    with transaction(ctx.engine) as conn:
        assert dict(dictionary(conn, ctx)) == {"租房": "city"}
    issue(ctx, "q", tags="托育")
    with transaction(ctx.engine) as conn:
        assert set(dictionary(conn, ctx)) == {"租房", "托育"}
    clock.forward(days=1)
    with transaction(ctx.engine) as conn:
        assert set(dictionary(conn, ctx)) == {"托育"}


def test_nobody_holds_more_tags_than_a_register_may_name(ctx: Context) -> None:
    person = register(ctx, "a", interests="|".join(f"t{n}" for n in range(MOST)))
    issue(ctx, "p", tags="t1|托育")
    assert not pick_tag(ctx, person, "t1")
    with pytest.raises(TagError) as refused:
        pick_tag(ctx, person, "托育")
    assert refused.value.code == "too_many"


def test_a_deleted_tag_comes_back_through_no_register(ctx: Context, tmp_path: Path) -> None:
    person = register(ctx, "a", interests="租房|托育", source="民政登记", as_of="2026-03-01")
    assert delete_tag(ctx, person, "租房")
    assert not delete_tag(ctx, person, "租房")
    register(ctx, "a", interests="托育", as_of="2026-04-01")  # the register forgets it …
    register(ctx, "a", interests="托育|租房", as_of="2026-05-01")  # … and names it anew
    assert held(ctx, person) == ["托育"]
    rows = [{"ref": "a", "kind": "citizen", "interests": "租房|创业", "source": "人社", "as_of": "2026-06-01"}]
    assert import_profiles(ctx, csv_file(tmp_path / "p.csv", rows)).errors == ()
    assert held(ctx, person) == ["创业"]
    assert [one.tag for one in deleted_tags(ctx, person)] == ["租房"]


def test_the_person_alone_takes_a_deletion_back(ctx: Context) -> None:
    person = register(ctx, "a", interests="租房|托育")
    issue(ctx, "p", tags="租房")
    for back in (restore_tag, pick_tag):
        assert delete_tag(ctx, person, "租房")
        assert held(ctx, person) == ["托育"]
        assert back(ctx, person, "租房")
        assert held(ctx, person) == ["托育", "租房"]
        assert deleted_tags(ctx, person) == []
    register(ctx, "a", interests="租房|托育", region="990105")
    assert held(ctx, person) == ["托育", "租房"]


@pytest.mark.parametrize("word", ["租房", "托育", "残疾"])
def test_undoing_brings_back_nothing_that_was_not_deleted(ctx: Context, word: str) -> None:
    person = register(ctx, "a", interests="租房")
    assert not restore_tag(ctx, person, word)
    assert held(ctx, person) == ["租房"]


def test_a_deletion_is_undone_for_every_tag_that_a_register_may_name_and_for_no_other(ctx: Context) -> None:
    person = register(ctx, "a", interests="慢病管理")  # no score uses it and nobody can pick it; here it may stand
    ask(ctx, "update profile set interests = interests || '{低保}' returning 1")
    for word, back in {"慢病管理": True, "低保": False}.items():
        assert delete_tag(ctx, person, word)
        assert restore_tag(ctx, person, word) is back
    assert held(ctx, person) == ["慢病管理"]


def test_who_is_erased_while_they_undo_a_deletion_stays_without_tags(ctx: Context) -> None:
    person = register(ctx, "a", interests="租房")
    delete_tag(ctx, person, "租房")

    def meanwhile() -> datetime:
        erase(ctx, person, actor="self")
        return ctx.clock()

    assert not restore_tag(replace(ctx, clock=meanwhile), person, "租房")
    assert ask(ctx, "select interests from profile") == [([],)]


def test_an_import_that_met_the_tag_before_it_was_deleted_does_not_write_it_back(ctx: Context) -> None:
    person = register(ctx, "a", interests="租房")
    with transaction(ctx.engine) as conn:  # has read what is held …
        stale = conn.execute(text("select interests from profile where id = :id"), {"id": person}).scalar_one()
        delete_tag(ctx, person, "租房")  # … while another connection deletes
        conn.execute(
            text("update profile set interests = :tags where id = :id"), {"tags": [*stale, "新"], "id": person}
        )
    assert held(ctx, person) == ["新"]


def test_deletions_are_in_the_copy_and_go_with_the_person(ctx: Context) -> None:
    person = register(ctx, "a", interests="租房|托育")
    delete_tag(ctx, person, "租房")
    delete_tag(ctx, person, "托育")
    restore_tag(ctx, person, "托育")
    copy = export_data(ctx, person)
    assert copy is not None
    assert [(one["tag"], one["undone_at"]) for one in copy["deleted_tags"]] == [("租房", None), ("托育", ctx.clock())]
    erase(ctx, person, actor="person")
    assert ask(ctx, "select count(*) from refused_tag") == [(0,)]


def test_of_what_spoke_for_a_policy_only_interests_are_tags() -> None:
    assert tags_named([("interest=租房", 2.0), ("region=990105", 1.0), ("interest=a=b", 0.5)]) == ("租房", "a=b")
