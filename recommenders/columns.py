"""The names of features, spelled once: a token is `group=value`, and a vocabulary is a list of tokens.

Only facts named here can become features. Sensitive facts (hardship, disability), sex, money and dishonesty are left
out on purpose: a recommendation must neither use nor reveal them. Of dependants and homes no more is seen than the
stage of life they put a person in. Criteria may use all of them, through the entitled door and with due consent.
"""

import re
from itertools import pairwise

from profiles.cells import SENSITIVE_TAGS

# Facts that are one code: fact name -> group of its tokens.
CODE_GROUPS = {
    "kind": "kind",
    "region": "region",
    "functional_zone": "zone",
    "employment": "employment",
    "talent_class": "talent",
    "size": "size",
}
INDUSTRY, SECTION, DIVISION = "industry", "section", "division"
AGE_FACT, AGE = "age", "age"
STAGE, INTEREST = "stage", "interest"
WISH, WISH_SECTION = "wish", "wish-section"  # what a profile subscribed to: themes and words, industries

# Lower bounds of the age bands, in whole years. Everybody under 18 is one band: minors are not told apart.
AGE_BOUNDS = (0, 18, 25, 35, 45, 60, 70, 80)

# Stages that tell of need or illness are not used.
SENSITIVE_STAGES = frozenset({"救助", "就医"})
# An interest that names a sensitive fact is not used either, although the person declared it.
# More words than an interest is refused for: of what is not to be guessed, too much is left out rather than too little.
_NEED = ("助残", "困难", "救助", "disab", "hardship")
_HEALTH = ("病", "癌", "肿瘤", "精神障碍", "抑郁", "孤独症", "自闭症", "hiv")
_PAST = ("戒毒", "社区矫正", "刑满")
SENSITIVE_WORDS = tuple(dict.fromkeys((*SENSITIVE_TAGS, *_NEED, *_HEALTH, *_PAST)))

# What a stage of life is called in policies, where its own name is not what they say.
STAGE_TERMS = {
    "出生": ("新生儿", "生育", "育儿", "托育"),
    "教育": ("教育", "入学", "学生"),
    "就业": ("就业", "创业", "求职"),
    "置业": ("住房", "租房", "购房"),
    "出行": ("出行", "交通"),
    "养老": ("养老", "长者", "高龄"),
    "准入准营": ("市场准入", "开办", "准营"),
    "招聘用工": ("招聘", "用工", "稳岗"),
    "纳税缴费": ("纳税", "税收", "缴费"),
}

LEFT_OUT = ("hardship", "disability", "sex", "dishonest", "revenue", "assets", "insurance_months")

# Groups of a policy's tokens.
POLICY_KIND, AGENCY, TOPIC, POLICY_REGION = "kind", "agency", "topic", "region"
THEME, TAG, POLICY_INDUSTRY, WORD = "theme", "tag", "industry", "word"

# Groups whose values are an open list: tomorrow's value may be one that no model has met. They have room for it.
PROFILE_OPEN = frozenset({"region", "zone", "employment", "talent", "size"}) | {SECTION, DIVISION, STAGE, INTEREST}
PROFILE_OPEN |= {WISH, WISH_SECTION}
POLICY_OPEN = frozenset({AGENCY, TOPIC, POLICY_REGION, THEME, TAG, POLICY_INDUSTRY})
# An interest that few have keeps its own column: the policies that it stands for are known without anybody's log.
# So does a kind of profile: of some people nothing else is known, and a row without any feature teaches nothing.
NEVER_RARE = frozenset({INTEREST, CODE_GROUPS["kind"]})

REGION_DIGITS = 6  # county level; a street says little more and is seen too seldom


def token(group: str, value: str) -> str:
    """The token of a value in a group, e.g. `region=990105`."""
    return f"{group}={value}"


def split(name: str) -> tuple[str, str]:
    """Group and value of a token."""
    group, _, value = name.partition("=")
    return group, value


_BUCKET = re.compile(r"\?\d+")


def bucket(group: str, number: int) -> str:
    """The name of a column that stands for values of the group that the model does not know, e.g. `region=?0`."""
    return token(group, f"?{number}")


def is_bucket(name: str) -> bool:
    """Whether it is such a name. A value that is written so by chance is as good as unknown."""
    return _BUCKET.fullmatch(split(name)[1]) is not None


def age_bands() -> tuple[str, ...]:
    """Names of the age bands, youngest first: `0-17`, …, `80+`."""
    closed = [f"{low}-{high - 1}" for low, high in pairwise(AGE_BOUNDS)]
    return (*closed, f"{AGE_BOUNDS[-1]}+")


def is_sensitive(value: str) -> bool:
    """Whether an interest's own words name a sensitive fact."""
    return any(word in value.lower() for word in SENSITIVE_WORDS)
