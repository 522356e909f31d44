"""Rows L3 and L6: tags are the person's to see, pick and delete; what is sensitive becomes none, whatever is read."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import insert

from pushsvc.context import Context
from pushsvc.pipeline.audience import audience
from pushsvc.pipeline.feed import feed, read_feed
from pushsvc.pipeline.ingest_profiles import upsert_profile
from pushsvc.pipeline.learn import load_material
from pushsvc.pipeline.preferences import give_consent
from pushsvc.pipeline.tags import delete_tag, dictionary, pick_tag, pickable
from pushsvc.store import tables
from pushsvc.store.interactions import positive_interactions
from pushsvc.store.readings import readings
from pushsvc.store.session import transaction
from recommenders.columns import is_sensitive
from tests.clock import Clock
from tests.modelling import use_model
from tests.registering import ask, issue, register
from tests.web.browser import Browser
from tests.web.making import api_key

HARD = {"all": [{"fact": "hardship", "eq": True}]}
UNKNOWN = {"fact": "owns_home", "eq": False}
SENSITIVE = [
    {"sensitive": True},
    {"criteria": HARD},
    {"tags": "助残|补贴"},
    {"themes": "社会救助"},
    {"title": "低保家庭补贴"},
]


def read(ctx: Context, person: int, policy: int) -> None:
    """Open, save and apply for a policy."""
    with transaction(ctx.engine) as conn:
        for kind in ("opened", "clicked", "saved", "applied"):
            row = {"profile_id": person, "policy_id": policy, "kind": kind, "at": ctx.clock()}
            conn.execute(insert(tables.feedback).values(row))


def counted(ctx: Context, person: int) -> list[list[int]]:
    """The policies by which the person is learnt from and scored."""
    every = [row[0] for row in ask(ctx, "select id from policy")]
    with transaction(ctx.engine) as conn:
        learnt, scored = positive_interactions(conn), readings(conn, every)
    return [one.policy_ids[one.profile_ids == person].tolist() for one in (learnt, scored)]


def test_L03_reading_of_a_deleted_tag_counts_no_more_and_newer_reading_does(ctx: Context, clock: Clock) -> None:
    """算法推荐管理规定 17: deleting a tag means it: old behaviour does not bring it back by way of the model."""
    person, other = (register(ctx, ref, interests="租房") for ref in "ab")
    issue(ctx, "tagged", tags="租房")
    issue(ctx, "themed", themes="租房")
    issue(ctx, "plain", tags="托育")
    for policy in (1, 2, 3):
        read(ctx, person, policy)
        read(ctx, other, policy)
    clock.forward(days=1)
    delete_tag(ctx, person, "租房")
    assert counted(ctx, person) == [[3], [3]]
    assert counted(ctx, other) == [[1, 2, 3]] * 2
    material = load_material(ctx)
    assert material.interactions.policy_ids[material.interactions.profile_ids == person].tolist() == [3]
    clock.forward(days=1)
    read(ctx, person, 2)
    assert counted(ctx, person) == [[2, 3]] * 2
    pick_tag(ctx, person, "租房")
    assert counted(ctx, person) == [[1, 2, 3]] * 2


def test_L03_a_tag_is_named_and_once_deleted_counts_no_more_and_is_not_imported_again(ctx: Context) -> None:
    """算法推荐管理规定 17, 网络数据安全管理条例 42: people may choose and delete the tags that describe them."""
    use_model(ctx, {"interest=租房": 5.0, "interest=托育": 1.0})
    person, other = register(ctx, "a", interests="租房|托育"), register(ctx, "b", interests="托育")
    issue(ctx, "home", criteria=UNKNOWN)
    assert "租房" in feed(ctx, person)[0].reason
    assert delete_tag(ctx, person, "租房")
    assert "租房" not in feed(ctx, person)[0].reason
    register(ctx, "a", interests="租房|托育", region="990105")
    assert ask(ctx, "select interests from profile where id = :id", id=person) == [(["托育"],)]
    audience(ctx, issue(ctx, "all", criteria={"all": []}))
    scores = ask(ctx, "select profile_id, score, why->'terms' from selection order by 1")
    assert [number for number, _, _ in scores] == [person, other]
    assert scores[0][1] == scores[1][1]
    assert "租房" not in str(scores)


def test_L03_over_http_a_tag_is_deleted_from_its_card_and_no_program_brings_it_back(app: Flask, ctx: Context) -> None:
    """算法推荐管理规定 17, 网络数据安全管理条例 42: named where it was used, deleted there, gone for good."""
    use_model(ctx, {"interest=租房": 5.0})
    person = register(ctx, "a", interests="租房")
    register(ctx, "b")
    issue(ctx, "p", criteria=UNKNOWN, tags="租房")
    me = Browser(app).sign_in(person=person)
    assert "根据标签租房推荐，可删除" in me.open("/m/")
    me.open("/m/tags/delete?tag=租房&next=/m/")
    assert "根据标签" not in me.send("/m/tags/delete")
    key = api_key(ctx, "profiles:write", "read")
    for body in ({"kind": "citizen", "interests": ["租房", "托育"]}, {"kind": "citizen", "interests": ["租房"]}):
        assert me.client.put("/api/v1/profiles/a", json=body, headers=key).status_code == 200
        assert "租房" not in str(me.client.get("/api/v1/profiles/a", headers=key).get_json())
        assert "根据标签租房" not in me.open("/m/")
    me.open("/m/tags")
    me.send("/m/tags/add", {"tag": "租房"})
    assert "根据标签租房推荐，可删除" in me.open("/m/")


@pytest.mark.parametrize("consents", ["", "notify:any|recommend:any|sensitive:any"], ids=["without", "with"])
@pytest.mark.parametrize("told", SENSITIVE, ids=lambda told: next(iter(told)))
def test_L06_whoever_reads_what_is_sensitive_leaves_no_trace_that_speaks(
    ctx: Context, told: dict[str, Any], consents: str
) -> None:
    """算法推荐管理规定 10, 个人信息保护法 28: not learnt from, not scored by, no tag, no other order."""
    use_model(ctx, {"interest=租房": 1.0, "region=990105": 1.0})
    person = register(ctx, "a", interests="租房", region="990105", **({"consents": consents} if consents else {}))
    if consents:
        give_consent(ctx, person, "sensitive")
    issue(ctx, "need", **told)
    for ref in ("p", "q"):
        issue(ctx, ref, criteria=UNKNOWN)
    read(ctx, person, 2)

    def visible() -> str:
        material = load_material(ctx)
        given = [material.interactions.profile_ids, material.interactions.policy_ids, material.interactions.weights]
        policies = [one.id for one in material.policies]
        tags = ask(ctx, "select id, interests, stages from profile order by 1")
        return repr([[a.tolist() for a in given], policies, material.frame.ids.tolist(), tags, read_feed(ctx, person)])

    before = visible()
    read(ctx, person, 1)
    assert visible() == before
    assert counted(ctx, person) == [[2], [2]]


def test_L06_the_dictionary_is_an_allow_list_without_anything_sensitive(ctx: Context) -> None:
    """算法推荐管理规定 10: tags are managed: only those of policies in force, and none that names what is sensitive."""
    person = register(ctx, "a")
    issue(ctx, "plain", tags="租房|病虫害", themes="住房保障")
    issue(ctx, "need", tags="助残|轮椅", themes="社会救助")
    issue(ctx, "asked", tags="家访", criteria=HARD)
    with transaction(ctx.engine) as conn:
        words = list(dictionary(conn, ctx))
    assert [word for word in words if is_sensitive(word)] == []
    assert not {"轮椅", "家访", "助残"} & set(words)
    assert set(words) == {word for group in pickable(ctx, person).values() for word in group}
    refused = upsert_profile(ctx, {"ref": "a", "kind": "citizen", "interests": "低保"})
    assert isinstance(refused, list)
    assert refused[0].code == "sensitive_tag"
