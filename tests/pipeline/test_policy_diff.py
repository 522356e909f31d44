"""What changed is said field by field, in both languages, and nothing is said where nothing changed."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pushsvc.pipeline.event_words import event_line
from pushsvc.pipeline.policy_diff import DAYS, NAMES, TEXTS, changes, sentence

ON = date(2026, 6, 24)
SIXTY = {"all": [{"fact": "age", "ge": 60, "clause": "第三条"}]}
SEVENTY = {"all": [{"fact": "age", "ge": 70, "clause": "第三条"}]}
DAY = st.none() | st.dates(date(2020, 1, 1), date(2030, 1, 1))
WORDS = st.none() | st.sampled_from(["", "10万元", "20 万元", "每户3000元"])
FIELDS = st.fixed_dictionaries({
    **dict.fromkeys(DAYS, DAY),
    **dict.fromkeys(TEXTS, WORDS),
    "body": st.sampled_from(["甲", "乙"]),
    "criteria": st.sampled_from([None, SIXTY, SEVENTY]),
})  # fmt: skip


def told(before: dict[str, Any], after: dict[str, Any], locale: str = "zh") -> str:
    return sentence([one.stored() for one in changes(before, after, on=ON)], locale)


def test_an_amount_a_day_and_the_criteria_are_said_in_one_sentence() -> None:
    before = {"amount": "10万元", "window_closes": date(2026, 12, 31), "criteria": SIXTY, "body": "甲"}
    after = {"amount": "20万元", "window_closes": date(2027, 1, 31), "criteria": SEVENTY, "body": "乙"}
    zh, en = told(before, after), told(before, after, "en")
    assert zh.startswith("变化：金额由“10万元”改为“20万元”；申报截止由2026年12月31日改为2027年1月31日；新增条件：")
    assert "70" in zh.split("取消条件：")[0]
    assert "60" in zh.split("取消条件：")[1]
    assert "正文" not in zh
    assert en.startswith("What changed: the amount changed from “10万元” to “20万元”; the close of the window changed")
    assert "31 December 2026 to 31 January 2027" in en


@pytest.mark.parametrize(
    ("before", "after", "zh", "en"),
    [
        (
            None,
            date(2027, 1, 31),
            "变化：有效期定为2027年1月31日",
            "What changed: its last day is set to 31 January 2027",
        ),
        (
            date(2027, 1, 31),
            None,
            "变化：有效期不再规定（原为2027年1月31日）",
            "What changed: its last day is no longer given (it was 31 January 2027)",
        ),
    ],
)
def test_what_is_set_or_dropped_is_said_so(before: date | None, after: date | None, zh: str, en: str) -> None:
    assert told({"valid_to": before}, {"valid_to": after}) == zh
    assert told({"valid_to": before}, {"valid_to": after}, "en") == en


def test_a_text_alone_is_said_to_be_revised() -> None:
    assert told({"body": "甲"}, {"body": "乙"}) == "变化：正文有修改"
    assert told({"body": "甲 乙"}, {"body": "甲\n乙"}) == ""


def test_of_conditions_that_cannot_be_read_none_is_said_to_be_gone() -> None:
    figure = {"all": [{"fact": "age", "ge": {"param": "retiring"}, "clause": "第三条"}]}
    for before, after in ((SIXTY, figure), (figure, SIXTY)):
        assert told({"criteria": before}, {"criteria": after}) == "变化：条件有调整"


@given(FIELDS, FIELDS)
def test_the_changes_are_the_fields_that_differ_in_the_order_of_the_names(
    before: dict[str, Any], after: dict[str, Any]
) -> None:
    def same(name: str) -> bool:
        old, new = before[name], after[name]
        return (old or None) == (new or None)

    found = [one.field for one in changes(before, after, on=ON)]
    assert found == [name for name in NAMES if not same(name)]
    assert changes(before, before, on=ON) == ()
    for locale in ("zh", "en"):
        assert bool(told(before, after, locale)) == bool(found)
        assert "None" not in told(before, after, locale)


@given(FIELDS, FIELDS)
def test_backwards_each_change_swaps_what_was_and_is(before: dict[str, Any], after: dict[str, Any]) -> None:
    forth, back = changes(before, after, on=ON), changes(after, before, on=ON)
    assert [(one.field, one.before, one.after) for one in forth] == [(one.field, one.after, one.before) for one in back]


@pytest.mark.parametrize(
    ("left", "zh", "en"),
    [
        (7, "还有7天截止（12月31日）", "7 days left, it closes on 31 December"),
        (1, "还有1天截止（12月31日）", "1 day left, it closes on 31 December"),
        (0, "今天截止（12月31日）", "it closes today (31 December)"),
        (-1, "已于12月31日截止", "it closed on 31 December"),
    ],
)
def test_the_days_left_are_those_of_the_day_on_which_it_leaves(left: int, zh: str, en: str) -> None:
    detail = {"kind": "deadline", "closes": "2026-12-31", "days": 14}
    on = date.fromordinal(date(2026, 12, 31).toordinal() - left)
    assert (event_line(detail, "zh", on), event_line(detail, "en", on)) == (zh, en)
    assert event_line(detail, "zh").startswith("还有14天")


def test_each_kind_of_event_has_its_line_and_no_event_has_none() -> None:
    assert event_line({"kind": "window_opened", "closes": "2026-12-31"}, "zh") == "申报已开始，2026年12月31日截止"
    assert event_line({"kind": "window_opened"}, "en") == "the window is open"
    assert event_line({"kind": "result"}, "zh-CN") == "结果已公布"
    assert event_line({"kind": "repealed", "valid_to": "2026-12-31"}, "zh") == "已废止，有效期至2026年12月31日"
    assert event_line({"kind": "repealed"}, "en") == "repealed"
    assert event_line({"kind": "changed", "changes": []}, "zh") == "内容有调整"
    assert event_line({"kind": "changed"}, "en") == "it was revised"
    assert event_line({}, "zh") == event_line({"kind": "new"}, "en") == ""
