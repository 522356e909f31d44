"""One imported policy as a whole: its fields read, what can be derived filled in, every error of the line named."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from profiles.errors import ProfilesError
from profiles.facts import SENSITIVE
from profiles.standards.regions import NATION
from pushsvc.pipeline.policy_criteria import parse_unbound
from pushsvc.pipeline.policy_fields import FIELDS, FieldError
from pushsvc.pipeline.policy_text import topic_of
from pushsvc.pipeline.report import RowError

_LATER = ("normative_no", "version", "date_effective")  # bound where given: older approvals knew nothing of them
_REQUIRED = ("ref", "title", "agency", "body")
BLANK: Mapping[str, object] = dict.fromkeys((*FIELDS,)) | {
    "kind": "normative",
    "region": NATION,
    "themes": [],
    "tags": [],
    "industries": [],
    "mandatory": False,
    "sensitive": False,
}


def read_policy(line: int, given: Mapping[str, Any]) -> dict[str, object] | list[RowError]:
    """The columns of a new policy, all of FIELDS, or every error of the line."""
    values, errors = read_fields(line, given)
    content = dict(BLANK) | {name: value for name, value in values.items() if value is not None}
    wrong = {error.column for error in errors}
    found = finished(line, content)
    if isinstance(found, list):
        errors += [error for error in found if error.column not in wrong]
    return errors or found


def finished(
    line: int, content: Mapping[str, object], *, required: Sequence[str] = _REQUIRED
) -> dict[str, object] | list[RowError]:
    """The content with what can be derived filled in, or what is still wrong with it as a whole."""
    errors = [RowError(line, name, "missing", "This field is required.") for name in required if not content[name]]
    opens, closes, themes = content["window_opens"], content["window_closes"], content["themes"]
    if isinstance(opens, date) and isinstance(closes, date) and closes < opens:
        errors.append(RowError(line, "window_closes", "bad_window", "The window closes before it opens."))
    derived = {
        "family": content["family"] or content["ref"],
        "event": content["event"] or f"new:{content['ref']}",
        "topic": content["topic"] or topic_of(themes if isinstance(themes, list) else []),
        "sensitive": content["sensitive"] or _asks_what_is_sensitive(content["criteria"]),
    }
    return errors or {**content, **derived}


def _asks_what_is_sensitive(tree: object) -> bool:
    """Whether the (parsed before) criteria speak of a sensitive fact: then reading the policy says something too."""
    return tree is not None and not set(parse_unbound(tree).facts).isdisjoint(SENSITIVE)


def read_fields(line: int, given: Mapping[str, Any]) -> tuple[dict[str, object], list[RowError]]:
    """The fields given, parsed, and the errors; `id` is `ref`, `theme_l1` and `theme_l2` are `themes`."""
    values: dict[str, object] = {}
    errors: list[RowError] = []
    for name, value in _named(given).items():
        try:
            if name not in FIELDS:
                raise FieldError("unknown_field", "There is no such field.")
            _storable(value)
            values[name] = None if value is None else FIELDS[name](value)
        except (FieldError, ProfilesError) as exc:
            place = f"{name}.{exc.place}" if exc.place else name
            errors.append(RowError(line, place, exc.code, exc.sentence))
    return values, errors


def content_checksum(content: Mapping[str, object]) -> str:
    """SHA-256 over the content: what a reviewer's approval binds."""
    bound = {name: content[name] for name in FIELDS if name not in _LATER or content[name] is not None}
    text = json.dumps(bound, ensure_ascii=False, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def _named(given: Mapping[str, Any]) -> dict[str, Any]:
    named = {("ref" if name == "id" else str(name)): value for name, value in given.items()}
    levels = [named.pop(name, None) for name in ("theme_l1", "theme_l2")]
    if "themes" not in named and any(levels):
        named["themes"] = [theme for theme in levels if theme]
    return named


def _storable(value: Any) -> None:
    """Refuses what no database text can hold; control characters elsewhere are dropped by the fields' own rules."""
    try:
        text = json.dumps(value, ensure_ascii=False)
        text.encode()
    except (UnicodeEncodeError, RecursionError):
        raise FieldError("not_text", "The value holds half a character, or is nested too deeply.") from None
    if isinstance(value, dict) and "\\u0000" in text:
        raise FieldError("not_text", "The value holds a NUL character.")
