"""The words for a reason, Chinese first and English second: what a person reads under "why did I get this"."""

from collections.abc import Mapping

from profiles.facts import LEVEL_WORDS
from recommenders import columns as c
from recommenders.explain import OWN, Reason

# Group of a feature -> how a person would name it (Chinese, English).
GROUP_WORDS = {
    "kind": ("主体类型", "kind"),
    "region": ("所在地区", "region"),
    "zone": ("所在功能区", "functional zone"),
    "employment": ("就业状态", "employment"),
    "talent": ("人才类别", "talent class"),
    "size": ("企业规模", "size class"),
    c.SECTION: ("行业门类", "sector"),
    c.DIVISION: ("行业", "industry"),
    c.AGE: ("年龄段", "age band"),
    c.STAGE: ("所处阶段", "stage of life"),
}
_OWN = ("与您阅读记录相近的用户也关注此事项", "People with a reading history like yours follow this")
_TAG = ("根据标签{value}推荐,可删除", "Suggested by tag {value}; delete it")
_FACT = ("根据您的{group}({value})推荐", "Suggested because of your {group} ({value})")


def say(reason: Reason, locale: str, names: Mapping[str, str] | None = None) -> str:
    """The reason in one sentence. `names` gives the names of codes that are no words (regions, industries)."""
    column = 0 if locale.startswith("zh") else 1
    if reason.feature == OWN:
        return _OWN[column]
    group, value = c.split(reason.feature)
    if group == c.INTEREST:
        return _TAG[column].format(value=value)
    words = (value, value) if group == c.STAGE else LEVEL_WORDS.get(value, (value, value))
    shown = (names or {}).get(value, words[column])
    return _FACT[column].format(group=GROUP_WORDS[group][column], value=shown)
