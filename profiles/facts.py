"""Every fact the service knows: its name, type, words, and whose it is. Facts are spelled here once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

FactKind = Literal["number", "flag", "code", "date", "set"]

KINDS = ("citizen", "self_employed", "enterprise", "cooperative", "other")
SIZES = ("large", "medium", "small", "micro")
PERSON = frozenset({"citizen", "self_employed"})
MARKET = frozenset({"self_employed", "enterprise", "cooperative", "other"})
ALL = frozenset(KINDS)
NOBODY: frozenset[str] = frozenset()

# The words of the fixed levels: level -> (Chinese, English).
LEVEL_WORDS = {
    "citizen": ("居民", "resident"),
    "self_employed": ("个体工商户", "self-employed"),
    "enterprise": ("企业", "enterprise"),
    "cooperative": ("合作社", "co-operative"),
    "other": ("其他组织", "other organisation"),
    "large": ("大型", "large"),
    "medium": ("中型", "medium"),
    "small": ("小型", "small"),
    "micro": ("微型", "micro"),
    "employed": ("在职", "employed"),
    "unemployed": ("失业", "unemployed"),
    "student": ("在校学生", "student"),
    "retired": ("退休", "retired"),
    "active": ("存续", "active"),
    "cancelled": ("注销", "cancelled"),
    "female": ("女", "female"),
    "male": ("男", "male"),
}


@dataclass(frozen=True)
class Fact:
    """One attribute. `subjects`: the profile kinds that can have it. `levels`: the values of an enumeration.
    `tree`: codes of this fact form a hierarchy. Derived facts are computed, never stored."""

    name: str
    kind: FactKind
    zh: str
    en: str
    unit_zh: str = ""
    unit_en: str = ""
    subjects: frozenset[str] = ALL
    sensitive: bool = False
    derived: bool = False
    levels: tuple[str, ...] = ()
    tree: Literal["", "region", "industry"] = ""


_WAN = {"unit_zh": "万元", "unit_en": "0,000 yuan", "subjects": MARKET}

# In the order of the columns of table `profile`.
_STORED = (
    Fact("region", "code", "所在地区", "region", tree="region"),
    Fact("functional_zone", "code", "所在功能区", "functional zone", tree="region"),
    Fact("birth_date", "date", "出生日期", "date of birth", subjects=PERSON),
    Fact("sex", "code", "性别", "sex", subjects=PERSON, levels=("female", "male")),
    Fact("household_region", "code", "户籍地", "registered household", subjects=PERSON, tree="region"),
    Fact(
        "employment",
        "code",
        "就业状态",
        "employment",
        subjects=PERSON,
        levels=("employed", "unemployed", "student", "retired"),
    ),
    Fact("insurance_months", "number", "社保缴纳月数", "months of social insurance", "个月", "months", PERSON),
    Fact("owns_home", "flag", "住房", "home ownership", subjects=PERSON),
    Fact("talent_class", "code", "人才类别", "talent class", subjects=PERSON, levels=tuple("ABCDEF")),
    Fact("industry", "code", "行业", "industry", subjects=MARKET, tree="industry"),
    Fact("founded_on", "date", "成立日期", "date founded", subjects=MARKET),
    Fact("employees", "number", "从业人员", "employees", "人", "people", MARKET),
    Fact("revenue", "number", "营业收入", "revenue", **_WAN),  # type: ignore[arg-type]  # one dict, mixed values
    Fact("assets", "number", "资产总额", "total assets", **_WAN),  # type: ignore[arg-type]
    Fact("rd_spend", "number", "研发投入", "R&D spending", **_WAN),  # type: ignore[arg-type]
    Fact("contract_amount", "number", "合同金额", "contract amount", **_WAN),  # type: ignore[arg-type]
    Fact("dishonest", "flag", "失信记录", "dishonesty record"),
    Fact("legal_status", "code", "登记状态", "legal status", subjects=MARKET, levels=("active", "cancelled")),
    Fact("layoff_rate", "number", "裁员率", "lay-off rate", "%", "%", MARKET),
    Fact("premiums_paid", "flag", "失业保险费缴清", "unemployment premiums paid", subjects=MARKET),
    Fact("hightech_until", "date", "高新技术企业证书有效期", "high-tech certificate valid until", subjects=MARKET),
    Fact("sme_tech_until", "date", "科技型中小企业有效期", "technology SME status valid until", subjects=MARKET),
    Fact("moved_in_on", "date", "迁入日期", "date moved in"),
    Fact("is_branch", "flag", "分支机构", "branch", subjects=MARKET),
)
_SENSITIVE = (
    Fact("hardship", "flag", "生活困难认定", "recognised hardship", subjects=PERSON, sensitive=True),
    Fact("disability", "flag", "残疾认定", "recognised disability", subjects=PERSON, sensitive=True),
)
_DERIVED = (
    Fact("kind", "code", "主体类型", "kind", derived=True, levels=KINDS),
    Fact("age", "number", "年龄", "age", "岁", "years", PERSON, derived=True),
    Fact("age_months", "number", "月龄", "age in months", "个月", "months", PERSON, derived=True),
    Fact("size", "code", "企业规模", "size class", subjects=MARKET, derived=True, levels=SIZES),
    Fact("rd_ratio", "number", "研发投入占比", "R&D share of revenue", "%", "%", MARKET, derived=True),
    Fact("years_since_founded", "number", "成立年限", "years since founding", "年", "years", MARKET, derived=True),
    Fact("stage", "set", "所处阶段", "stage of life", derived=True),
    Fact("interests", "set", "关注标签", "interests", derived=True),
    # Only ever reported as missing: what is asked of it stands inside `any_dependant`.
    Fact("dependants", "set", "家庭成员信息", "family", subjects=NOBODY, derived=True),
)

FACTS: dict[str, Fact] = {fact.name: fact for fact in (*_STORED, *_SENSITIVE, *_DERIVED)}
STORED = tuple(fact.name for fact in _STORED)
SENSITIVE = tuple(fact.name for fact in _SENSITIVE)
DERIVED = tuple(fact.name for fact in _DERIVED)

# What may be asked of a dependant inside `any_dependant`.
DEPENDANT_FACTS: dict[str, Fact] = {
    "birth_date": FACTS["birth_date"],
    "household_region": FACTS["household_region"],
    "age": FACTS["age"],
    "age_months": FACTS["age_months"],
    "age_days": Fact("age_days", "number", "出生天数", "age in days", "天", "days", PERSON, derived=True),
}


def fact_words(names: Iterable[str], locale: str) -> str:
    """The facts' names for people, joined: `住房、社保缴纳月数` or `home ownership, months of …`."""
    facts = [FACTS.get(name) or DEPENDANT_FACTS[name] for name in names]
    return "、".join(f.zh for f in facts) if locale.startswith("zh") else ", ".join(f.en for f in facts)
