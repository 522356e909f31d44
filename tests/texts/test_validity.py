"""From when and until when: the document's own sentences, and none about licences or other documents."""

from __future__ import annotations

from datetime import date

import pytest

from pushsvc.texts.validity import force_of

WRITTEN, PUBLISHED = date(2021, 6, 17), date(2021, 6, 20)
OWN = [
    ("本办法自2018年1月1日起施行。", date(2018, 1, 1), None),
    ("第九条 本条例自一九九九年十月一日起施行。", date(1999, 10, 1), None),
    ("第九条 本条例自1999年10月l日起施行。", date(1999, 10, 1), None),
    ("本办法自发布之日起施行。", PUBLISHED, None),
    ("本通知自印发之日起执行。", WRITTEN, None),
    ("本办法自公布之日起30日后施行。", date(2021, 7, 20), None),
    ("本办法自公布之日起施行，有效期5年。", PUBLISHED, date(2026, 6, 19)),
    ("本办法自2021年7月1日起施行，有效期至2025年12月31日。", date(2021, 7, 1), date(2025, 12, 31)),
    ("本办法自2021年7月1日起试行，试行2年。", date(2021, 7, 1), date(2023, 6, 30)),
    ("本措施自2021年7月1日起施行，至2023年12月31日止。", date(2021, 7, 1), date(2023, 12, 31)),
    ("本政策自2020年2月29日起实施，有效期一年。", date(2020, 2, 29), date(2021, 2, 27)),
    ("（三）自2021年8月1日起施行。有效期三年。", date(2021, 8, 1), date(2024, 7, 31)),
    ("现予公布，自2030年3月1日起施行。", date(2030, 3, 1), None),
]
OTHERS = [
    "许可证的有效期为五年，自颁发之日起计算。",
    "历史建筑自公布之日起不再列入名录。",
    "处理决定自受理之日起二个月内作出。",
    "《某某法》自2018年1月1日起施行以来，成效明显。",
    "临时许可的有效期不得超过两年。",
]


@pytest.mark.parametrize(("sentence", "effective", "valid_to"), OWN)
def test_what_the_document_says_of_itself(sentence: str, effective: date, valid_to: date | None) -> None:
    force = force_of(f"前文。\n{sentence}", written=WRITTEN, published=PUBLISHED)
    assert (force.effective, force.valid_to) == (effective, valid_to)


@pytest.mark.parametrize("sentence", OTHERS)
def test_what_it_says_of_others_is_not_its_own(sentence: str) -> None:
    force = force_of(sentence, written=WRITTEN, published=PUBLISHED)
    assert (force.effective, force.valid_to) == (None, None)


def test_the_last_article_decides() -> None:
    text = "现予公布，自2019年1月1日起施行。\n第一条 略。\n第二条 本办法自2020年1月1日起施行。"
    assert force_of(text, written=None, published=None).effective == date(2020, 1, 1)
