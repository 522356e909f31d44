"""Publishing needs two people and the content that was submitted; it makes one draft campaign and sends nothing."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from pushsvc.context import Context
from pushsvc.pipeline.ingest_policies import upsert_policy
from pushsvc.pipeline.publish import PublishError, publish, submit
from tests.registering import POLICY, ask, count, issue


def draft(ctx: Context, ref: str, **values: object) -> None:
    assert upsert_policy(ctx, {"ref": ref, **POLICY, **values}) in ("new", "changed")


@pytest.mark.parametrize("reviewer", ["李萌", " 李萌 ", "李 萌"])
def test_the_author_may_not_review(ctx: Context, reviewer: str) -> None:
    draft(ctx, "a")
    with pytest.raises(PublishError) as caught:
        publish(ctx, "a", author="李萌", reviewer=reviewer)
    assert caught.value.code == "same_person"
    assert count(ctx, "campaign") == 0


def test_whoever_submitted_may_not_review_under_another_authors_name(ctx: Context) -> None:
    draft(ctx, "a")
    submit(ctx, "a", "周岚")
    with pytest.raises(PublishError, match="somebody else"):
        publish(ctx, "a", author="李萌", reviewer="周岚")


def test_an_edit_after_submission_voids_the_review(ctx: Context) -> None:
    draft(ctx, "a")
    submit(ctx, "a", "李萌")
    draft(ctx, "a", amount="20万元")
    with pytest.raises(PublishError) as caught:
        publish(ctx, "a", author="李萌", reviewer="周岚")
    assert caught.value.code == "changed"
    submit(ctx, "a", "李萌")
    assert publish(ctx, "a", author="李萌", reviewer="周岚")


def test_it_makes_one_draft_campaign_and_again_returns_the_same(ctx: Context) -> None:
    first = issue(ctx, "a")
    again = publish(ctx, "a", author="李萌", reviewer="周岚")
    assert first == again
    rows = ask(ctx, "select state, doors, author, basis from campaign")
    assert rows == [("draft", ["subscribed", "recommended"], "李萌", None)]
    assert ask(ctx, "select state, checksum = approved_checksum, reviewer from policy") == [("published", True, "周岚")]
    assert count(ctx, "delivery") == 0


def test_a_duty_opens_the_entitled_door(ctx: Context) -> None:
    issue(ctx, "a", basis="某条例第三条")
    assert ask(ctx, "select doors, basis from campaign") == [
        (["entitled", "subscribed", "recommended"], "某条例第三条")
    ]


@pytest.mark.parametrize("kind", ["consultation", "plan", "response", "gazette"])
def test_drafts_and_plans_open_only_the_subscribed_door(ctx: Context, kind: str) -> None:
    issue(ctx, "a", kind=kind, basis="某条例第三条")
    assert ask(ctx, "select doors from campaign") == [(["subscribed"],)]


def test_an_emergency_takes_the_urgent_lane(ctx: Context) -> None:
    issue(ctx, "a", kind="emergency")
    assert ask(ctx, "select lane from campaign") == [("urgent",)]


def test_an_unknown_policy_is_named(ctx: Context) -> None:
    with pytest.raises(PublishError) as caught:
        publish(ctx, "nothing", author="李萌", reviewer="周岚")
    assert caught.value.code == "unknown_policy"


def test_numbers_rise_in_the_order_in_which_policies_become_visible(ctx: Context) -> None:
    refs = [f"p{i}" for i in range(8)]
    for ref in refs:
        draft(ctx, ref)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda ref: publish(ctx, ref, author="李萌", reviewer="周岚"), refs))
    numbers = [number for (number,) in ask(ctx, "select visible_no from policy order by visible_no")]
    assert numbers == list(range(1, 9))


def test_what_happened_is_in_the_audit_log(ctx: Context) -> None:
    draft(ctx, "a")
    submit(ctx, "a", "李萌")
    publish(ctx, "a", author="李萌", reviewer="周岚")
    rows = ask(ctx, "select actor, action, object from audit order by id")
    assert rows == [("李萌", "policy.submit", "policy:a"), ("周岚", "policy.publish", "policy:a")]
