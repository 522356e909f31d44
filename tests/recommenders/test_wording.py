"""Reasons in words, in both languages."""

from __future__ import annotations

import pytest

from recommenders import columns as c
from recommenders.explain import Reason
from recommenders.wording import GROUP_WORDS, say


@pytest.mark.parametrize(
    ("feature", "chinese", "english"),
    [
        ("wish=租房", "因您订阅了租房", "Because you subscribed to 租房"),
        ("wish=elder", "因您订阅了养老与医保", "Because you subscribed to Age and health care"),
        ("wish-section=I", "因您订阅了信息传输", "Because you subscribed to 信息传输"),
        ("interest=租房", "根据标签租房推荐,可删除", "Suggested by tag 租房; delete it"),
        ("size=small", "根据您的企业规模(小型)推荐", "Suggested because of your size class (small)"),
        ("stage=养老", "根据您的所处阶段(养老)推荐", "Suggested because of your stage of life (养老)"),
    ],
)
def test_a_reason_is_one_sentence(feature: str, chinese: str, english: str) -> None:
    names = {"I": "信息传输"}
    assert (say(Reason(feature, 1, 1), "zh_CN", names), say(Reason(feature, 1, 1), "en", names)) == (chinese, english)


def test_every_group_of_features_has_words() -> None:
    groups = {*c.CODE_GROUPS.values(), c.SECTION, c.DIVISION, c.AGE, c.STAGE, c.INTEREST, c.WISH, c.WISH_SECTION}
    assert groups - set(GROUP_WORDS) == {c.INTEREST, c.WISH, c.WISH_SECTION}
    assert all(say(Reason(f"{group}=1", 1, 1), locale) for group in groups for locale in ("zh", "en"))
