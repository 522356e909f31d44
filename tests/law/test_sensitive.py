"""Rows L6 to L8: what is sensitive, and who is young."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sqlalchemy import insert, update

from channels.memory import MemoryChannel
from profiles.lifecycle import derive
from pushsvc.context import Context
from pushsvc.pipeline.audience import match
from pushsvc.pipeline.deliver import Sender
from pushsvc.pipeline.feed import feed
from pushsvc.pipeline.ingest_profiles import upsert_profile
from pushsvc.pipeline.learn import load_material
from pushsvc.pipeline.preferences import give_consent, withdraw_consent
from pushsvc.store import tables
from pushsvc.store.frames import load_frame
from pushsvc.store.interactions import positive_interactions
from pushsvc.store.session import transaction
from recommenders.columns import is_sensitive
from recommenders.features import profile_vocabulary
from recommenders.subscribed import wish_tokens
from tests.law.sending import CONSENTS, PHONE, fates, run, suggest
from tests.modelling import use_model
from tests.registering import ask, issue, register

Memory = dict[str, MemoryChannel]
HARD = {"all": [{"fact": "hardship", "eq": True}]}


def test_L06_no_feature_and_no_interest_of_the_model_names_what_is_sensitive(ctx: Context) -> None:
    """算法推荐管理规定 10, 个人信息保护法 28: tags are managed; hardship, disability and illness never become one."""
    refused = upsert_profile(ctx, {"ref": "a", "kind": "citizen", "interests": "租房|低保"})
    assert isinstance(refused, list)
    assert refused[0].code == "sensitive_tag"
    person = register(ctx, "a", hardship="yes", disability="yes", consents=CONSENTS)
    ids, keys = np.array([person]), ctx.keyring
    with transaction(ctx.engine) as conn:  # even if such a tag had come in by another way
        held = ["租房", "低保", "残疾人就业", "慢性病"]
        conn.execute(update(tables.profile).values(interests=held))
        frame = load_frame(conn, profile_ids=ids, keyring=keys, sensitive=("hardship", "disability"))
    assert {"hardship", "disability"} <= frame.columns.keys()
    vocabulary = profile_vocabulary(derive(frame, ctx.clock().date()))
    assert "interest=租房" in vocabulary.levels
    assert [token for token in vocabulary.levels if is_sensitive(token)] == []
    use_model(ctx, {"interest=低保": 9.0, "hardship=1": 9.0, "interest=租房": 1.0})
    issue(ctx, "p", criteria={"fact": "owns_home", "eq": False})
    assert "低保" not in feed(ctx, person)[0].reason


@pytest.mark.parametrize("word", ["宗教", "艾滋", "精神障碍", "癌症筛查", "HIV", "戒毒康复", "社区矫正", "低保"])
def test_L06_belief_health_and_a_persons_past_become_no_feature_by_a_wish_or_by_reading(
    ctx: Context, word: str
) -> None:
    """算法推荐管理规定 10, 个人信息保护法 28: a subscription is honoured in messages, and is no trait to rank by."""
    person = register(ctx, "a")
    issue(ctx, "p", title=f"{word}服务办法")
    with transaction(ctx.engine) as conn:
        conn.execute(insert(tables.feedback).values(profile_id=person, policy_id=1, kind="saved", at=ctx.clock()))
        assert len(positive_interactions(conn).policy_ids) == 0
    assert wish_tokens((word,), (), f"{word} | 讲座") == ("wish=讲座",)


@pytest.mark.parametrize("told", [{"sensitive": True}, {"criteria": HARD}])
def test_L06_nothing_is_learnt_from_reading_what_is_sensitive(ctx: Context, told: dict[str, Any]) -> None:
    """算法推荐管理规定 10, 个人信息保护法 28: who opens a policy for people in need is not taken for one."""
    person = register(ctx, "a")
    issue(ctx, "plain")
    issue(ctx, "need", **told)
    with transaction(ctx.engine) as conn:
        for policy in (1, 2):
            row = {"profile_id": person, "policy_id": policy, "kind": "applied", "at": ctx.clock()}
            conn.execute(insert(tables.feedback).values(row))
    assert load_material(ctx).interactions.policy_ids.tolist() == [1]


def test_L07_a_sensitive_fact_is_unknown_without_its_own_consent_and_again_after_withdrawal(ctx: Context) -> None:
    """个人信息保护法 28 to 30: a separate consent; without it the answer is unknown, which is neither yes nor no."""
    person = register(ctx, "a", hardship="yes", consents="notify:any|recommend:any")
    issue(ctx, "p", criteria=HARD)

    def answer() -> list[object]:
        return [match(ctx, "p")[name] for name in ("eligible", "unknown", "no")]

    assert answer() == [0, 1, 0]
    give_consent(ctx, person, "sensitive")
    assert answer() == [1, 0, 0]
    withdraw_consent(ctx, person, "sensitive")
    assert answer() == [0, 1, 0]
    ((stored,),) = ask(ctx, "select value from sensitive_fact")
    assert bytes(stored) not in (b"1", b"yes", b"true")
    assert len(stored) > 16


def test_L08_a_minor_is_recommended_nothing_and_the_list_knows_no_model(
    ctx: Context, sender: Sender, memory: Memory
) -> None:
    """未成年人网络保护条例 24 and our own choice beyond it: for minors nothing is chosen by their traits."""
    youth = register(ctx, "a", birth_date="2010-01-01", region="990105", phone=PHONE, consents=CONSENTS)
    use_model(ctx, {"region=990105": 3.0})
    issue(ctx, "first", criteria={"all": []})
    issue(ctx, "second", criteria={"fact": "owns_home", "eq": False})
    suggest(ctx, youth, "p")
    run(ctx, sender)
    assert fates(ctx) == [("refused", "minor")]
    items = feed(ctx, youth)
    assert [item.policy.ref for item in items if item.policy.ref != "p"] == ["second", "first"]
    assert items[-2].reason == ""


def test_L08_below_fourteen_nothing_is_sent_without_the_guardians_consent(
    ctx: Context, sender: Sender, memory: Memory
) -> None:
    """个人信息保护法 31: data of a child under 14 is processed with a parent's or guardian's consent only."""
    child = register(ctx, "a", birth_date="2015-01-01", phone=PHONE, consents=CONSENTS)
    suggest(ctx, child, "asked", door="subscribed")
    run(ctx, sender)
    assert fates(ctx) == [("refused", "no_guardian_consent")]
    give_consent(ctx, child, "guardian")
    suggest(ctx, child, "again", door="subscribed")
    run(ctx, sender)
    assert len(memory["sms"].sent) == 1


def test_L08_an_adult_is_not_taken_for_a_child(ctx: Context, sender: Sender, memory: Memory) -> None:
    """个人信息保护法 31: the rule is for the young; who is surely grown up, or of unknown age, needs no guardian."""
    suggest(ctx, register(ctx, "a", birth_date="1950-01-01", phone=PHONE, consents=CONSENTS), "p", door="subscribed")
    unknown = register(ctx, "b", phone="13800130218", consents=CONSENTS)
    suggest(ctx, unknown, "q", door="subscribed")
    run(ctx, sender)
    assert len(memory["sms"].sent) == 2
