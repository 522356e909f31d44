"""What one applicant gets at most: a sum that is told as one, and nothing where it is a share or paid by the piece."""

from __future__ import annotations

import pytest

from pushsvc.pipeline.sums import highest
from pushsvc.texts.amounts import amount_of


@pytest.mark.parametrize(
    ("words", "yuan"),
    [
        ("按上年度研发费用增量的15%补助,单家最高200万元", 2_000_000),
        ("首次认定20万元,重新认定10万元", 200_000),
        ("合同额的20%，最高100万元", 1_000_000),
        ("每户5000元扶持券，免申即享", 5_000),
        ("每户最高3万元", 30_000),
        ("按场地租金的50%补助，每年最高2万元", 20_000),
        ("一次性奖励30万元", 300_000),
        ("每家企业最高50万元", 500_000),
        ("展位费的50%,每次最高3万元", None),
        ("机具价的30%,单台最高5万元", None),
        ("每招用一人1000元", None),
        ("每月800元,最长十二个月", None),
        ("1,500元/月", None),
        ("每个项目最高100万元", None),
        ("返还上年度缴费的60%", None),
        ("免费服务", None),
        ("", None),
        (None, None),
    ],
)
def test_sums_of_firms(words: str | None, yuan: int | None) -> None:
    assert highest(*amount_of(words, None)) == yuan


def test_each_person_is_the_applicant_where_the_applicant_is_a_person() -> None:
    for words, yuan in (("每人2000元", 2_000), ("每人每月1500元,最长36个月", None), ("每孩每年3600元", None)):
        assert highest(*amount_of(words, None), person=True) == yuan
    assert highest(*amount_of("每人2000元", None)) is None


def test_a_number_without_words_is_a_sum() -> None:
    assert highest(None, 0.0001) == 1
    assert highest("见通知", 12.5) == 125_000
