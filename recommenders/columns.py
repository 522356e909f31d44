"""The names of features, spelled once: a token is `group=value`, and a vocabulary is a list of tokens.

Only facts named here can become features. Sensitive facts (hardship, disability), sex, money and dishonesty are left
out on purpose: a recommendation must neither use nor reveal them. Of dependants and homes no more is seen than the
stage of life they put a person in. Criteria may use all of them, through the entitled door and with due consent.
"""

from itertools import pairwise

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

# Lower bounds of the age bands, in whole years. Everybody under 18 is one band: minors are not told apart.
AGE_BOUNDS = (0, 18, 25, 35, 45, 60, 70, 80)

# Stages that tell of need or illness are not used.
SENSITIVE_STAGES = frozenset({"救助", "就医"})
# An interest that names a sensitive fact is not used either, although the person declared it.
SENSITIVE_WORDS = ("残疾", "助残", "困难", "特困", "低保", "救助", "疾病", "病", "disab", "hardship")

LEFT_OUT = ("hardship", "disability", "sex", "dishonest", "revenue", "assets", "insurance_months")

# Groups of a policy's tokens.
POLICY_KIND, AGENCY, TOPIC, POLICY_REGION = "kind", "agency", "topic", "region"
THEME, TAG, POLICY_INDUSTRY, WORD = "theme", "tag", "industry", "word"

REGION_DIGITS = 6  # county level; a street says little more and is seen too seldom


def token(group: str, value: str) -> str:
    """The token of a value in a group, e.g. `region=990105`."""
    return f"{group}={value}"


def split(name: str) -> tuple[str, str]:
    """Group and value of a token."""
    group, _, value = name.partition("=")
    return group, value


def age_bands() -> tuple[str, ...]:
    """Names of the age bands, youngest first: `0-17`, …, `80+`."""
    closed = [f"{low}-{high - 1}" for low, high in pairwise(AGE_BOUNDS)]
    return (*closed, f"{AGE_BOUNDS[-1]}+")


def is_sensitive(value: str) -> bool:
    """Whether an interest's own words name a sensitive fact."""
    return any(word in value.lower() for word in SENSITIVE_WORDS)
