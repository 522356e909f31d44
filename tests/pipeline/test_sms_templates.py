"""The registry: what a template may say, what may follow which state, and that a mistake changes nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from channels.text import units
from pushsvc.context import Context
from pushsvc.pipeline import sms_templates as registry
from pushsvc.pipeline.sms_templates import Form, Which
from pushsvc.pipeline.sms_words import (
    LEAST,
    LONGEST,
    USUAL,
    VARIABLES,
    SmsTemplateError,
    check_body,
    check_filing,
    fill,
    longest,
    most_parts,
)
from pushsvc.store import tables
from pushsvc.store.audit import recent
from pushsvc.store.session import transaction
from pushsvc.store.sms_templates import FILING, Filing, Template
from tests.clock import Clock
from tests.pipeline.vendors import ALIYUN, POLICY, TENCENT, approved, filed, with_routes, write

STATES = tuple(FILING)


@pytest.fixture
def vendors(ctx: Context) -> Context:
    """A context with two vendors."""
    return with_routes(ctx, aliyun=ALIYUN, tencent=TENCENT)


def held(ctx: Context) -> tuple[int, int, list[str]]:
    """How many templates and audit entries there are, and the states of the filings."""
    with transaction(ctx.engine) as conn:
        counts = [conn.scalar(select(func.count()).select_from(one)) for one in (tables.sms_template, tables.audit)]
        return counts[0], counts[1], list(conn.scalars(select(tables.sms_filing.c.state)))  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("code", "body", "kind"),
    [
        ("empty_body", " ", "notice"),
        ("control_character", "一行\n又一行", "notice"),
        ("control_character", "制表\t符", "notice"),
        ("control_character", "半个\ud800字", "notice"),
        ("brackets_in_body", "【江澜】${title}更新", "notice"),
        ("broken_variable", "您的${title有更新", "notice"),
        ("broken_variable", "您的{1}有更新", "notice"),
        ("broken_variable", "花费$5，${title}", "notice"),
        ("unknown_variable", "您的${policy}有更新", "notice"),
        ("unknown_variable", "您的${}有更新", "notice"),
        ("variable_twice", "${title}更新，${title}", "notice"),
        ("variables_touch", "更新：${title}${until}", "notice"),
        ("variable_at_link", "请看 t.cn/${check}", "notice"),
        ("variable_at_link", "请看www.${city}.cn", "notice"),
        ("variable_at_link", "请看${city}.cn", "notice"),
        ("link_in_body", "${title}，请看https://a.example/x", "notice"),
        ("link_in_body", "${title}，请看 jianglan.gov.cn 。", "notice"),
        ("only_variables", "${title}", "notice"),
        ("wrong_variable", "验证码${code}", "notice"),
        ("wrong_variable", "验证码${code}，${title}", "code"),
        ("code_missing", "验证码", "code"),
        ("opt_out_missing", "${title}更新，回复停收", "marketing"),
        ("too_long", "字" * 487, "notice"),
        ("too_long", "字" * 452 + "${title}", "notice"),
        ("unknown_kind", "更新", "advert"),
    ],
)
def test_a_body_that_vendors_refuse_is_refused_here(vendors: Context, code: str, body: str, kind: str) -> None:
    with pytest.raises(SmsTemplateError) as caught:
        registry.add(vendors, "policy", body, locale="zh", kind=kind, by="李萌")
    assert (caught.value.code, caught.value.place) == (code, "kind" if code == "unknown_kind" else "body")
    assert caught.value.sentence.endswith(".")
    assert held(vendors) == (0, 0, [])


@pytest.mark.parametrize("words", ["拒收请回复R", "回R停收"])
def test_what_vendors_take_is_taken(words: str) -> None:
    check_body(POLICY, kind="notice", locale="zh")
    check_body("${title}，${until}。" + words, kind="marketing", locale="zh")
    check_body("验证码${code}，10分钟内有效", kind="code", locale="zh")
    check_body("字" * 486, kind="notice", locale="zh")


@pytest.mark.parametrize(
    ("code", "place", "form"),
    [
        ("bad_code", "code", {"code": "SMS 1"}),
        ("bad_code", "code", {"code": ""}),
        ("bad_code", "code", {"code": "x" * 65}),
        ("bad_signature", "signature", {"signature": "江"}),
        ("bad_signature", "signature", {"signature": "江澜" * 6 + "市"}),
        ("bad_signature", "signature", {"signature": "【江澜】"}),
        ("bad_signature", "signature", {"signature": "江 澜"}),
        ("unknown_variable", "limits.agency", {"limits": {"agency": 10}}),
        ("bad_limit", "limits.title", {"limits": {"title": 1}}),
        ("bad_limit", "limits.title", {"limits": {"title": 61}}),
        ("bad_limit", "limits.title", {"limits": {"title": True}}),
        ("bad_limit", "limits.check", {"limits": {"check": 5}}),
    ],
)
def test_a_filing_that_cannot_be_changes_nothing(vendors: Context, code: str, place: str, form: dict[str, Any]) -> None:
    which = write(vendors)
    before = held(vendors)
    told = Form(**{"code": "SMS_1", "signature": "江澜政策"} | form)
    with pytest.raises(SmsTemplateError) as caught:
        registry.file(vendors, which, "aliyun", told, by="周岚")
    assert (caught.value.code, caught.value.place, held(vendors)) == (code, place, before)


def test_who_where_what_and_when_must_be_known(vendors: Context, clock: Clock) -> None:
    which, form = write(vendors), Form("SMS_1", "江澜政策")
    yesterday = clock().date() - timedelta(days=1)
    before = held(vendors)
    for code, act in {
        "no_name": lambda: registry.file(vendors, which, "aliyun", form, by=" "),
        "unknown_route": lambda: registry.file(vendors, which, "email", form, by="周岚"),
        "unknown_template": lambda: registry.file(vendors, Which("policy", "en"), "aliyun", form, by="周岚"),
        "bad_date": lambda: registry.file(
            vendors, which, "aliyun", Form("SMS_1", "江澜政策", {}, yesterday), by="周岚"
        ),
        "not_filed": lambda: registry.approve(vendors, which, "tencent", by="周岚"),
        "no_reason": lambda: registry.refuse(vendors, which, "aliyun", by="周岚", reason=" "),
        "unchanged": lambda: write(vendors),
        "bad_name": lambda: write(vendors, name="Policy 1"),
    }.items():
        with pytest.raises(SmsTemplateError) as caught:
            act()
        assert caught.value.code == code
    assert held(vendors) == before


def test_a_new_body_is_a_new_version_that_is_filed_anew(vendors: Context) -> None:
    first = approved(vendors, write(vendors))
    second = write(vendors, POLICY.replace("不收费", "免费"))
    (new, none), (old, kept) = registry.registry(vendors)
    assert (new.version, none, old.version, [one.state for one in kept]) == (2, [], 1, ["approved"])
    filed(vendors, Which("policy"))  # the newest, where no version is said
    assert [one.template.version for _, some in registry.registry(vendors) for one in some] == [
        second.version,
        first.version,
    ]


def test_every_step_is_in_the_audit_log(vendors: Context) -> None:
    which = filed(vendors, write(vendors))
    registry.refuse(vendors, which, "aliyun", by="周岚", reason="签名未报备")
    with transaction(vendors.engine) as conn:
        entries = [(row["actor"], row["action"], row["detail"].get("reason")) for row in recent(conn)]
    assert entries == [
        ("周岚", "sms_template.refused", "签名未报备"),
        ("周岚", "sms_template.file", None),
        ("李萌", "sms_template.add", None),
    ]


def test_an_approval_does_not_outlive_its_last_day_and_is_filed_anew(vendors: Context, clock: Clock) -> None:
    which = approved(vendors, write(vendors), last=clock().date())
    (filing,) = registry.registry(vendors)[0][1]
    assert filing.state_on(clock().date()) == "approved"
    clock.forward(days=1)
    assert (filing.state_on(clock().date()), filing.state) == ("expired", "approved")
    filed(vendors, which)
    (filing,) = registry.registry(vendors)[0][1]
    assert (filing.state, filing.expires_at) == ("filed", None)


def went(ctx: Context, which: Which, state: str) -> bool:
    """Whether the filing at aliyun could become that."""
    steps = {
        "filed": lambda: filed(ctx, which),
        "approved": lambda: registry.approve(ctx, which, "aliyun", by="周岚"),
        "refused": lambda: registry.refuse(ctx, which, "aliyun", by="周岚", reason="内容不符"),
        "expired": lambda: registry.expire(ctx, which, "aliyun", by="周岚"),
    }
    try:
        steps[state]()
    except SmsTemplateError as error:
        if error.code != "state":
            raise
        return False
    return True


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.sampled_from(STATES), max_size=8))
def test_only_what_the_table_allows_may_follow(vendors: Context, steps: list[str]) -> None:
    number = held(vendors)[0]
    which = filed(vendors, write(vendors, f"{POLICY}{number}"))
    state = "filed"
    for step in steps:
        assert went(vendors, which, step) == (step in FILING[state])
        state = step if step in FILING[state] else state
    (filing,) = next(some for one, some in registry.registry(vendors) if one.version == which.version)
    assert filing.state == state


LIMITS = st.fixed_dictionaries({name: st.integers(LEAST.get(name, 2), LONGEST) for name in ("title", "until", "check")})
VALUES = st.text(st.characters(min_codepoint=32, exclude_categories=["Cs", "Cc"]), min_size=1, max_size=120)


@given(limits=LIMITS, title=VALUES, until=VALUES)
def test_no_value_is_longer_than_its_limit_and_no_text_longer_than_was_promised(
    limits: dict[str, int], title: str, until: str
) -> None:
    template = Template(1, "policy", "zh", 1, "notice", POLICY, "李萌", None)  # type: ignore[arg-type]  # no moment
    filing = Filing(1, template, "aliyun", "SMS_1", "江澜政策", limits, "approved", *[None] * 3, "", None, None)  # type: ignore[arg-type]
    check_filing(POLICY, code="SMS_1", signature="江澜政策", limits=limits)
    said = fill(filing, {"title": (title,), "until": (until,), "check": ("7A2B5C",)})
    rest = said.text.removeprefix("【江澜政策】")
    assert units(rest) <= longest(POLICY, limits)
    assert said.text.startswith("【江澜政策】")
    assert "核验7A2B5C。回R停收" in said.text
    most = longest(POLICY, limits) + len("【江澜政策】")
    assert most_parts(POLICY, "江澜政策", limits) == (1 if most <= 70 else -(-most // 67))


@pytest.mark.parametrize(("length", "parts"), [(64, 1), (65, 2), (128, 2), (129, 3), (194 + 1, 3)])
def test_parts_count_the_signature_and_every_character(length: int, parts: int) -> None:
    assert most_parts("字" * length, "江澜政策", {}) == parts
    assert most_parts("👍" * (length // 2) + "x" * (length % 2), "江澜政策", {}) == parts


def test_variables_without_a_limit_have_the_usual_one() -> None:
    assert longest("您的${title}", {}) == 2 + USUAL
    assert longest("核验${check}", {}) == 2 + 6
    assert set(LEAST) < set(VARIABLES)
