"""An item of a digest says in one line which event it stands there for, and nothing that names a private matter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from email import message_from_bytes
from email.policy import default
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from channels.memory import MemoryChannel
from channels.mime import Letter, fill
from pushsvc.context import Context
from pushsvc.pipeline import wording
from pushsvc.pipeline.days import city_day
from pushsvc.pipeline.deliver import Sender, deliver_next
from pushsvc.pipeline.digest import release_digests
from pushsvc.pipeline.event_words import event_line, policy_line
from pushsvc.pipeline.plan import plan
from pushsvc.store import tables
from pushsvc.store.digests import items_of, told_items
from pushsvc.store.policies import Policy, policies_by_id
from pushsvc.store.policy_events import details_of
from pushsvc.store.session import transaction
from tests.clock import Clock
from tests.making import choose, make_campaign, make_person, make_policy, prefer

HOLES = {"check": "ABC123"}
DEADLINE = {"kind": "deadline", "closes": "2026-07-01", "days": 14}
OPENED = {"kind": "window_opened", "closes": "2026-12-31"}
CHANGED = {"kind": "changed", "changes": []}
REPEALED = {"kind": "repealed", "valid_to": "2026-12-31"}
RESULT = {"kind": "result"}
EVENTS = st.sampled_from([{}, {"kind": "new"}, DEADLINE, OPENED, CHANGED, REPEALED, RESULT])


def digest(
    ctx: Context, told: Mapping[str, tuple[dict[str, Any], dict[str, Any]]], channels: Sequence[str] = ("sms",)
) -> list[tuple[Policy, Any]]:
    """What one digest holds after these campaigns, `ref: (policy, event)`: its policies with their events."""
    with transaction(ctx.engine) as conn:
        person = make_person(conn, ctx, 1, channels=channels, consent=("notify", "recommend"))
        prefer(conn, ctx, person, cadence="daily")
    for ref, (columns, detail) in told.items():
        with transaction(ctx.engine) as conn:
            number = make_campaign(conn, ctx, make_policy(conn, ctx, ref, **columns), detail=detail)
            choose(conn, ctx, number, [person])
        plan(ctx, number)
    with transaction(ctx.engine) as conn:
        heads = list(conn.scalars(select(tables.delivery.c.id)))
        ((head, items),) = told_items(conn, heads).items()
        assert items_of(conn, heads) == {head: [policy_id for policy_id, _ in items]}
        details = details_of(conn, [campaign_id for _, campaign_id in items])
        policies = {one.id: one for one in policies_by_id(conn, [policy_id for policy_id, _ in items])}
    return [(policies[policy_id], details.get(campaign_id, {})) for policy_id, campaign_id in items]


def words(ctx: Context, held: list[tuple[Policy, Any]], locale: str) -> wording.Words:
    """The digest's words."""
    lines = [policy_line(detail, sensitive=one.sensitive, locale=locale, on=city_day(ctx)) for one, detail in held]
    return wording.digest_words(ctx.settings, [one for one, _ in held], locale=locale, run_id=7, lines=lines)


def mail(ctx: Context, told: wording.Words) -> str:
    skeleton = wording.render_email(ctx.settings, told)
    parsed = message_from_bytes(
        fill(skeleton, Letter("a@city.example", "key", ctx.clock(), "https://u", HOLES)), policy=default
    )
    plain = parsed.get_body(("plain",))
    assert plain is not None
    return str(plain.get_content()).replace("\r\n", "\n")


@pytest.mark.parametrize(
    ("locale", "lines"),
    [
        ("zh", ["还有7天截止（7月1日）", "申报已开始，2026年12月31日截止", "内容有调整", "结果已公布", "已废止"]),
        ("en", ["7 days left, it closes on 1 July", "the window is open until", "it was revised", "the result is out",
                "repealed; its last day is"]),
    ],
)  # fmt: skip
def test_each_item_says_its_event_in_one_line(ctx: Context, locale: str, lines: list[str]) -> None:
    events = dict(zip("abcde", (DEADLINE, OPENED, CHANGED, RESULT, REPEALED), strict=True))
    held = digest(ctx, {ref: ({"title": f"第{ref}项"}, detail) for ref, detail in events.items()})
    said = mail(ctx, words(ctx, held, locale)).split("\n* ")[1:]
    assert [item.partition("\n")[0] for item in said] == [f"第{ref}项" for ref in events]
    for item, line in zip(said, lines, strict=True):
        assert sum(line in one for one in item.splitlines()) == 1
        assert "给予补贴" in item


def test_what_is_new_and_what_tells_of_no_event_has_no_line(ctx: Context) -> None:
    held = digest(ctx, {"a": ({}, {"kind": "new"}), "b": ({}, {})})
    policies = [one for one, _ in held]
    assert words(ctx, held, "zh") == wording.digest_words(ctx.settings, policies, locale="zh", run_id=7)


@pytest.mark.parametrize("locale", ["zh", "en"])
def test_what_changed_in_a_private_matter_is_not_said(ctx: Context, locale: str) -> None:
    private = {"sensitive": True, "title": "某病救助"}
    changes = [{"field": "title", "before": "某病救助", "after": "某病补助"}]
    held = digest(ctx, {"a": (private, CHANGED | {"changes": changes}), "b": (private, DEADLINE)})
    told = words(ctx, held, locale)
    assert [item["title"] for item in told.items] == [wording.NEUTRAL[locale]] * 2
    assert told.items[0]["summary"] == ""
    assert told.items[1]["summary"].startswith(event_line(DEADLINE, locale, city_day(ctx)))
    assert "某病" not in mail(ctx, told)


def test_a_digest_of_one_says_its_event_on_a_phone(ctx: Context) -> None:
    held = digest(ctx, {"a": ({"title": "安居办法"}, DEADLINE)})
    told = words(ctx, held, "zh")
    sms = wording.fill_sms(wording.render_sms(ctx.settings, told), HOLES, "江澜政策")
    assert sms.startswith("【江澜政策】安居办法，还有7天截止（7月1日）。")
    assert wording.render_push(ctx.settings, told)[1].startswith("与您有关，还有7天截止（7月1日）。")


def test_an_item_past_those_shown_changes_no_words(ctx: Context) -> None:
    some = {str(n): ({"title": f"第{n}项"}, {}) for n in range(wording.DIGEST_SHOWN)}
    held = digest(ctx, some | {"last": ({"title": "第x项"}, DEADLINE)})
    assert "还有7天" not in mail(ctx, words(ctx, held, "zh"))


@given(EVENTS, st.booleans(), st.sampled_from(["zh", "en"]))
def test_only_a_change_of_a_private_matter_is_kept_back(detail: dict[str, Any], private: bool, locale: str) -> None:
    kept_back = private and detail.get("kind") == "changed"
    said = policy_line(detail, sensitive=private, locale=locale)
    assert said == ("" if kept_back else event_line(detail, locale))
    assert "\n" not in said


def test_a_digest_that_leaves_says_the_event_of_each_item(
    ctx: Context, sender: Sender, memory: dict[str, MemoryChannel], clock: Clock
) -> None:
    told = {"a": ({"title": "甲办法"}, DEADLINE), "b": ({"title": "乙办法"}, {}),
            "c": ({"title": "某病救助", "sensitive": True}, CHANGED)}  # fmt: skip
    digest(ctx, told, channels=("email",))
    clock.forward(days=1)
    assert release_digests(ctx) == 1
    assert deliver_next(ctx, sender, "bulk")
    (message,) = memory["email"].sent
    plain = message_from_bytes(message.raw, policy=default).get_body(("plain",))
    assert plain is not None
    one, other, private = str(plain.get_content()).replace("\r\n", "\n").split("\n* ")[1:]
    assert "还有6天截止（7月1日）。第一条 给予补贴。" in one
    assert "截止" not in other
    assert wording.NEUTRAL["zh"] in private
    assert "内容有调整" not in private
