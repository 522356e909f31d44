"""Computed quantities in words, Chinese and English: `近3年研发投入合计占…的百分比`."""

from __future__ import annotations

from profiles.criteria.pairs import Pair, joined, number
from profiles.criteria.quantities import Combined, Elapsed, Held, LastYears, Measure, Quotient, Weighted
from profiles.facts import DEPENDANT_FACTS, FACTS, Fact

_COMBINED: dict[str, Pair] = {
    "sum": ("{v}之和", "sum of {v}"),
    "max": ("{v}中的最高值", "highest of {v}"),
    "min": ("{v}中的最低值", "lowest of {v}"),
    "mean": ("{v}的平均值", "mean of {v}"),
}
_TAKES: dict[str, Pair] = {
    "sum": ("近{n}年{f}合计", "{f} of the last {n} years together"),
    "mean": ("近{n}年{f}年均", "yearly mean of {f} in the last {n} years"),
    "max": ("近{n}年{f}最高年度", "highest yearly {f} in the last {n} years"),
    "min": ("近{n}年{f}最低年度", "lowest yearly {f} in the last {n} years"),
    "growth": ("近{n}年{f}平均增长率", "mean growth of {f} in the last {n} years"),
}
_UNITS: dict[str, Pair] = {"years": ("年", "years"), "months": ("个月", "months"), "days": ("天", "days")}
_PERCENT = ("%", "%")


def measure_words(measure: Measure) -> Pair:
    """What the quantity is called."""
    match measure:
        case Held():
            return _of_year(fact_named(measure.fact), measure.year)
        case LastYears():
            fact = fact_named(measure.fact)
            zh, en = _TAKES[measure.take]
            return zh.format(n=measure.years, f=fact.zh), en.format(n=measure.years, f=fact.en)
        case Elapsed():
            fact = fact_named(measure.fact)
            if measure.until:
                return f"距{fact.zh}的剩余时间", f"time left ({fact.en})"
            return f"自{fact.zh}起的时间", f"elapsed time ({fact.en})"
        case Combined():
            zh, en = _COMBINED[measure.how]
            parts = joined([measure_words(part) for part in measure.parts], ("、", ", "))
            return zh.format(v=parts[0]), en.format(v=parts[1])
        case Weighted():
            rows = [(measure_words(part), number(times)) for part, times in measure.parts]
            terms = [(f"{zh}×{times}", f"{en} × {times}") for (zh, en), times in rows]
            zh, en = joined(terms, ("+", " + "))
            return f"加权得分({zh})", f"score ({en})"
        case Quotient():
            (over_zh, over_en), (under_zh, under_en) = measure_words(measure.over), measure_words(measure.under)
            zh = f"{over_zh}占{under_zh}的比例" if measure.percent else f"{over_zh}与{under_zh}之比"
            return zh, f"{over_en} as a share of {under_en}" if measure.percent else f"{over_en} per {under_en}"


def measure_unit(measure: Measure) -> Pair:
    """The unit of its figure; of a sum, that of its parts where they have one in common."""
    match measure:
        case Held():
            fact = fact_named(measure.fact)
            return fact.unit_zh, fact.unit_en
        case LastYears():
            fact = fact_named(measure.fact)
            return _PERCENT if measure.take == "growth" else (fact.unit_zh, fact.unit_en)
        case Elapsed():
            return _UNITS[measure.unit]
        case Combined():
            units = {measure_unit(part) for part in measure.parts}
            return units.pop() if len(units) == 1 else ("", "")
        case Weighted():
            return "分", "points"
        case Quotient():
            return _PERCENT if measure.percent else ("", "")


def fact_named(name: str) -> Fact:
    """The fact of a profile or of a family member."""
    return FACTS.get(name) or DEPENDANT_FACTS[name]


def year_words(year: int) -> Pair:
    """`2025年`, `上年度`, `往前第3年` before a fact's Chinese name; ` of 2025`, … after its English one."""
    if year > 0:
        return f"{year}年", f" of {year}"
    if year == -1:
        return "上年度", " of last year"
    return (f"往前第{-year}年", f" of {-year} years ago") if year else ("", "")


def _of_year(fact: Fact, year: int) -> Pair:
    zh, en = year_words(year)
    return f"{zh}{fact.zh}", f"{fact.en}{en}"
