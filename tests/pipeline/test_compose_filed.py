"""Composing for vendors: the approved words and no others, each variable within its limit, and nothing told."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from functools import partial

import pytest
from sqlalchemy import insert, update

from channels.base import Message
from channels.memory import MemoryChannel
from channels.text import units
from pushsvc.context import Context
from pushsvc.pipeline.deliver import Sender, deliver_next
from pushsvc.pipeline.plan import plan
from pushsvc.pipeline.routing import Routes
from pushsvc.pipeline.sms_gate import barred
from pushsvc.store import tables
from pushsvc.store.session import transaction
from tests.clock import Clock
from tests.making import make_person, send_code, send_to
from tests.pipeline.test_system import states
from tests.pipeline.vendors import ALIYUN, CODE, GATEWAY, POLICY, approved, with_routes, write

ENGLISH = "${title}: ${until}. Free; no passwords. Call 12345, quote ${check}. Reply R to stop"
ALL = "${agency}发布${title}，${until}，共${count}项，${city}，核验${check}"


@pytest.fixture
def vendor(ctx: Context) -> Context:
    """A context whose only SMS route is a vendor."""
    return with_routes(ctx, aliyun=ALIYUN)


@pytest.fixture
def phones(clock: Clock) -> dict[str, MemoryChannel]:
    """The vendor, and a gateway for those who have one."""
    return {name: MemoryChannel("sms", clock=clock) for name in ("aliyun", "main")}


@pytest.fixture
def sender(vendor: Context, phones: dict[str, MemoryChannel], runner: Callable[..., object]) -> Sender:
    """A worker of the vendor's."""
    routes = Routes(vendor, vendor.settings.offers())
    return Sender({"aliyun": phones["aliyun"]}, runner, "test", pick=routes.pick, barred=partial(barred, vendor))


def one(ctx: Context, sender: Sender, *, locale: str = "zh", **policy: object) -> Message:
    """The one SMS of a campaign that binds version 1 in both languages; `policy` changes its policy first."""
    sent = send_to(ctx, 1, sms_words={"zh": 1, "en": 1})
    with transaction(ctx.engine) as conn:
        conn.execute(update(tables.policy).values(**{"window_closes": date(2026, 6, 30)} | policy))
        conn.execute(update(tables.profile).values(locale=locale))
    plan(ctx, sent.campaign_id)
    deliver_next(ctx, sender, "normal")
    channel = sender.channels["aliyun"]
    assert isinstance(channel, MemoryChannel)
    return channel.sent[0]


def test_what_the_vendor_is_told_makes_what_arrives(vendor: Context, sender: Sender) -> None:
    approved(vendor, write(vendor))
    sms = one(vendor, sender)
    code = sms.key[:6].upper()
    assert dict(sms.meta) == {
        "sign": "江澜政策",
        "template": "SMS_policy_zh_1",
        "params": json.dumps(
            {"title": "云湾区人才安居补贴（第三批）", "until": "6月30日截止", "check": code}, ensure_ascii=False
        ),
        "order": '["title", "until", "check"]',
    }
    assert sms.text == (
        f"【江澜政策】云湾区人才安居补贴（第三批），6月30日截止。不收费、不索要密码，可拨12345核验{code}。回R停收"
    )
    assert (sms.to, sms.title) == ("13800000001", "")


def test_every_variable_has_a_value_and_keeps_to_its_limit(vendor: Context, sender: Sender) -> None:
    limits = dict.fromkeys(("agency", "title", "until", "city", "check"), 6) | {"count": 4}
    approved(vendor, write(vendor, ALL), **limits)
    params = json.loads(one(vendor, sender, title="关于👍" + "补贴" * 40).meta["params"])
    assert params | {"check": "-"} == {
        "agency": "云湾区人力…", "title": "关于👍补…", "until": "6月30日", "count": "1", "city": "江澜市", "check": "-",
    }  # fmt: skip
    assert all(0 < units(value) <= limits[name] for name, value in params.items())


@pytest.mark.parametrize(("closes", "zh"), [(None, "截止日期见公告"), (date(2026, 12, 31), "12月31日截止")])
def test_no_value_is_empty(vendor: Context, sender: Sender, closes: date | None, zh: str) -> None:
    approved(vendor, write(vendor))
    assert json.loads(one(vendor, sender, window_closes=closes).meta["params"])["until"] == zh


def test_a_date_is_said_shorter_before_it_is_cut(vendor: Context, sender: Sender) -> None:
    for locale, body in {"zh": POLICY, "en": ENGLISH}.items():
        approved(vendor, write(vendor, body, locale=locale))
    with transaction(vendor.engine) as conn:
        conn.execute(update(tables.sms_filing).values(limits={"until": 6}))
    sms = one(vendor, sender, locale="en", window_closes=date(2026, 9, 30))
    assert json.loads(sms.meta["params"])["until"] == "30 Sep"


def test_english_where_it_is_approved_and_chinese_where_not(vendor: Context, sender: Sender) -> None:
    approved(vendor, write(vendor))
    assert "不收费" in one(vendor, sender, locale="en").text


def test_english_readers_get_the_english_template(vendor: Context, sender: Sender) -> None:
    approved(vendor, write(vendor))
    approved(vendor, write(vendor, ENGLISH, locale="en"))
    sms = one(vendor, sender, locale="en")
    assert "until 30 June. Free" in sms.text
    assert sms.meta["template"] == "SMS_policy_en_1"


@pytest.mark.parametrize("locale", ["zh", "en"])
def test_a_sensitive_policy_is_neutral_and_its_office_is_not_named(
    vendor: Context, sender: Sender, locale: str
) -> None:
    approved(vendor, write(vendor, ALL))
    approved(vendor, write(vendor, "${agency}: ${title}, ${until}, ${count}, ${city}, quote ${check}", locale="en"))
    sms = one(vendor, sender, locale=locale, sensitive=True, title="戒毒康复人员补助", agency="江澜市残疾人联合会")
    neutral = ("有关部门", "您关注的一项政策有更新") if locale == "zh" else ("a public office", "A policy you follow")
    for told in (sms.text, sms.meta["params"]):
        assert not any(word in told for word in ("戒毒", "康复", "补助", "残疾", "联合会"))
        assert all(word in told for word in neutral)


def test_no_value_bears_a_link_a_second_signature_or_a_line_end(vendor: Context, sender: Sender) -> None:
    approved(vendor, write(vendor, ALL))
    sms = one(vendor, sender, title="【紧急】\n点 http://a.example 或bank-cn.com/x领取", agency="t.cn/abc")
    assert json.loads(sms.meta["params"])["title"] == "〔紧急〕 点 或领取"
    assert json.loads(sms.meta["params"])["agency"] == "有关部门"
    assert sms.text.count("【") == 1


def test_nobody_gets_the_code_of_another(vendor: Context, sender: Sender, phones: dict[str, MemoryChannel]) -> None:
    approved(vendor, write(vendor))
    plan(vendor, send_to(vendor, 20, sms_words={"zh": 1}).campaign_id)
    deliver_next(vendor, sender, "normal")
    assert len(phones["aliyun"].sent) == 20
    for sms in phones["aliyun"].sent:
        code = sms.key[:6].upper()
        assert json.loads(sms.meta["params"])["check"] == code
        assert f"核验{code}。" in sms.text


def code_to(ctx: Context) -> None:
    """A queued sign-in code to one person."""
    with transaction(ctx.engine) as conn:
        person = make_person(conn, ctx, 1)
        address = conn.execute(tables.address.select()).mappings().one()["id"]
    send_code(ctx, recipient_id=person, address_id=address, channel="sms", code="012345")


def test_a_sign_in_code_is_a_variable(vendor: Context, sender: Sender, phones: dict[str, MemoryChannel]) -> None:
    approved(vendor, write(vendor, CODE, "code", kind="code"))
    write(vendor, "新版验证码${code}", "code", kind="code")  # not approved: the old one goes on
    code_to(vendor)
    deliver_next(vendor, sender, "urgent")
    (sms,) = phones["aliyun"].sent
    assert json.loads(sms.meta["params"]) == {"code": "012345"}
    assert sms.text == "【江澜政策】您的登录验证码是012345，10分钟内有效。请勿告诉他人。"


def test_a_code_that_no_vendor_may_say_waits_and_lapses(vendor: Context, sender: Sender, clock: Clock) -> None:
    code_to(vendor)
    deliver_next(vendor, sender, "urgent")
    assert sorted(states(vendor)) == ["done", "planned", "ready"]
    clock.forward(minutes=15)
    deliver_next(vendor, sender, "urgent")
    assert states(vendor) == ["expired", "done", "done"]


def test_the_sentence_of_an_older_release_goes_by_a_gateway(
    ctx: Context, phones: dict[str, MemoryChannel], runner: Callable[..., object]
) -> None:
    mixed = with_routes(ctx, aliyun=ALIYUN, main=GATEWAY)
    approved(mixed, write(mixed, CODE, "code", kind="code"))
    code_to(mixed)
    with transaction(mixed.engine) as conn:
        old = mixed.keyring.encrypt("您的登录验证码是000001。", "run:1")
        conn.execute(update(tables.run).values(content=old))
    routes = Routes(mixed, mixed.settings.offers())
    deliver_next(mixed, Sender(phones, runner, "test", pick=routes.pick, barred=partial(barred, mixed)), "urgent")
    assert [sms.text for sms in phones["main"].sent] == ["您的登录验证码是000001。"]
    assert phones["aliyun"].sent == []


def test_a_digest_says_the_newest_that_is_approved(
    vendor: Context, sender: Sender, phones: dict[str, MemoryChannel]
) -> None:
    approved(vendor, write(vendor, "${count}项政策与您有关：${title}等，核验${check}。回R停收", "digest"))
    write(vendor, "新版：${count}项。回R停收", "digest")
    sent = send_to(vendor, 1, sms_words={"zh": 1})
    plan(vendor, sent.campaign_id)
    with transaction(vendor.engine) as conn:  # the same delivery, as a digest of that policy
        conn.execute(update(tables.run).values(kind="digest", campaign_id=None))
        conn.execute(update(tables.delivery).values(policy_id=None))
        row = {"delivery_id": 1, "policy_id": sent.policy_id, "profile_id": sent.people[0], "position": 1}
        conn.execute(insert(tables.delivery_item).values(**row, campaign_id=sent.campaign_id, door="subscribed"))
    deliver_next(vendor, sender, "normal")
    assert phones["aliyun"].sent[0].text.startswith("【江澜政策】1项政策与您有关：云湾区人才安居补贴（第三批）等，核验")
