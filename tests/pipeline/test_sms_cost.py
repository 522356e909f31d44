"""Parts and cost before sending: the words that will arrive, counted as carriers count, by route and language."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import update

from pushsvc.context import Context
from pushsvc.pipeline.deliver import Sender, deliver_next
from pushsvc.pipeline.plan import plan
from pushsvc.pipeline.sms_cost import MASK, SmsCost, as_json, sms_cost
from pushsvc.store import tables
from pushsvc.store.session import transaction
from tests.making import Sent, send_to
from tests.pipeline.conftest import MemoryChannel
from tests.pipeline.vendors import ALIYUN, GATEWAY, POLICY, TENCENT, approved, filed, with_routes, write

LONG = POLICY.replace("。不收费", "。" + "办理条件和所需材料请向发布机关咨询，" * 3 + "不收费")


def cost(ctx: Context, number: int, chosen: int = 0) -> SmsCost:
    """Of a campaign."""
    found = sms_cost(ctx, number, chosen)
    assert found is not None
    return found


def planned(ctx: Context, sent: Sent) -> None:
    """Its messages are written down; the last person reads English."""
    with transaction(ctx.engine) as conn:
        english = update(tables.profile).where(tables.profile.c.id == sent.people[-1])
        conn.execute(english.values(locale="en"))
    plan(ctx, sent.campaign_id)
    with transaction(ctx.engine) as conn:
        conn.execute(update(tables.campaign).values(planned_at=ctx.clock()))


def test_what_is_shown_is_what_arrives(ctx: Context, sender: Sender, memory: dict[str, MemoryChannel]) -> None:
    sent = send_to(ctx, 1)
    (zh, _) = cost(ctx, sent.campaign_id).ways
    plan(ctx, sent.campaign_id)
    deliver_next(ctx, sender, "normal")
    sms = memory["sms"].sent[0]
    assert zh.text.replace(MASK, sms.key[:6].upper()) == sms.text
    assert zh.units == len(sms.text)


def test_before_the_plan_it_is_the_most_that_it_can_be(ctx: Context) -> None:
    found = cost(ctx, send_to(ctx, 1).campaign_id, 1000)
    assert (found.planned, found.people) == (False, 1000)
    parts = max(way.parts for way in found.ways)
    assert (found.parts, found.yuan) == (1000 * parts, 1000 * parts * 0.05)
    assert {(way.people, way.yuan) for way in found.ways} == {(None, None)}


def test_after_the_plan_each_language_counts_its_own(ctx: Context) -> None:
    sent = send_to(ctx, 3)
    planned(ctx, sent)
    with transaction(ctx.engine) as conn:
        refuse = update(tables.delivery).where(tables.delivery.c.profile_id == sent.people[0])
        conn.execute(refuse.values(state="refused"))
    found = cost(ctx, sent.campaign_id)
    assert {way.locale: way.people for way in found.ways} == {"zh": 1, "en": 1}
    assert found.parts == sum(way.parts for way in found.ways)
    assert found.yuan == pytest.approx(sum(way.yuan or 0.0 for way in found.ways))


def test_each_route_has_its_own_words_and_the_total_is_the_dearest(ctx: Context) -> None:
    mixed = with_routes(ctx, aliyun=ALIYUN, tencent=TENCENT, main=GATEWAY)
    mixed = replace(mixed, settings=replace(mixed.settings, sms_price=0.1))
    filed(mixed, approved(mixed, write(mixed, LONG)), "tencent", title=6)
    sent = send_to(mixed, 2, sms_words={"zh": 1})
    planned(mixed, sent)
    found = cost(mixed, sent.campaign_id)
    assert [(way.locale, way.routes) for way in found.ways] == [
        ("zh", ("aliyun",)), ("zh", ("tencent",)), ("zh", ("main",)), ("en", ("aliyun",)), ("en", ("tencent",)),
        ("en", ("main",)),
    ]  # fmt: skip
    assert found.ways[3].text == found.ways[0].text  # nothing English is filed
    parts = {way.routes[0]: way.parts for way in found.ways if way.locale == "zh"}
    assert (parts["aliyun"], parts["main"]) == (2, 1)
    assert (found.parts, found.yuan) == (4, 0.4)


def test_routes_that_say_the_same_are_one_row(ctx: Context) -> None:
    both = with_routes(ctx, one=ALIYUN, two=TENCENT)
    approved(both, approved(both, write(both), "one"), "two")
    ways = cost(both, send_to(both, 1, sms_words={"zh": 1}).campaign_id).ways
    assert [way.routes for way in ways] == [("one", "two")] * 2


def test_a_draft_shows_what_its_review_would_bind(ctx: Context) -> None:
    vendor = with_routes(ctx, aliyun=ALIYUN)
    approved(vendor, write(vendor))
    filed(vendor, write(vendor, "新的文字：${title}"))
    number = send_to(vendor, 1, state="draft").campaign_id
    assert cost(vendor, number).ways[0].text.startswith("【江澜政策】新的文字：")
    with transaction(vendor.engine) as conn:
        conn.execute(update(tables.campaign).values(sms_words={"zh": 1}))
    assert "12345核验******" in cost(vendor, number).ways[0].text


def test_without_words_there_is_nothing_to_count(ctx: Context) -> None:
    vendor = with_routes(ctx, aliyun=ALIYUN)
    found = cost(vendor, send_to(vendor, 1).campaign_id, 7)
    assert (found.ways, found.parts, found.yuan) == ((), 0, 0.0)
    assert sms_cost(vendor, 99, 0) is None
    assert as_json(None) is None


def test_a_sensitive_policy_is_neutral_here_too(ctx: Context) -> None:
    number = send_to(ctx, 1).campaign_id
    with transaction(ctx.engine) as conn:
        conn.execute(update(tables.policy).values(sensitive=True))
    assert not any("补贴" in way.text for way in cost(ctx, number).ways)
