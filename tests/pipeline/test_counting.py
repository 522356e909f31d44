"""A dry run writes nothing and needs no right to; a count answers any tree, or says where it is wrong."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import make_url

from profiles.criteria import CriteriaError
from pushsvc.context import Context, Kept
from pushsvc.pipeline.audience import audience, match, match_campaign
from pushsvc.pipeline.counting import count, lines_of_ref
from pushsvc.pipeline.ingest_policies import upsert_policy
from pushsvc.pipeline.preferences import subscribe
from pushsvc.store.session import connect
from pushsvc.store.tables import metadata
from tests.modelling import use_model
from tests.registering import OLD_ENOUGH, POLICY, issue, register
from tests.registering import count as count_rows
from tests.web.making import snapshot


@pytest.fixture
def city(ctx: Context) -> int:
    """Three doors open: over sixties, a subscriber, a model. The number of the campaign, which is for all three."""
    for ref in ("a", "b"):
        register(ctx, ref, birth_date="1950-05-01", region="990105")
    young = register(ctx, "young", birth_date="2000-01-01", region="990101")
    assert subscribe(ctx, young, {"ref": "w", "themes": "talent"}) == []
    use_model(ctx, {"region=990105": 1.0})
    return issue(ctx, "p", criteria=OLD_ENOUGH, topic="talent", basis="某条例")


@pytest.fixture
def reader(ctx: Context) -> Iterator[Context]:
    """A context whose every transaction is read-only."""
    url = make_url(ctx.engine.url).update_query_dict({"options": "-c default_transaction_read_only=on"})
    engine = connect(url.render_as_string(hide_password=False))
    yield dataclasses.replace(ctx, engine=engine, kept=Kept())
    engine.dispose()


def every_count(ctx: Context) -> dict[str, int]:
    """How many rows every table has."""
    return {name: count_rows(ctx, f'"{name}"') for name in metadata.tables}


def test_a_dry_run_changes_no_table(ctx: Context, city: int) -> None:
    before, held = every_count(ctx), snapshot(ctx)
    match(ctx, "p")
    match_campaign(ctx, city)
    count(ctx, OLD_ENOUGH)
    lines_of_ref(ctx, "p")
    assert every_count(ctx) == before
    assert snapshot(ctx) == held, "nor a row"


def test_a_dry_run_works_where_nothing_may_be_written(ctx: Context, reader: Context, city: int) -> None:
    dry = match(reader, "p")
    assert dry["selected"] == {"entitled": 2, "subscribed": 1}
    assert match_campaign(reader, city) == dry
    assert count(reader, OLD_ENOUGH)["eligible"] == 2
    assert audience(ctx, city) == dry, "the real one chooses the same"


def test_a_drafts_criteria_are_said_in_words(ctx: Context) -> None:
    upsert_policy(ctx, {"ref": "d", **POLICY, "criteria": OLD_ENOUGH})
    assert [line.words("zh") for line in lines_of_ref(ctx, "d")] == ["以下全部满足", "年龄不少于60岁(第三条)"]
    assert lines_of_ref(ctx, "nothing") == ()
    upsert_policy(ctx, {"ref": "c", **POLICY, "kind": "consultation", "criteria": OLD_ENOUGH})
    assert [line.words("en") for line in lines_of_ref(ctx, "c")] == ["matched to nobody, for subscribers only"]


@pytest.mark.parametrize(
    ("tree", "code", "place"),
    [
        ({"all": [{"fact": "age", "ge": 60}, {"fact": "hardship", "eq": True}]}, "sensitive_fact", "all[1]"),
        ({"not": {"any": [{"fact": "disability", "eq": True}]}}, "sensitive_fact", "not.any[0]"),
        ({"fact": "age", "ge": {"param": "nothing"}}, "no_value", ""),
        ({"all": [{"fact": "colour", "eq": "red"}]}, "unknown_fact", "all[0].fact"),
        ([], "wrong_type", ""),
        (None, "wrong_type", ""),
    ],
)
def test_what_cannot_be_counted_says_where(ctx: Context, tree: Any, code: str, place: str) -> None:
    with pytest.raises(CriteriaError) as caught:
        count(ctx, tree)
    assert (caught.value.code, caught.value.place) == (code, place)


def test_a_tree_too_deep_to_walk_is_refused(ctx: Context) -> None:
    tree: Any = {}
    for _ in range(5000):
        tree = {"not": tree}
    with pytest.raises(CriteriaError) as caught:
        count(ctx, tree)
    assert caught.value.code == "too_deep"


def test_a_count_tells_whom_it_is_made_of(ctx: Context, city: int) -> None:
    found = count(ctx, {"all": []})
    assert found["eligible_by"] == {
        "kind": {"citizen": 3},
        "district": {"990105": 2, "990101": 1},
        "section": {},
        "size": {},
        "stage": found["eligible_by"]["stage"],  # type: ignore[index]  # an object
        "age": {"18-34": 1, "60-79": 2},
    }
