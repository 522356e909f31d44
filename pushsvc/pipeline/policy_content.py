"""A text that was read, as the columns of a policy: what a column cannot hold is left out and said."""

from __future__ import annotations

from profiles.errors import ProfilesError
from profiles.standards.regions import NATION
from pushsvc.pipeline.policy_fields import FIELDS, FieldError
from pushsvc.pipeline.policy_rows import BLANK, finished
from pushsvc.pipeline.report import RowError
from pushsvc.store.findings import NewFinding
from pushsvc.texts.policy import PolicyText
from pushsvc.texts.raw import RawText

_TAKEN = (
    "ref", "kind", "title", "doc_no", "normative_no", "index_no", "agency", "themes", "region", "amount",
    "url", "version",
)  # fmt: skip
_DATES = ("date_written", "date_published", "date_effective", "valid_to")
_AS_GIVEN = ("summary", "tags", "industries")
_NEEDED = ("ref", "title", "kind")
# What only an operator gives: a text that comes again leaves it as it is.
OPERATORS = ("criteria", "mandatory", "sensitive", "event", "window_opens", "window_closes")

Content = dict[str, object]


def content_of(text: PolicyText, raw: RawText) -> tuple[Content, list[NewFinding]] | list[RowError]:
    """All of FIELDS and what was left out; or the errors where no policy can be made of it."""
    content, errors, notes = (
        dict(BLANK),
        list[RowError](),
        [NewFinding(**vars(note), blocking=False) for note in text.notes],
    )
    given = {name: getattr(text, name) for name in _TAKEN} | {name: raw.fields.get(name) for name in _AS_GIVEN}
    for name, value in given.items():
        try:
            content[name] = _parsed(name, value) or content[name]
        except (FieldError, ProfilesError) as exc:
            if name in _NEEDED:
                errors.append(RowError(raw.line, name, exc.code, exc.sentence))
            notes.append(_left_out(name, exc.code, exc.sentence))
    content |= {name: getattr(text, name) for name in _DATES}
    content |= {"family": _family(text, raw)}
    content |= {"body": text.body, "agency": content["agency"] or ""}
    whole = finished(raw.line, content, required=("ref", "title"))
    if isinstance(whole, list):
        return errors + [error for error in whole if error.column not in {one.column for one in errors}]
    return errors or (whole, notes)


def derived_of(text: PolicyText) -> Content:
    """The columns that no row gives: numbers in their one form, agencies, the amount as a number, clean markup."""
    return {
        "doc_nos": list(text.doc_nos),
        "agencies": list(text.agencies),
        "amount_wan": text.amount_wan,
        "html": text.html or None,
    }


def _family(text: PolicyText, raw: RawText) -> str | None:
    """What the header says; else the subject within its region: two cities' measures of one title are no family."""
    told = raw.fields.get("family")
    if told or not text.family:
        return text.family or None
    return f"{text.region or NATION} {text.family}"[:200]


def _parsed(name: str, value: object) -> object:
    if value in (None, "", ()):
        return None
    return FIELDS[name](list(value) if isinstance(value, tuple) else value)


def _left_out(name: str, code: str, sentence: str) -> NewFinding:
    zh = f"来源所给的{name}无法采用，已留空，原样保存在来源记录中。"
    return NewFinding(
        code, name, zh, f"The source's {name} was left out, and is kept with the source. {sentence}", False
    )
