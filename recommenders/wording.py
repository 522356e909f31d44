"""The words for a reason, Chinese first and English second: what a person reads under "why did I get this"."""

from collections.abc import Mapping

from profiles.facts import LEVEL_WORDS
from profiles.preference import TOPICS
from recommenders import columns as c
from recommenders.explain import OWN, READ, Reason

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
_READ = ("因您看过《{title}》", "Because you read “{title}”")
_ALIKE = ("与您看过的事项相近", "Close to what you have read")
_BEYOND = {
    c.INTEREST: ("标签", "tag"),
    c.WISH: ("订阅", "subscription"),
    c.WISH_SECTION: ("订阅的行业", "industry subscribed to"),
    READ: ("看过的事项", "what was read"),
    OWN: ("阅读相近的用户", "people who read alike"),
}
_TAG = ("根据标签{value}推荐,可删除", "Suggested by tag {value}; delete it")
_WISH = ("因您订阅了{value}", "Because you subscribed to {value}")
_FACT = ("根据您的{group}({value})推荐", "Suggested because of your {group} ({value})")


def say(reason: Reason, locale: str, names: Mapping[str, str] | None = None) -> str:
    """The reason in one sentence. `names` gives the names of codes that are no words (regions, industries)."""
    column = 0 if locale.startswith("zh") else 1
    if reason.feature == OWN:
        return _OWN[column]
    group, value = c.split(reason.feature)
    if group == READ:
        return _READ[column].format(title=names[value]) if names and value in names else _ALIKE[column]
    if group == c.INTEREST:
        return _TAG[column].format(value=value)
    if group in (c.WISH, c.WISH_SECTION):
        return _WISH[column].format(value=_shown(TOPICS, value, column, names))
    shown = _shown({} if group == c.STAGE else LEVEL_WORDS, value, column, names)
    return _FACT[column].format(group=GROUP_WORDS[group][column], value=shown)


def group_words(group: str) -> tuple[str, str]:
    """How a person would name a group of features, in Chinese and English."""
    return _BEYOND.get(group) or GROUP_WORDS.get(group, (group, group))


def _shown(words: Mapping[str, tuple[str, str]], value: str, column: int, names: Mapping[str, str] | None) -> str:
    """A value as a person reads it: by the names handed in, else by our own words, else as it is."""
    return (names or {}).get(value) or words.get(value, (value, value))[column]
