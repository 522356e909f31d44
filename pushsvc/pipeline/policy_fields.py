"""The fields of a policy, each parsed by its own rule: what is held afterwards needs no second look."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from profiles.criteria import CriteriaError
from profiles.standards.industries import parse_industry
from profiles.standards.regions import parse_region
from pushsvc.pipeline.policy_criteria import parse_unbound
from pushsvc.pipeline.policy_text import TOPICS, plain_text

KINDS = (
    "normative",
    "consultation",
    "plan",
    "guide",
    "negative_list",
    "fund",
    "emergency",
    "interpretation",
    "response",
    "gazette",
)
UNMATCHED = ("consultation", "plan", "response", "gazette")  # for subscribers only, whatever criteria they carry


class FieldError(ValueError):
    """A value that its field cannot hold: code, sentence, and where inside the field."""

    def __init__(self, code: str, sentence: str, place: str = "") -> None:
        super().__init__(sentence)
        self.code, self.sentence, self.place = code, sentence, place


Parse = Callable[[Any], object]


def words(limit: int) -> Parse:
    """A rule for one line of text, at most `limit` characters; blank is None."""

    def parse(value: Any) -> str | None:
        if not isinstance(value, str):
            raise FieldError("wrong_type", "Text is expected here.")
        text = " ".join(plain_text(value).split())
        if len(text) > limit:
            raise FieldError("too_long", f"{len(text)} characters, {limit} are allowed.")
        return text or None

    return parse


def one_of(choices: Sequence[str]) -> Parse:
    """A rule for an enumeration."""

    def parse(value: Any) -> str:
        if value not in choices:
            raise FieldError("unknown_value", f"{str(value)[:40]!r} is none of {', '.join(choices)}.")
        return str(value)

    return parse


def word_list(item: Parse) -> Parse:
    """A rule for a list (or one text with | between the values) whose items keep `item`'s rule."""

    def parse(value: Any) -> list[object]:
        values = value.split("|") if isinstance(value, str) else value
        if not isinstance(values, list) or len(values) > 200:
            raise FieldError("wrong_type", "A list of at most 200 values is expected here.")
        return list(dict.fromkeys(found for found in map(item, values) if found))

    return parse


def _text(value: Any) -> str | None:
    if not isinstance(value, str):
        raise FieldError("wrong_type", "Text is expected here.")
    return plain_text(value) or None


def _url(value: Any) -> str | None:
    """The address of the original. Readers press it: no scheme but the web's, and a host."""
    text = _LINE(value)
    if text is None:
        return None
    try:
        parts = urlsplit(str(text))
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise FieldError("bad_url", f"{str(text)[:40]!r} is no address that begins with https:// or http://.")
    return str(text)


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise FieldError("wrong_type", "true or false is expected here.")
    return value


def _date(value: Any) -> date:
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        raise FieldError("bad_date", f"{str(value)[:40]!r} is not a date like 2026-06-24.") from None


def _region(value: Any) -> str:
    return parse_region(str(value))


def _industry(value: Any) -> str:
    return parse_industry(str(value))


def _criteria(value: Any) -> Any:
    try:
        parse_unbound(value)
    except CriteriaError as exc:
        raise FieldError(exc.code, exc.sentence, exc.place) from exc
    return value


_NAME, _LINE = words(200), words(1000)
_DATES = ("date_written", "date_published", "date_effective", "window_opens", "window_closes", "valid_to")
FIELDS: Mapping[str, Parse] = {
    "ref": _NAME,
    "family": _NAME,
    "event": _NAME,
    "kind": one_of(KINDS),
    "title": words(500),
    "doc_no": _NAME,
    "index_no": _NAME,
    "normative_no": _NAME,
    "version": _NAME,
    "agency": words(300),
    "themes": word_list(_NAME),
    "tags": word_list(words(60)),
    "topic": one_of(TOPICS),
    "region": _region,
    "industries": word_list(_industry),
    "summary": words(2000),
    "amount": _NAME,
    "body": _text,
    "criteria": _criteria,
    "mandatory": _flag,
    "sensitive": _flag,
    "url": _url,
    **dict.fromkeys(_DATES, _date),
}
