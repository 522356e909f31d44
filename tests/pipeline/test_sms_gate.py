"""No campaign begins whose SMS no vendor approved, and no slice goes where its words may not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from itertools import count
from typing import Any

import pytest
from sqlalchemy import select, update

from channels.memory import MemoryChannel
from pushsvc.context import Context
from pushsvc.pipeline import campaigns, providers
from pushsvc.pipeline import sms_templates as registry
from pushsvc.pipeline.campaigns import CampaignError
from pushsvc.pipeline.deliver import Sender, deliver_next
from pushsvc.pipeline.plan import plan
from pushsvc.pipeline.routing import Routes
from pushsvc.pipeline.sms_gate import AGAIN, barred
from pushsvc.pipeline.sms_words import SmsTemplateError
from pushsvc.store import tables
from pushsvc.store.policies import policy_by_ref
from pushsvc.store.session import transaction
from tests.clock import Clock
from tests.making import make_person, make_policy, send_to, subscribe
from tests.pipeline.test_deliver import states
from tests.pipeline.vendors import ALIYUN, GATEWAY, POLICY, TENCENT, approved, filed, with_routes, write

OWN = {"zh": {"sms": "{{ title }}，可拨12345核验{{ check }}"}}


@pytest.fixture
def vendors(ctx: Context) -> Context:
    """A context with two vendors, and slices of one message."""
    made = with_routes(ctx, aliyun=ALIYUN, tencent=TENCENT)
    return replace(made, settings=replace(made.settings, slice_size=1))


def draft(ctx: Context, **options: Any) -> int:
    """A draft for a policy to which one person subscribed."""
    with transaction(ctx.engine) as conn:
        if policy_by_ref(conn, "policy-1") is None:
            make_policy(conn, ctx)
            subscribe(conn, ctx, make_person(conn, ctx, 1, consent=("notify",)), "wish")
        policy = policy_by_ref(conn, "policy-1")
    assert policy is not None
    return campaigns.create(ctx, policy, author="李萌", **options)


def refused(act: Callable[..., object], *given: object) -> CampaignError:
    """The error of a verb that refuses."""
    with pytest.raises(CampaignError) as caught:
        act(*given)
    return caught.value


def row_of(ctx: Context, number: int) -> Any:
    """The campaign as it is stored."""
    with transaction(ctx.engine) as conn:
        return conn.execute(tables.campaign.select().where(tables.campaign.c.id == number)).mappings().one()


def run(ctx: Context, number: int, upto: str = "start") -> None:
    """Submitted, approved, started: up to a step."""
    for step, who in {"submit": "李萌", "approve": "周岚", "start": "周岚"}.items():
        getattr(campaigns, step)(ctx, number, who)
        if step == upto:
            return


def test_an_unapproved_template_keeps_a_campaign_from_review_and_the_date_is_told(vendors: Context) -> None:
    number = draft(vendors)
    assert refused(campaigns.submit, vendors, number, "李萌").code == "template_not_approved"
    which = filed(vendors, write(vendors), expected=date(2026, 7, 1))
    filed(vendors, which, "tencent")
    registry.refuse(vendors, which, "tencent", by="周岚", reason="签名未报备")
    error = refused(campaigns.submit, vendors, number, "李萌")
    assert error.sentence == (
        "The SMS template 'policy' (zh, version 1) is approved nowhere: "
        "aliyun: filed, expected by 2026-07-01; tencent: refused (签名未报备)."
    )
    assert row_of(vendors, number)["state"] == "draft"
    registry.approve(vendors, which, "aliyun", by="周岚")
    run(vendors, number)
    assert (row_of(vendors, number)["state"], row_of(vendors, number)["sms_words"]) == ("running", {"zh": 1})


@pytest.mark.parametrize("step", ["approve", "start"])
def test_what_expires_meanwhile_stops_each_later_step(vendors: Context, clock: Clock, step: str) -> None:
    approved(vendors, write(vendors), last=clock().date())
    number = draft(vendors)
    run(vendors, number, "submit" if step == "approve" else "approve")
    before = row_of(vendors, number)
    clock.forward(days=1)
    error = refused(getattr(campaigns, step), vendors, number, "周岚")
    assert (error.code, "aliyun: expired" in error.sentence) == ("template_not_approved", True)
    assert row_of(vendors, number) == before


def test_a_scheduled_campaign_is_held_too(vendors: Context, clock: Clock) -> None:
    which = approved(vendors, write(vendors))
    number = draft(vendors, starts_at=clock() + timedelta(hours=1))
    run(vendors, number, "approve")
    registry.refuse(vendors, which, "aliyun", by="周岚", reason="投诉")
    assert refused(campaigns.start, vendors, number, "周岚").code == "template_not_approved"


def test_a_campaign_says_which_template_it_uses(vendors: Context) -> None:
    approved(vendors, write(vendors))
    number = draft(vendors, sms_template="deadline")
    assert "'deadline'" in refused(campaigns.submit, vendors, number, "李萌").sentence
    approved(vendors, write(vendors, name="deadline"))
    campaigns.submit(vendors, number, "李萌")
    assert refused(lambda: draft(vendors, sms_template="No such")).code == "bad_template"


def test_the_template_of_codes_is_none_for_campaigns(vendors: Context) -> None:
    approved(vendors, write(vendors, "验证码${code}", "code", kind="code"))
    number = draft(vendors, sms_template="code")
    assert refused(campaigns.submit, vendors, number, "李萌").code == "template_not_approved"


def test_what_is_recommended_says_how_to_stop(vendors: Context) -> None:
    approved(vendors, write(vendors, "${title}，${until}。可拨12345核验${check}"))
    error = refused(campaigns.submit, vendors, draft(vendors), "李萌")
    assert (error.code, "version 1" in error.sentence) == ("no_opt_out", True)
    asked = draft(vendors, doors=["subscribed"])
    campaigns.submit(vendors, asked, "李萌")
    with pytest.raises(SmsTemplateError, match="must say how to stop"):
        write(vendors, "${count}项政策与您有关", "digest")


def test_own_words_need_a_gateway_that_takes_them(ctx: Context, vendors: Context) -> None:
    error = refused(lambda: draft(vendors, content=OWN))
    assert (error.code, "aliyun, tencent" in error.sentence) == ("own_words", True)
    mixed = with_routes(ctx, aliyun=ALIYUN, main=GATEWAY)
    number = draft(mixed, content=OWN)
    run(mixed, number, "approve")
    assert refused(campaigns.start, vendors, number, "周岚").code == "own_words"  # the gateway is gone
    assert refused(lambda: campaigns.edit(vendors, number, actor="李萌", content=OWN)).code == "own_words"


def test_a_gateway_with_a_share_takes_any_words_and_one_kept_for_the_hour_does_not(ctx: Context) -> None:
    run(mixed := with_routes(ctx, aliyun=ALIYUN, main=GATEWAY), number := draft(mixed), "submit")
    assert row_of(mixed, number)["sms_words"] == {}
    reserve = with_routes(ctx, aliyun=ALIYUN, main=GATEWAY + ";weight=0")
    assert refused(campaigns.submit, reserve, draft(reserve), "李萌").code == "template_not_approved"
    providers.weigh(mixed, "main", 0.0, by="周岚")  # as people decided since
    assert refused(campaigns.approve, mixed, number, "周岚").code == "template_not_approved"


def test_without_a_vendor_nothing_is_asked(ctx: Context) -> None:
    run(ctx, number := draft(ctx))
    assert (row_of(ctx, number)["state"], row_of(ctx, number)["sms_words"]) == ("running", {})


def test_an_approval_binds_the_version_and_a_new_one_leaves_it_alone(vendors: Context) -> None:
    approved(vendors, write(vendors))
    number = draft(vendors)
    run(vendors, number, "approve")
    filed(vendors, write(vendors, "新的文字：${title}"))
    later = draft(vendors)
    assert "version 2" in refused(campaigns.submit, vendors, later, "李萌").sentence  # what is new says the new words
    run_hash = row_of(vendors, number)["approved_hash"]
    campaigns.start(vendors, number, "周岚")
    assert row_of(vendors, number)["approved_hash"] == run_hash
    assert row_of(vendors, number)["sms_words"] == {"zh": 1}


@pytest.mark.parametrize("change", [{"sms_words": {"zh": 2}}, {"sms_template": "other"}])
def test_other_words_than_those_approved_void_the_approval(vendors: Context, change: dict[str, Any]) -> None:
    which = approved(vendors, write(vendors))
    number = draft(vendors)
    run(vendors, number, "approve")
    approved(vendors, write(vendors, "新的文字：${title}。回R停收"))
    approved(vendors, write(vendors, name="other"))
    with transaction(vendors.engine) as conn:
        conn.execute(update(tables.campaign).values(**change))
    assert refused(campaigns.start, vendors, number, "周岚").code == "approval_void"
    assert which.version == 1


def test_an_edit_lets_the_next_review_bind_anew(vendors: Context) -> None:
    approved(vendors, write(vendors))
    number = draft(vendors)
    run(vendors, number, "submit")
    campaigns.edit(vendors, number, actor="李萌", title="改过的标题")
    assert row_of(vendors, number)["sms_words"] == {}
    approved(vendors, write(vendors, "新的文字：${title}。回R停收"))
    campaigns.submit(vendors, number, "李萌")
    assert row_of(vendors, number)["sms_words"] == {"zh": 2}


@pytest.fixture
def phones(clock: Clock) -> dict[str, MemoryChannel]:
    """Both vendors, and a gateway."""
    return {name: MemoryChannel("sms", clock=clock) for name in ("aliyun", "tencent", "main")}


def worker(ctx: Context, phones: dict[str, MemoryChannel], runner: Callable[..., object]) -> Sender:
    """A worker that routes, by tokens that are the same in each run."""
    routes, tokens = Routes(ctx, ctx.settings.offers()), count()
    names = [offer.name for offer in ctx.settings.offers() if offer.channel == "sms"]
    mine = {name: phones[name] for name in names}
    pick = lambda channel, _, *rest: routes.pick(channel, next(tokens), *rest)  # noqa: E731  # as `Sender` has it
    return Sender(mine, runner, "test", pick=pick, barred=partial(barred, ctx))  # type: ignore[arg-type]


def drain(ctx: Context, sender: Sender, lane: str = "normal") -> None:
    """Whatever is due now."""
    while deliver_next(ctx, sender, lane):
        pass


def codes(ctx: Context) -> set[str | None]:
    """The codes that deliveries bear."""
    with transaction(ctx.engine) as conn:
        return set(conn.scalars(select(tables.delivery.c.code)))


def test_of_two_routes_the_one_that_approved_takes_all(
    vendors: Context, phones: dict[str, MemoryChannel], runner: Callable[..., object]
) -> None:
    filed(vendors, approved(vendors, write(vendors), "tencent"), "aliyun")
    plan(vendors, send_to(vendors, 30, sms_words={"zh": 1}).campaign_id)
    drain(vendors, worker(vendors, phones, runner))
    assert states(vendors) == {"accepted": 30}
    assert {name: len(one.sent) for name, one in phones.items()} == {"aliyun": 0, "tencent": 30, "main": 0}


def test_what_both_approved_goes_by_both(
    vendors: Context, phones: dict[str, MemoryChannel], runner: Callable[..., object]
) -> None:
    approved(vendors, approved(vendors, write(vendors)), "tencent")
    plan(vendors, send_to(vendors, 30, sms_words={"zh": 1}).campaign_id)
    drain(vendors, worker(vendors, phones, runner))
    assert len(phones["aliyun"].sent) + len(phones["tencent"].sent) == 30
    assert min(len(phones["aliyun"].sent), len(phones["tencent"].sent)) > 3


def test_what_no_route_may_carry_waits_with_its_reason_and_is_not_lost(
    vendors: Context, phones: dict[str, MemoryChannel], runner: Callable[..., object], clock: Clock
) -> None:
    which = filed(vendors, write(vendors))
    plan(vendors, send_to(vendors, 3, sms_words={"zh": 1}).campaign_id)
    sender = worker(vendors, phones, runner)
    for _ in range(10):  # however long it takes: it is no attempt
        drain(vendors, sender)
        assert (states(vendors), codes(vendors)) == ({"planned": 3}, {"template_not_approved"})
        clock.forward(seconds=AGAIN.total_seconds())
    registry.approve(vendors, which, "aliyun", by="周岚")
    drain(vendors, sender)
    assert (states(vendors), codes(vendors), len(phones["aliyun"].sent)) == ({"accepted": 3}, {None}, 3)
    with transaction(vendors.engine) as conn:
        assert set(conn.scalars(select(tables.delivery.c.attempts))) == {1}


def test_words_that_nobody_reviewed_go_by_the_gateway_alone(
    ctx: Context, phones: dict[str, MemoryChannel], runner: Callable[..., object]
) -> None:
    mixed = with_routes(ctx, aliyun=ALIYUN + "?x=1;weight=99", main=GATEWAY + ";weight=1")
    approved(mixed, write(mixed))
    plan(mixed, send_to(mixed, 2, content=OWN).campaign_id)
    drain(mixed, worker(mixed, phones, runner))
    assert {name: len(one.sent) for name, one in phones.items()} == {"aliyun": 0, "tencent": 0, "main": 2}


def test_a_route_that_approved_and_rests_is_waited_for(
    vendors: Context, phones: dict[str, MemoryChannel], runner: Callable[..., object], clock: Clock
) -> None:
    approved(vendors, write(vendors))
    plan(vendors, send_to(vendors, 2, sms_words={"zh": 1}).campaign_id)
    providers.pause(vendors, "aliyun", by="周岚", reason="维护")
    sender = worker(vendors, phones, runner)
    drain(vendors, sender)
    assert (states(vendors), codes(vendors)) == ({"planned": 2}, {None})
    providers.resume(vendors, "aliyun", by="周岚")
    clock.forward(seconds=1)
    drain(vendors, sender)
    assert states(vendors) == {"accepted": 2}


def test_the_body_that_was_bound_is_sent_however_often_it_is_written_anew(
    vendors: Context, phones: dict[str, MemoryChannel], runner: Callable[..., object]
) -> None:
    approved(vendors, write(vendors))
    approved(vendors, write(vendors, POLICY.replace("不收费", "全程免费")))
    plan(vendors, send_to(vendors, 1, sms_words={"zh": 1}).campaign_id)
    drain(vendors, worker(vendors, phones, runner))
    assert "不收费" in phones["aliyun"].sent[0].text
