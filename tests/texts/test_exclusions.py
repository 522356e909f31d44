"""What a document says it is not granted beside: titles behind 与 or 已经享受, and no rule that is only followed."""

from __future__ import annotations

import pytest

from pushsvc.texts.exclusions import exclusions_of
from pushsvc.texts.links import links_of


@pytest.mark.parametrize(
    ("text", "titles"),
    [
        ("本奖励与《甲办法》不重复享受。", ["甲办法"]),
        ("本奖励与《甲办法（试行）》《乙办法》、《丙办法》不得同时享受。", ["甲办法（试行）", "乙办法", "丙办法"]),
        ("已享受《甲奖励》的企业不再重复补助。", ["甲奖励"]),
        ("已经享受过市级《甲奖励》的产品，不得重复申报；其他按《乙办法》执行。", ["甲奖励"]),
        ("与《甲补贴》就高不重复。", ["甲补贴"]),
        ("与《甲补贴》择一享受，", ["甲补贴"]),
        ("按照《专项资金管理办法》规定，同一项目不得重复享受。", []),
        ("已按照《专项资金管理办法》申领的不得重复申领", []),
        ("根据《甲办法》，本奖励与《乙办法》不重复享受。", ["乙办法"]),
        ("本办法与《甲办法》配套实施。同一企业不得重复申领。", []),
        ("同一研发支出已经享受其他财政性奖补的，按照就高不重复的原则执行。", []),
        ("可与《甲补贴》叠加享受。", []),
        ("", []),
    ],
)
def test_titles_are_found_where_the_sentence_says_so(text: str, titles: list[str]) -> None:
    assert [link.title for link in exclusions_of(text)] == titles


def test_a_number_behind_the_title_is_kept_and_each_is_named_once() -> None:
    text = "与《甲办法》（江政发〔2025〕3号）不重复享受。\n与《甲办法》（江政发〔2025〕3号）不得同时享受。"
    (link,) = exclusions_of(text)
    assert (link.relation, link.doc_no, link.title) == ("excludes", "江政发〔2025〕3号", "甲办法")
    assert link in links_of("乙办法", text)


def test_hostile_lengths_take_no_time() -> None:
    assert exclusions_of("与" * 50_000 + "不重复享受") == ()
    assert exclusions_of("《" * 20_000 + "不重复享受" + "》" * 20_000) == ()
    assert len(exclusions_of("与" + "《甲乙》" * 5_000 + "不重复享受")) == 1
