"""Facts' values as people read them, in Chinese and English; and what a person writes, as a value."""

from __future__ import annotations

from datetime import date

from profiles import cells
from profiles.facts import FACTS, LEVEL_WORDS, Fact
from profiles.standards import industries, regions

_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
STAGES = {
    "出生": "birth", "教育": "education", "就业": "work", "生活": "everyday life", "置业": "buying a home",
    "出行": "travel", "就医": "health care", "救助": "assistance", "养老": "old age", "身后": "after death",
    "准入准营": "starting up", "招聘用工": "hiring", "纳税缴费": "taxes and fees", "经营发展": "running and growing",
    "工程建设": "construction", "注销退出": "closing down",
}  # fmt: skip
_FLAGS = {True: ("是", "yes"), False: ("否", "no")}


def pick(words: tuple[str, str], locale: str) -> str:
    """The one of (Chinese, English) that the locale asks for."""
    return words[0 if locale.startswith("zh") else 1]


def fact_name(name: str, locale: str) -> str:
    """What a fact is called; a name we do not know is shown as it is."""
    fact = FACTS.get(name)
    return pick((fact.zh, fact.en), locale) if fact else name


def say_day(value: date, locale: str) -> str:
    """2026年6月24日 / 24 June 2026"""
    chinese = f"{value.year}年{value.month}月{value.day}日"
    return chinese if locale.startswith("zh") else f"{value.day} {_MONTHS[value.month - 1]} {value.year}"


def say_value(name: str, value: object, locale: str) -> str:
    """One value with its unit or in words."""
    fact = FACTS.get(name)
    if isinstance(value, bool):
        return pick(_FLAGS[value], locale)
    if isinstance(value, date):
        return say_day(value, locale)
    if isinstance(value, (int, float)):
        return _amount(fact, float(value), locale)
    if isinstance(value, (list, tuple)):
        words = [
            pick((str(one), STAGES.get(str(one), str(one)) if name == "stage" else str(one)), locale) for one in value
        ]
        return pick(("、", ", "), locale).join(words)
    return _code(fact, str(value), locale)


def read_value(name: str, text: str, on: date) -> object:
    """What a person wrote for a fact, checked as a row of a register is. Raises ProfilesError."""
    return cells.fact_value(FACTS[name], text, on)


def as_text(value: object) -> str:
    """The value as a file of the register would hold it, so that `read_value` gives it back."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.6f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)


def say_text(name: str, text: str, locale: str) -> str:
    """A value kept as text (in the history, or claimed) in words; text that is no value stays as it is."""
    fact = FACTS.get(name)
    if fact is None or fact.kind == "set":
        return text
    try:
        return say_value(name, _FLAG_TEXTS.get(text) if fact.kind == "flag" else _typed(fact, text), locale)
    except (ValueError, ArithmeticError):
        return text


_FLAG_TEXTS = {"True": True, "False": False, "yes": True, "no": False, "1": True, "0": False}


def _typed(fact: Fact, text: str) -> object:
    if fact.kind == "number":
        return float(text)
    return date.fromisoformat(text) if fact.kind == "date" else text


def _amount(fact: Fact | None, value: float, locale: str) -> str:
    figure = f"{value:,.2f}".rstrip("0").rstrip(".")
    if fact is None:
        return figure
    if locale.startswith("zh"):
        return figure + fact.unit_zh
    glue = "" if fact.unit_en.startswith(("%", ",")) or not fact.unit_en else " "
    return f"{value * 10_000:,.0f} yuan" if fact.unit_zh == "万元" else figure + glue + fact.unit_en


def _code(fact: Fact | None, value: str, locale: str) -> str:
    if fact is not None and fact.tree == "region":
        return regions.name_of(value)
    if fact is not None and fact.tree == "industry":
        return pick((f"{industries.name_of(value)}（{value}）", f"{value} {industries.name_of(value)}"), locale)
    return pick(LEVEL_WORDS[value], locale) if value in LEVEL_WORDS else value
