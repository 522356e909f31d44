"""The words of SMS templates: what a body, a signature and limits may be, and how an approved filing is filled. Pure.

Rules, by their source: 500 characters with the signature, 67 to a part beyond 70, no 【】, no variable glued to a link,
no empty value (Aliyun); no line ends, signatures of 2 to 12 characters, no link in a value (Tencent 382/13301); words
around and between variables (Aliyun, Huawei sms_01_0008).
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from channels.text import SMS_LIMIT, shorten, sms_parts, sms_text, units
from pushsvc.pipeline.errors import PipelineError
from pushsvc.pipeline.wording import LINK, NEUTRAL, OFFICE, Words, bare, unlinked
from pushsvc.store.sms_templates import Filing

KINDS = ("notice", "marketing", "code")
LOCALES = ("zh", "en")
VARIABLES = ("title", "until", "agency", "check", "count", "city", "code")
LEAST = {"check": 6, "code": 6, "count": 4}  # as long as they are: cut, these would say something else
SHORTEST, LONGEST, USUAL = 2, 60, 35  # units of a value that a filing may allow; what vendors allow where none is filed
OPT_OUT = ("拒收请回复R", "回R停收", "Reply R to stop")
SIGNATURE = (2, 12)
NAME = re.compile(r"[a-z][a-z0-9_-]{0,30}")
CODE = re.compile(r"[A-Za-z0-9_-]{1,64}")  # SMS_123456789 (Aliyun), 1110000 (Tencent)
NO_DATE = {"zh": ("截止日期见公告", "见公告"), "en": ("dates in the notice", "see it")}
_HOLE = re.compile(r"\$\{([A-Za-z_]*)\}")
_STRAY = re.compile(r"[${}]")


class SmsTemplateError(PipelineError):
    """A template or a filing cannot be so; `place`: body, signature, limits.title and the like."""

    def __init__(self, code: str, sentence: str, place: str = "") -> None:
        super().__init__(code, sentence)
        self.place = place


@dataclass(frozen=True)
class FiledWords:
    """What a vendor is told and what arrives, both with the mark of the check code where it stands: `sign`, its
    `template`, `params` (a JSON object of text), `order` (a JSON list of their names as the body has them)."""

    text: str
    sign: str
    template: str
    params: str
    order: str

    def meta(self, params: str) -> dict[str, str]:
        """The meta of a message with these parameters."""
        return {"sign": self.sign, "template": self.template, "params": params, "order": self.order}


def variables(body: str) -> list[str]:
    """The names of a body's variables, in their order."""
    return _HOLE.findall(body)


def has_places(body: str, values: Collection[str]) -> bool:
    """Whether a body says each of a system message's values, and leaves nothing open but the city's name: one without
    the code would be no code, and nobody could fill another variable."""
    return set(values) <= set(variables(body)) <= {"city", *values}


def check_body(body: str, *, kind: str, locale: str) -> None:
    """Raises SmsTemplateError: unknown_kind, unknown_locale, empty_body, control_character, brackets_in_body,
    broken_variable, unknown_variable, variable_twice, variables_touch, variable_at_link, link_in_body, only_variables,
    wrong_variable, code_missing, opt_out_missing, too_long."""
    if kind not in KINDS:
        raise SmsTemplateError("unknown_kind", f"A template is of the kind {', '.join(KINDS)}.", "kind")
    if locale not in LOCALES:
        raise SmsTemplateError("unknown_locale", f"A template's language is {' or '.join(LOCALES)}.", "locale")
    for code, sentence in _wrong(body, kind):
        raise SmsTemplateError(code, sentence, "body")
    if longest(body, {}) + SIGNATURE[1] + 2 > SMS_LIMIT:
        sentence = f"With its signature and all variables at {USUAL} it may have more than {SMS_LIMIT} characters."
        raise SmsTemplateError("too_long", sentence, "body")


def _wrong(body: str, kind: str) -> Iterator[tuple[str, str]]:
    """What is wrong with a body, the cause before its consequences."""
    text = _HOLE.sub("", body)
    if not body.strip():
        yield "empty_body", "The body is empty."
    if not body.isprintable():
        yield "control_character", "The body may not hold line ends, tabs or what cannot be seen."
    if "【" in body or "】" in body:
        yield "brackets_in_body", "The body may not hold 【 or 】: carriers read them as a second signature."
    if _STRAY.search(text):
        yield "broken_variable", "A variable is written ${title}; the body may hold no other $, { or }."
    yield from _wrong_variables(variables(body), kind)
    if "}${" in body:
        yield "variables_touch", "Two variables may not touch: vendors ask for a word between them."
    if _glued_to_link(body):
        yield "variable_at_link", "No variable may be glued to a link: who reads it cannot tell where it leads."
    if LINK.search(text):
        yield "link_in_body", "An SMS bears no link: the check code stands in its place."
    if not any(char.isalnum() for char in text):
        yield "only_variables", "The body must say something beside its variables."
    if kind == "marketing" and not says_how_to_stop(body):
        yield "opt_out_missing", f"A marketing message must say how to stop: {' or '.join(OPT_OUT)}."


def says_how_to_stop(body: str) -> bool:
    """Whether a body holds the words by which its reader can end such messages."""
    return any(words in body for words in OPT_OUT)


def _wrong_variables(names: Sequence[str], kind: str) -> Iterator[tuple[str, str]]:
    for name in names:
        if name not in VARIABLES:
            yield "unknown_variable", f"There is no variable {name!r}; there are {', '.join(VARIABLES)}."
        if names.count(name) > 1:
            yield "variable_twice", f"The variable {name!r} stands there twice: vendors take each once."
        if name not in ("code", "city") and kind == "code":
            yield "wrong_variable", f"A code's message holds the variables code and city, not {name!r}."
        if name == "code" and kind != "code":
            yield "wrong_variable", "Only a template of the kind code may hold ${code}."
    if kind == "code" and "code" not in names:
        yield "code_missing", "A code's message holds ${code}."


def _glued_to_link(body: str) -> bool:
    """Whether a variable stands in a link or beside one: `t.cn/${code}`, `${city}.cn`."""
    pieces = _HOLE.split(body)[::2]
    places = [len("x".join(pieces[:i])) for i in range(1, len(pieces))]
    links = [found.span() for found in LINK.finditer("x".join(pieces))]
    return any(start <= place < end for place in places for start, end in links)


def check_filing(body: str, *, code: str, signature: str, limits: Mapping[str, int]) -> None:
    """Raises SmsTemplateError: bad_code, bad_signature, unknown_variable, bad_limit, too_long."""
    if CODE.fullmatch(code) is None:
        raise SmsTemplateError("bad_code", "The vendor's code is 1 to 64 letters, digits, `-` and `_`.", "code")
    if not SIGNATURE[0] <= units(signature) <= SIGNATURE[1] or not signature.isalnum():
        sentence = f"A signature has {SIGNATURE[0]} to {SIGNATURE[1]} letters or digits, and no brackets."
        raise SmsTemplateError("bad_signature", sentence, "signature")
    for name, limit in limits.items():
        place, least = f"limits.{name}", LEAST.get(name, SHORTEST)
        if name not in variables(body):
            raise SmsTemplateError("unknown_variable", f"The body has no variable {name!r}.", place)
        if isinstance(limit, bool) or not isinstance(limit, int) or not least <= limit <= LONGEST:
            raise SmsTemplateError("bad_limit", f"The limit of {name} lies between {least} and {LONGEST}.", place)
    if longest(body, limits) + units(sms_text(signature, "")) > SMS_LIMIT:
        sentence = f"With its signature and full variables it may have more than {SMS_LIMIT} characters."
        raise SmsTemplateError("too_long", sentence, "limits")


def longest(body: str, limits: Mapping[str, int]) -> int:
    """How many UTF-16 units a body may take, without a signature: each variable at its limit."""
    return units(_HOLE.sub("", body)) + sum(limits.get(name, usual(name)) for name in variables(body))


def usual(name: str) -> int:
    """The units that a variable may take where its filing says nothing."""
    return LEAST.get(name, USUAL)


def most_parts(body: str, signature: str, limits: Mapping[str, int]) -> int:
    """How many parts an SMS of it takes at most."""
    return sms_parts(signature, "x" * longest(body, limits))


def fill(filing: Filing, values: Mapping[str, Sequence[str]]) -> FiledWords:
    """An approved filing with its variables filled: of each the first wording that keeps to its limit, or the first of
    them cut, its last character an ellipsis. No wording is empty."""
    names = variables(filing.template.body)
    params = {name: _fit(values[name], filing.limits.get(name, usual(name))) for name in names}
    body = _HOLE.sub(lambda hole: params[hole[1]], filing.template.body)
    as_json = json.dumps(params, ensure_ascii=False)
    text = sms_text(filing.signature, body)
    return FiledWords(text, filing.signature, filing.code, as_json, json.dumps(names))


def values_of(told: Words, city: str, check: str) -> dict[str, tuple[str, ...]]:
    """What fills each variable of a message about policies: its wordings, the best first."""
    return {
        "title": (_plain(told.title) or NEUTRAL[told.locale],),
        "until": _dates(_plain(told.until), told.locale),
        "agency": (_plain(told.items[0]["agency"]) or OFFICE[told.locale],),
        "check": (check,),
        "count": (str(told.count),),
        "city": (_plain(city) or "-",),
    }


def _plain(text: str) -> str:
    """One line without a link."""
    return bare(unlinked(text))


def _dates(until: str, locale: str) -> tuple[str, ...]:
    """`，6月30日截止` → 6月30日截止, 6月30日; `, until 30 September` → until 30 September, 30 September, 30 Sep."""
    said = until.lstrip("，, ")
    if not said:
        return NO_DATE[locale]
    day = said.removesuffix("截止").removeprefix("until ")
    if day == said:
        return (said,)
    return (said, day, *([f"{day.partition(' ')[0]} {day.partition(' ')[2][:3]}"] if " " in day else []))


def _fit(wordings: Sequence[str], limit: int) -> str:
    return next((one for one in wordings if units(one) <= limit), shorten(wordings[0], limit))
