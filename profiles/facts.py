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
    "owner": ("自有", "owner"),
    "tenant": ("租住", "tenant"),
    "lodger": ("借住", "lodger"),
    "preschool": ("学前", "pre-school"),
    "primary": ("小学", "primary school"),
    "junior": ("初中", "junior secondary"),
    "senior": ("高中、中职", "senior secondary"),
    "college": ("专科", "college"),
    "bachelor": ("本科", "bachelor"),
    "master": ("硕士", "master"),
    "doctor": ("博士", "doctorate"),
    "none": ("无", "none"),
    "district": ("区县级", "district"),
    "city": ("市级", "city"),
    "province": ("省级", "province"),
    "nation": ("国家级", "nation"),
    "limited": ("有限责任公司", "limited company"),
    "joint_stock": ("股份有限公司", "joint-stock company"),
    "partnership": ("合伙企业", "partnership"),
    "sole": ("个人独资企业", "sole proprietorship"),
    "state_owned": ("全民所有制企业", "state-owned enterprise"),
    "collective": ("集体所有制企业", "collective enterprise"),
    "self_run": ("个体经营", "self-run business"),
    "farmers_coop": ("农民专业合作社", "farmers' co-operative"),
    "non_profit": ("非营利组织", "non-profit"),
    "public_body": ("机关事业单位", "public body"),
}

# From the least to the most: these may be compared.
SCHOOL_LEVELS = ("preschool", "primary", "junior", "senior", "college", "bachelor", "master", "doctor")
PLACE_LEVELS = ("none", "enterprise", "district", "city", "province", "nation")
LEGAL_FORMS = (
    *("limited", "joint_stock", "partnership", "sole", "state_owned", "collective"),
    *("self_run", "farmers_coop", "non_profit", "public_body"),
)


@dataclass(frozen=True)
class Fact:
    """One attribute. `subjects`: the profile kinds that can have it. `levels`: the values of an enumeration.
    `ordered`: the levels go from the least to the most. `tree`: codes of this fact form a hierarchy.
    `yearly`: held for each calendar year too. Derived facts are computed, never stored."""

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
    ordered: bool = False
    yearly: bool = False


_WAN = {"unit_zh": "万元", "unit_en": "0,000 yuan", "subjects": MARKET}
_PIECES = {"unit_zh": "件", "subjects": MARKET}

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
    Fact(
        "talent_class", "code", "人才类别", "talent class", subjects=PERSON, levels=tuple("ABCDEF")
    ),  # A is the highest
    Fact("industry", "code", "行业", "industry", subjects=MARKET, tree="industry"),
    Fact("founded_on", "date", "成立日期", "date founded", subjects=MARKET),
    Fact("employees", "number", "从业人员", "employees", "人", "people", MARKET, yearly=True),
    Fact("revenue", "number", "营业收入", "revenue", **_WAN, yearly=True),  # type: ignore[arg-type]  # one dict, mixed values
    Fact("assets", "number", "资产总额", "total assets", **_WAN, yearly=True),  # type: ignore[arg-type]  # one dict, mixed values
    Fact("rd_spend", "number", "研发投入", "R&D spending", **_WAN, yearly=True),  # type: ignore[arg-type]  # one dict, mixed values
    Fact("contract_amount", "number", "合同金额", "contract amount", **_WAN),  # type: ignore[arg-type]
    Fact("dishonest", "flag", "失信记录", "dishonesty record"),
    Fact("legal_status", "code", "登记状态", "legal status", subjects=MARKET, levels=("active", "cancelled")),
    Fact("layoff_rate", "number", "裁员率", "lay-off rate", "%", "%", MARKET),
    Fact("premiums_paid", "flag", "失业保险费缴清", "unemployment premiums paid", subjects=MARKET),
    Fact("moved_in_on", "date", "迁入日期", "date moved in"),
    Fact("is_branch", "flag", "分支机构", "branch", subjects=MARKET),
    Fact("household_income", "number", "家庭年收入", "yearly household income", "元", "yuan", PERSON),
    Fact("household_size", "number", "家庭人数", "household size", "人", "people", PERSON),
    Fact("household_parts", "number", "家庭计算份额", "household parts", subjects=PERSON),
    Fact("school_level", "code", "学历", "school level", subjects=PERSON, levels=SCHOOL_LEVELS, ordered=True),
    Fact("institution", "code", "所属机构", "institution", subjects=PERSON),
    Fact("activity_from", "date", "活动开始日期", "start of activity"),
    Fact("activity_to", "date", "活动结束日期", "end of activity"),
    Fact("resident_since", "date", "居住起始日期", "resident since", subjects=PERSON),
    Fact("tenure", "code", "居住方式", "tenure", subjects=PERSON, levels=("owner", "tenant", "lodger")),
    Fact("legal_form", "code", "组织形式", "legal form", subjects=MARKET, levels=LEGAL_FORMS),
    Fact("registered_capital", "number", "注册资本", "registered capital", **_WAN),  # type: ignore[arg-type]
    Fact("patent_invention", "number", "发明专利", "invention patents", **_PIECES),  # type: ignore[arg-type]
    Fact("patent_utility", "number", "实用新型专利", "utility patents", **_PIECES),  # type: ignore[arg-type]
    Fact("patent_design", "number", "外观设计专利", "design patents", **_PIECES),  # type: ignore[arg-type]
    Fact("software_copyright", "number", "软件著作权", "software copyrights", **_PIECES),  # type: ignore[arg-type]
    Fact("ic_layout", "number", "集成电路布图设计", "circuit layout designs", **_PIECES),  # type: ignore[arg-type]
    Fact("rd_staff", "number", "研发人员", "R&D staff", "人", "people", MARKET, yearly=True),
    Fact("rd_skilled_share", "number", "研发人员中本科或中级职称占比", "share of skilled R&D staff", "%", "%", MARKET),
    Fact(
        "rd_institution",
        "code",
        "研发机构级别",
        "level of R&D institution",
        subjects=MARKET,
        levels=PLACE_LEVELS,
        ordered=True,
    ),
    # The day a register last told every certificate: one it did not name is then surely not held.
    Fact("qualifications_listed_on", "date", "资质清单核对日期", "qualifications last listed"),
)
_SENSITIVE = (
    Fact("hardship", "flag", "生活困难认定", "recognised hardship", subjects=PERSON, sensitive=True),
    Fact("disability", "flag", "残疾认定", "recognised disability", subjects=PERSON, sensitive=True),
    Fact("disability_rate", "number", "残疾程度", "disability rate", "%", "%", PERSON, sensitive=True),
)
# Lists a profile holds: what a person chose, and what an office told. `benefits` None: nobody told.
_LISTS = (
    Fact("interests", "set", "关注标签", "interests"),
    Fact("objectives", "set", "发展目标", "objectives"),
    Fact("benefits", "set", "已享受政策", "benefits received"),
)
_DERIVED = (
    Fact("kind", "code", "主体类型", "kind", derived=True, levels=KINDS),
    Fact("age", "number", "年龄", "age", "岁", "years", PERSON, derived=True),
    Fact("age_months", "number", "月龄", "age in months", "个月", "months", PERSON, derived=True),
    Fact("size", "code", "企业规模", "size class", subjects=MARKET, derived=True, levels=SIZES),
    Fact("rd_ratio", "number", "研发投入占比", "R&D share of revenue", "%", "%", MARKET, derived=True),
    Fact("rd_ratio_3y", "number", "近三年研发投入占比", "three-year R&D share", "%", "%", MARKET, derived=True),
    Fact("years_since_founded", "number", "成立年限", "years since founding", "年", "years", MARKET, derived=True),
    Fact("stage", "set", "所处阶段", "stage of life", derived=True),
    # Only ever reported as missing: what is asked of them stands in nodes of their own.
    Fact("dependants", "set", "家庭成员信息", "family", subjects=NOBODY, derived=True),
    Fact("qualifications", "set", "资质证书", "qualifications", subjects=NOBODY, derived=True),
)

FACTS: dict[str, Fact] = {fact.name: fact for fact in (*_STORED, *_SENSITIVE, *_LISTS, *_DERIVED)}
STORED = tuple(fact.name for fact in _STORED)
YEARLY = tuple(fact.name for fact in _STORED if fact.yearly)
SENSITIVE = tuple(fact.name for fact in _SENSITIVE)
LISTS = tuple(fact.name for fact in _LISTS)
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
    """The facts' names for people, joined: `住房、2025年营业收入` or `home ownership, revenue of 2025`."""
    chinese = locale.startswith("zh")
    return ("、" if chinese else ", ").join(_words_of(name, chinese) for name in names)


def _words_of(name: str, chinese: bool) -> str:
    plain, _, year = name.partition("@")
    fact = FACTS.get(plain) or DEPENDANT_FACTS[plain]
    if chinese:
        return f"{year}年{fact.zh}" if year else fact.zh
    return f"{fact.en} of {year}" if year else fact.en
