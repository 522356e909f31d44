"""What a condition asks and what we hold, in Chinese and English, as people read it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from profiles.columns import EPOCH, MISSING_DATE, Column
from profiles.criteria.clauses import Clause
from profiles.criteria.trees import Leaf
from profiles.facts import DEPENDANT_FACTS, FACTS, LEVEL_WORDS, Fact, fact_words
from profiles.standards import industries, regions

Pair = tuple[str, str]  # Chinese, English

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
    "within_days": ("在{v}天内", "within {v} days"),
    "has": ("含{v}", "includes {v}"),
}
_DAY_WORDS = {
    "today": ("当日", "today"),
    "deadline": ("截止日", "the deadline"),
    "published": ("发布日", "publication"),
}
_FLAGS = {True: ("是", "yes"), False: ("否", "no")}
_NOTHING = ("未登记", "nothing on file")
_PRIVATE = ("已登记", "an entry on file")


def asked(leaf: Leaf, *, negated: bool) -> Pair:
    """What the condition asks: `年龄不少于60岁`, `age at least 60 years`."""
    fact = FACTS.get(leaf.fact) or DEPENDANT_FACTS[leaf.fact]
    op_zh, op_en = _OP_WORDS[leaf.op]
    value_zh, value_en = _value(leaf, fact)
    on_zh, on_en = _as_of(leaf.on)
    zh = f"{on_zh}{fact.zh}{op_zh.format(v=value_zh)}"
    en = f"{fact.en} {op_en.format(v=value_en)}{on_en}"
    return (f"非({zh})", f"not ({en})") if negated else (zh, en)


def held(column: Column, row: int, fact: Fact) -> Pair:
    """What we hold. Of a sensitive fact only that something is held: the words may travel further than the page."""
    value = column.values[row]
    if not column.known()[row]:
        return _NOTHING
    if fact.sensitive:
        return _PRIVATE
    if column.kind == "number":
        return f"{number(value)}{fact.unit_zh}", _unit(number(value), fact.unit_en)
    if column.kind == "date":
        text = date.fromordinal(int(value) + EPOCH).isoformat() if value != MISSING_DATE else ""
        return text, text
    if column.kind == "flag":
        return _FLAGS[bool(value)]
    return _code(fact, column.levels[value])


def say(clause: Clause, locale: str = "zh") -> str:
    """One condition's sentence: why it fits, what is missing, or what is asked against what is held."""
    chinese = locale.startswith("zh")
    number_ = _clause_number(clause.clause, chinese)
    if clause.state == 1:
        return (
            f"因您的{clause.fact_zh}符合{number_ or '要求'}"
            if chinese
            else (f"Your {clause.fact_en} meets {number_ or 'what is asked'}")
        )
    if clause.state == -1:
        what = fact_words(clause.missing, locale) or (clause.fact_zh if chinese else clause.fact_en)
        n = len(clause.missing) or 1
        return f"可能符合:补充{n}项信息即可判断({what})" if chinese else f"Possibly: {n} facts would tell ({what})"
    if chinese:
        return f"目前不符合{number_}:要求{clause.asked_zh},登记为{clause.held_zh}。有误?更正"
    return f"Not now: {number_ or 'the rule'} asks {clause.asked_en}; we hold {clause.held_en}. Wrong? Correct it"


def say_state(state: int, missing: int, locale: str = "zh") -> str:
    """The whole answer in one line; `missing`: how many facts would tell. Never a final refusal."""
    chinese = locale.startswith("zh")
    if state == 1:
        return "初步符合,以受理部门审核为准" if chinese else "Looks eligible; the office decides"
    if state == -1:
        return f"可能符合:补充{missing}项信息即可判断" if chinese else f"Possibly: {missing} facts would tell"
    return "目前不符合" if chinese else "Not now"


def number(value: float) -> str:
    """A figure as people write it: no trailing zeros, at most two places."""
    return f"{float(value):.2f}".rstrip("0").rstrip(".")


def joined(parts: Sequence[Pair], glue: Pair) -> Pair:
    """Several phrases as one, without repeats."""
    unique = list(dict.fromkeys(parts))
    return glue[0].join(zh for zh, _ in unique), glue[1].join(en for _, en in unique)


def _value(leaf: Leaf, fact: Fact) -> Pair:
    value = leaf.value
    if isinstance(value, tuple):
        words = [_one(fact, item) for item in value[:5]]
        more = ("等", " and others") if len(value) > 5 else ("", "")
        zh, en = joined(words, ("、", ", "))
        return zh + more[0], en + more[1]
    if isinstance(value, str) and value in _DAY_WORDS:
        return _DAY_WORDS[value]
    if fact.kind == "date" and leaf.op != "within_days":
        text = date.fromordinal(int(value) + EPOCH).isoformat()
        return text, text
    return _one(fact, value)


def _one(fact: Fact, value: object) -> Pair:
    if isinstance(value, bool):
        return _FLAGS[value]
    if isinstance(value, (int, float)):
        return f"{number(value)}{fact.unit_zh}", _unit(number(value), fact.unit_en)
    return _code(fact, str(value))


def _code(fact: Fact, level: str) -> Pair:
    if fact.tree == "region":
        return regions.name_of(level), f"{regions.name_of(level)} ({level})"
    if fact.tree == "industry":
        return f"{industries.name_of(level)}({level})", f"{level} {industries.name_of(level)}"
    return LEVEL_WORDS.get(level, (level, level))


def _as_of(on: str) -> Pair:
    if not on:
        return "", ""
    zh, en = _DAY_WORDS.get(on, (on, on))
    return f"{zh}时", f" on {en}"


def _unit(figure: str, unit: str) -> str:
    return f"{figure}{unit}" if unit in ("", "%") or unit.startswith("0") else f"{figure} {unit}"


def _clause_number(clause: str, chinese: bool) -> str:
    if not clause:
        return ""
    if chinese:
        return clause if clause.startswith("第") else f"第{clause}条"
    return f"clause {clause}"
