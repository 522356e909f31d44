"""A clause and a whole answer as sentences, Chinese and English, as people read them."""

from __future__ import annotations

from profiles.criteria.clauses import Clause
from profiles.facts import fact_words


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
        return f"可能符合:补充{n}项信息即可判断({what})" if chinese else f"Possibly: {_facts(n)} would tell ({what})"
    if chinese:
        return f"目前不符合{number_}:要求{clause.asked_zh},登记为{clause.held_zh}。有误?更正"
    return f"Not now: {number_ or 'the rule'} asks {clause.asked_en}; we hold {clause.held_en}. Wrong? Correct it"


def say_state(state: int, missing: int, locale: str = "zh") -> str:
    """The whole answer in one line; `missing`: how many facts would tell. Never a final refusal."""
    chinese = locale.startswith("zh")
    if state == 1:
        return "初步符合,以受理部门审核为准" if chinese else "Looks eligible; the office decides"
    if state == -1:
        return f"可能符合:补充{missing}项信息即可判断" if chinese else f"Possibly: {_facts(missing)} would tell"
    return "目前不符合" if chinese else "Not now"


def _facts(n: int) -> str:
    return "1 fact" if n == 1 else f"{n} facts"


def _clause_number(clause: str, chinese: bool) -> str:
    if not clause:
        return ""
    if chinese:
        return clause if clause.startswith("第") else f"第{clause}条"
    return f"clause {clause}"
