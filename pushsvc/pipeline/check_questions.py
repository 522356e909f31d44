"""The questions of a self-check: one a missing fact of the policy, with the choices that the policy tells apart."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from profiles.columns import EPOCH, Certificate
from profiles.criteria.leaves import Days
from profiles.criteria.phrases import flag_words
from profiles.criteria.trees import HasQualification, Leaf, Node, Receives
from profiles.facts import FACTS, SENSITIVE, STORED
from profiles.standards import industries, regions
from pushsvc.pipeline.check_bands import Band, bands_of, leaves_of
from pushsvc.pipeline.held import certificate_name
from pushsvc.pipeline.value_words import as_text, fact_name, pick, say_value

Shape = Literal["", "number", "date", "region", "text"]
YES_NO: tuple[tuple[bool, str, str], ...] = ((True, "是", "yes"), (False, "否", "no"))
LONG_AGO, FAR_AHEAD = timedelta(days=3650), timedelta(days=3650)
_LISTS = ("benefits", "objectives")


@dataclass(frozen=True)
class Choice:
    """One answer: `code` in the form, its words, and the value that is laid over. `text`: how the fact is said when it
    is to be kept; None where the answer is a range and says no value."""

    code: str
    words: str
    value: object
    text: str | None = None


@dataclass(frozen=True)
class Question:
    """What is asked: about a column (`revenue@2025`), a certificate (`qualifications:KEY`) or a word of a list
    (`benefits:WORD`). `shape`: the field for the fact itself, beside or instead of the choices; "" for none."""

    key: str
    name: str
    choices: tuple[Choice, ...] = ()
    shape: Shape = ""
    unit: str = ""
    sensitive: bool = False

    @property
    def about(self) -> str:
        """The fact as criteria name it when it is missing."""
        return self.key.partition(":")[0]

    @property
    def fact(self) -> str:
        """The fact without its year."""
        return self.about.partition("@")[0]

    @property
    def year(self) -> int | None:
        """The year asked about, where the fact is yearly."""
        year = self.about.partition("@")[2]
        return int(year) if year else None


def questions_for(
    root: Node, missing: Iterable[str], *, kind: str, days: Days, locale: str
) -> tuple[list[Question], list[str]]:
    """A question or more for each missing fact, and the facts that cannot be asked here (of family members)."""
    found, left = [], []
    for name in missing:
        asked = list(_questions(root, name, (kind, days), locale))
        found += asked
        left += [] if asked else [name]
    return found, left


def _questions(root: Node, name: str, whose: tuple[str, Days], locale: str) -> Iterator[Question]:
    if name == "qualifications":
        yield from _papers(root, whose[1], locale)
    elif name in _LISTS:
        for word in _words(root, name):
            choices = tuple(Choice(f"{int(value)}", pick((zh, en), locale), value) for value, zh, en in YES_NO)
            yield Question(f"{name}:{word}", pick((f"{fact_name(name, 'zh')}：{word}", word), locale), choices)
    elif name.partition("@")[0] in (*STORED, *SENSITIVE):  # a derived one is missing where what it is made of is coarse
        yield _of_fact(root, name, whose, locale)


def _of_fact(root: Node, name: str, whose: tuple[str, Days], locale: str) -> Question:
    plain, _, year = name.partition("@")
    fact = FACTS[plain]
    title = pick((f"{year}年{fact.zh}", f"{fact.en} in {year}"), locale) if year else fact_name(plain, locale)
    unit = pick((fact.unit_zh, "10,000 yuan" if fact.unit_zh == "万元" else fact.unit_en), locale)
    if fact.kind == "flag":
        words = {value: pick(flag_words(fact, value), locale) for value in (True, False)}
        choices = tuple(Choice(as_text(value), said, value, as_text(value)) for value, said in words.items())
    elif fact.levels:
        choices = tuple(Choice(level, say_value(plain, level, locale), level, level) for level in fact.levels)
    else:
        bands = bands_of(root, name, *whose)
        choices = tuple(Choice(f"b{n}", _band_words(plain, band, locale), band.value) for n, band in enumerate(bands))
    return Question(name, title, choices, _shape(plain, bool(choices)), unit, fact.sensitive)


def _shape(plain: str, chosen: bool) -> Shape:
    """The field for the fact itself; a fact of few values is chosen, and an industry's code nobody knows by heart."""
    fact = FACTS[plain]
    if fact.kind == "flag" or fact.levels:
        return ""
    if fact.tree == "region":
        return "region"
    if fact.tree == "industry":
        return "" if chosen else "text"
    return {"number": "number", "date": "date"}.get(fact.kind, "text")  # type: ignore[return-value]  # of Shape


def _band_words(plain: str, band: Band, locale: str) -> str:
    if band.code is not None:
        name = {"region": regions.name_of, "industry": industries.name_of}.get(FACTS[plain].tree, str)(band.code)
        return name if band.code else pick(("以上都不是", "none of these"), locale)
    is_day = FACTS[band.fact].kind == "date"
    low, high = (_edge(band.fact, one, locale) for one in (band.low, band.high))
    if low and low == high:
        return low
    parts = [_LOW[is_day, band.low_in]] if low else []
    parts += [_HIGH[is_day, band.high_in]] if high else []
    return pick(("，", ", "), locale).join(pick(words, locale).format(low=low, high=high) for words in parts)


def _edge(fact: str, value: float | None, locale: str) -> str:
    if value is None:
        return ""
    return say_value(fact, date.fromordinal(int(value) + EPOCH) if FACTS[fact].kind == "date" else value, locale)


# Whether it is a day, and whether the bound itself is inside: (Chinese, English).
_LOW = {
    (False, True): ("{low}及以上", "{low} or more"),
    (False, False): ("超过{low}", "over {low}"),
    (True, True): ("{low}及以后", "on or after {low}"),
    (True, False): ("{low}之后", "after {low}"),
}
_HIGH = {
    (False, True): ("{high}及以下", "{high} or less"),
    (False, False): ("不足{high}", "under {high}"),
    (True, True): ("{high}及以前", "on or before {high}"),
    (True, False): ("{high}之前", "before {high}"),
}


def _papers(root: Node, days: Days, locale: str) -> Iterator[Question]:
    """One question a certificate; what is asked of how long it is held, or when it lapses, is a choice of its own."""
    nodes = [node for node in leaves_of(root) if isinstance(node, HasQualification)]
    for key in dict.fromkeys(node.key for node in nodes):
        asked = [node for node in nodes if node.key == key]
        on = days.named(asked[0].on)
        choices = [Choice("no", pick(("没有", "no"), locale), (key, on - LONG_AGO, on - timedelta(days=1)))]
        for node in asked:
            choices += _refined(node, days.named(node.on), locale)
        plain = Choice("yes", pick(("有", "yes"), locale), (key, on - LONG_AGO, on + FAR_AHEAD))
        if any(node.lapses_within is not None for node in asked):
            plain = Choice("yes", pick(("有，到期还早", "yes, for longer than that"), locale), plain.value)
        yield Question(f"qualifications:{key}", certificate_name(key, locale), (plain, *choices[1:], choices[0]))


def _refined(node: HasQualification, on: date, locale: str) -> list[Choice]:
    if node.held_months is not None:
        words = (f"有，但未满{node.held_months}个月", f"yes, for less than {node.held_months} months")
        paper: Certificate = (node.key, on, on + FAR_AHEAD)
        return [Choice(f"new{node.held_months}", pick(words, locale), paper)]
    if node.lapses_within is not None:
        words = (f"有，{node.lapses_within}天内到期", f"yes, and it ends within {node.lapses_within} days")
        return [Choice(f"ends{node.lapses_within}", pick(words, locale), (node.key, on - LONG_AGO, on))]
    return []


def _words(root: Node, name: str) -> Sequence[str]:
    """The words of a list that the policy asks for, each once."""
    found: dict[str, None] = {}
    for node in leaves_of(root):
        if isinstance(node, Receives) and name == "benefits":
            found |= dict.fromkeys(node.benefits)
        elif isinstance(node, Leaf) and node.fact == name and node.op == "has":
            found[str(node.value)] = None
    return list(found)
