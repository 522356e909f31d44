"""What a leaf asks, in Chinese and English, as people read it: `年龄不少于60岁`, `age at least 60 years`."""

from __future__ import annotations

from profiles.criteria.measure_words import fact_named, measure_unit, measure_words, year_words
from profiles.criteria.pairs import Pair, alternatives, figure, iso, joined, negation
from profiles.criteria.shapes import DATES
from profiles.criteria.trees import During, HasQualification, Leaf, LeafNode, Measured, Receives, Tier, Tiers
from profiles.facts import LEVEL_WORDS, Fact
from profiles.standards import industries, qualifications, regions

_OP_WORDS: dict[str, Pair] = {
    "eq": ("为{v}", "is {v}"),
    "ne": ("不为{v}", "is not {v}"),
    "lt": ("少于{v}", "below {v}"),
    "le": ("不超过{v}", "at most {v}"),
    "gt": ("超过{v}", "above {v}"),
    "ge": ("不少于{v}", "at least {v}"),
    "in": ("为{v}", "is {v}"),
    "in_region": ("在{v}", "in {v}"),
    "in_industry": ("属于{v}", "in {v}"),
    "before": ("早于{v}", "before {v}"),
    "on_or_before": ("不晚于{v}", "no later than {v}"),
    "after": ("晚于{v}", "after {v}"),
    "on_or_after": ("不早于{v}", "no earlier than {v}"),
    "valid_on": ("至少到{v}", "at least until {v}"),
    "within_days": ("在今后{v}天内", "within the next {v} days"),
    "has": ("含{v}", "includes {v}"),
    "not in": ("不为{v}", "is not {v}"),
    "not in_region": ("不在{v}", "not in {v}"),
    "not in_industry": ("不属于{v}", "not in {v}"),
    "not within_days": ("不在今后{v}天内", "not within the next {v} days"),
    "not has": ("不含{v}", "does not include {v}"),
}
_OPPOSITE = {
    "eq": "ne",
    "ne": "eq",
    "lt": "ge",
    "ge": "lt",
    "le": "gt",
    "gt": "le",
    "before": "on_or_after",
    "on_or_after": "before",
    "after": "on_or_before",
    "on_or_before": "after",
    "valid_on": "before",
}
# Yes and no of a fact as people say it; of any other flag its name with yes or no.
_FLAG_WORDS: dict[str, tuple[Pair, Pair]] = {
    "owns_home": (("名下有住房", "owns a home"), ("名下无住房", "owns no home")),
    "dishonest": (("有失信记录", "has a dishonesty record"), ("无失信记录", "has no dishonesty record")),
    "premiums_paid": (
        ("失业保险费已缴清", "unemployment premiums are paid"),
        ("失业保险费未缴清", "unemployment premiums are not paid"),
    ),
    "is_branch": (("是分支机构", "is a branch"), ("不是分支机构", "is no branch")),
    "hardship": (("已认定生活困难", "hardship is recognised"), ("未认定生活困难", "hardship is not recognised")),
    "disability": (("已认定残疾", "disability is recognised"), ("未认定残疾", "disability is not recognised")),
}
_LEVEL_OPS: dict[str, Pair] = {  # of levels people say higher and lower
    "lt": ("低于{v}", "below {v}"),
    "le": ("不高于{v}", "at most {v}"),
    "gt": ("高于{v}", "above {v}"),
    "ge": ("{v}及以上", "{v} or above"),
}
_DAY_WORDS = {
    "today": ("当日", "today"),
    "deadline": ("截止日", "the deadline"),
    "published": ("发布日", "publication"),
}
_LISTED = 5  # alternatives named of a list that is longer by more than one
_APPLYING: Pair = ("办理日期", "date of applying")
FLAGS = {True: ("是", "yes"), False: ("否", "no")}


def asked(leaf: LeafNode, *, negated: bool) -> Pair:
    """What the leaf asks, or that it must not be so."""
    zh, en = _plain(leaf, negated)
    on_zh, on_en = _as_of(leaf)
    return f"{on_zh}{zh}", f"{en}{on_en}"


def flag_words(fact: Fact, held: bool) -> Pair:
    """A yes or no of a fact."""
    if fact.name in _FLAG_WORDS:
        return _FLAG_WORDS[fact.name][0 if held else 1]
    zh, en = FLAGS[held]
    return f"{fact.zh}为{zh}", f"{fact.en} is {en}"


def compared_words(op: str, words: Pair, *, levels: bool = False, negated: bool = False) -> Pair:
    """A comparison, or its opposite, with a value that is already in words."""
    op = _OPPOSITE.get(op, f"not {op}") if negated else op
    zh, en = (_LEVEL_OPS if levels and op in _LEVEL_OPS else _OP_WORDS)[op]
    return zh.format(v=words[0]), en.format(v=words[1])


def code_words(fact: Fact, level: str) -> Pair:
    """A level or code by its name."""
    if fact.tree == "region":
        return regions.name_of(level), f"{regions.name_of(level)} ({level})"
    if fact.tree == "industry":
        return f"{industries.name_of(level)}({level})", f"{level} {industries.name_of(level)}"
    return LEVEL_WORDS.get(level, (level, level))


def qualification_words(key: str) -> Pair:
    """A certificate's names; its key where it is an operator's own."""
    found = next((row for row in reversed(qualifications.table()) if row.key == key), None)
    return (found.zh, found.en or found.zh) if found else (key, key)


def _plain(leaf: LeafNode, negated: bool) -> Pair:
    match leaf:
        case Leaf():
            return _of_fact(leaf, negated)
        case Measured():
            name, unit = measure_words(leaf.measure), measure_unit(leaf.measure)
            zh, en = compared_words(leaf.op, figure(leaf.value, unit), negated=negated)
            return f"{name[0]}{zh}", f"{name[1]} {en}"
        case Tiers():
            return negation(_of_tiers(leaf), negated)
        case HasQualification():
            return _of_paper(leaf, negated)
        case Receives():
            return _of_benefits(leaf, negated)
        case During():
            return _of_window(leaf, negated)


def _of_benefits(leaf: Receives, negated: bool) -> Pair:
    words = [(word, word) for word in leaf.benefits]
    zh, en = joined(words, ("、", ", "))
    if len(words) == 1:
        received = leaf.excluded == negated
        return (f"已享受{zh}", f"receives {en}") if received else (f"未享受{zh}", f"does not receive {en}")
    if leaf.excluded:
        return (f"享受{zh}之一", f"receives one of {en}") if negated else (f"未享受{zh}", f"receives none of {en}")
    return (f"未全部享受{zh}", f"does not receive all of {en}") if negated else (f"已享受{zh}", f"receives {en}")


def _of_fact(leaf: Leaf, negated: bool) -> Pair:
    fact = fact_named(leaf.fact)
    if fact.kind == "flag":
        return flag_words(fact, (bool(leaf.value) == (leaf.op == "eq")) != negated)
    year_zh, year_en = year_words(leaf.year)
    zh, en = compared_words(leaf.op, _value(leaf, fact), levels=fact.ordered, negated=negated)
    return f"{year_zh}{fact.zh}{zh}", f"{fact.en}{year_en} {en}"


def _of_tiers(leaf: Tiers) -> Pair:
    by, of = measure_words(leaf.by), measure_words(leaf.of)
    rows = [_row(row, leaf) for row in leaf.rows]
    zh, en = joined(rows, (",", ", "))
    return f"{of[0]}按{by[0]}分档:{zh}", f"{of[1]} by {by[1]}: {en}"


def _row(row: Tier, leaf: Tiers) -> Pair:
    zh, en = compared_words(row.op, figure(row.value, measure_unit(leaf.of)))
    if not row.edge:
        return f"其余{zh}", f"otherwise {en}"
    edge_zh, edge_en = compared_words("le" if row.edge == "up_to" else "lt", figure(row.bound, measure_unit(leaf.by)))
    return f"{edge_zh}的{zh}", f"{en} where {edge_en}"


def _of_paper(leaf: HasQualification, negated: bool) -> Pair:
    zh, en = qualification_words(leaf.key)
    no_zh, no_en = ("未", " not") if negated else ("", "")
    if leaf.held_months is not None:
        held_zh, held_en = figure(leaf.held_months, ("个月", "months"))
        return f"{no_zh}持有{zh}资质满{held_zh}", f"{en}{no_en} held for {held_en}"
    if leaf.lapses_within is not None:
        left_zh, left_en = figure(leaf.lapses_within, ("天", "days"))
        will = ("不会", "does not lapse") if negated else ("将", "lapses")
        return f"{zh}资质{will[0]}在{left_zh}内到期", f"{en} {will[1]} within {left_en}"
    return f"{no_zh}持有有效的{zh}资质", f"{en}{no_en} in force"


def _of_window(leaf: During, negated: bool) -> Pair:
    start, end = (None if day is None else iso(day) for day in (leaf.start, leaf.end))
    day_zh, day_en = _DAY_WORDS.get(leaf.on, (leaf.on, leaf.on)) if leaf.on not in ("", "today") else _APPLYING
    about_zh, about_en = f"{day_zh}{'不' if negated else ''}在", f"{day_en} {'not ' if negated else ''}"
    if start is None:
        return f"{about_zh}{end}及以前", f"{about_en}up to {end}"
    if end is None:
        return f"{about_zh}{start}及以后", f"{about_en}from {start} on"
    return f"{about_zh}{start}至{end}期间", f"{about_en}from {start} to {end}"


def _value(leaf: Leaf, fact: Fact) -> Pair:
    value = leaf.value
    if isinstance(value, tuple):
        words = list(dict.fromkeys(_one(fact, item) for item in value))
        return alternatives(words) if len(words) <= _LISTED + 1 else _first_of(words)
    if leaf.op == "within_days":
        return str(value), str(value)
    if isinstance(value, str) and leaf.op in DATES:
        return _DAY_WORDS[value]
    if fact.kind == "date" and isinstance(value, (int, float)):
        return iso(value), iso(value)
    return _one(fact, value)


def _first_of(words: list[Pair]) -> Pair:
    """The first of many, and how many more there are: `A、B、C或其他5项`, `A, B, C or 5 others`."""
    more = len(words) - _LISTED
    return alternatives([*words[:_LISTED], (f"其他{more}项", f"{more} others")])


def _one(fact: Fact, value: object) -> Pair:
    if isinstance(value, bool):
        return FLAGS[value]
    if isinstance(value, (int, float)):
        return figure(value, (fact.unit_zh, fact.unit_en))
    return code_words(fact, str(value))


def _as_of(leaf: LeafNode) -> Pair:
    if isinstance(leaf, (Receives, During)) or leaf.on in ("", "today"):
        return "", ""
    zh, en = _DAY_WORDS.get(leaf.on, (leaf.on, leaf.on))
    return f"{zh}时", f" on {en}"
