"""One policy that is ready goes into the store: new, changed or as it was, with its source and what was found in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from pushsvc.context import Context
from pushsvc.pipeline.days import city_day
from pushsvc.pipeline.policy_content import OPERATORS, Content, content_of, derived_of
from pushsvc.pipeline.policy_copies import keep_print
from pushsvc.pipeline.policy_criteria import flaws
from pushsvc.pipeline.policy_gate import judge, keep_source, note, text_mark
from pushsvc.pipeline.policy_rows import content_checksum
from pushsvc.pipeline.report import RowError
from pushsvc.store.findings import NewFinding
from pushsvc.store.policies import Policy, add_policy, change_policy, policy_by_ref
from pushsvc.store.session import Connection
from pushsvc.texts.interpreting import interpret
from pushsvc.texts.policy import PolicyText
from pushsvc.texts.raw import RawText


@dataclass(frozen=True)
class Prepared:
    """A policy ready to be stored: its columns, its text as read, the copy it came in, what reading noticed.

    `foreign`: it was read from somebody else's format; what operators added to the stored one is theirs to keep.
    `partial`: an operator changes some fields of a stored one; where it came from stays as it was.
    """

    content: Content
    text: PolicyText
    raw: RawText
    origin: str
    notes: tuple[NewFinding, ...] = ()
    foreign: bool = False
    partial: bool = False


@dataclass(frozen=True)
class Loaded:
    """What became of a row: new, changed or unchanged."""

    policy_id: int
    outcome: str
    draft: bool


def prepared(content: Content, raw: RawText, origin: str) -> Prepared:
    """A row in our own format: its columns stand as given; the text is read for its numbers and links."""
    return Prepared(content, interpret(raw), raw, origin)


def prepared_text(raw: RawText, origin: str) -> Prepared | list[RowError]:
    """A text of any shape, read."""
    text = interpret(raw)
    found = content_of(text, raw)
    if isinstance(found, list):
        return found
    content, notes = found
    return Prepared(content, text, raw, origin, tuple(notes), foreign=True)


def load(conn: Connection, ctx: Context, line: int, found: Prepared | list[RowError]) -> Loaded | list[RowError]:
    """Store it. A published policy changes no more; the same copy again changes nothing."""
    if isinstance(found, list):
        return found
    stored = policy_by_ref(conn, str(found.content["ref"]), lock=True)
    if stored is not None and found.foreign:
        found = replace(found, content=found.content | {name: getattr(stored, name) for name in OPERATORS})
    checksum = content_checksum(found.content)
    if stored is None or stored.checksum != checksum:
        errors, notes = flaws(conn, line, found.content, city_day(ctx))
        if errors:
            return errors
        found = replace(found, notes=(*found.notes, *notes))
    if stored is None:
        policy_id = add_policy(conn, _columns(found), checksum=checksum, at=ctx.clock())
        _judge(conn, ctx, policy_id, found)
        return Loaded(policy_id, "new", draft=True)
    same = stored.source_checksum == found.raw.checksum if found.foreign else stored.checksum == checksum
    if same or stored.checksum == checksum:
        if not found.partial:
            keep_source(conn, ctx, stored.id, found.raw, found.origin)
        return Loaded(stored.id, "unchanged", draft=stored.state == "draft")
    if stored.state != "draft":
        sentence = "The policy is published: a change needs a reference of its own, with this family and a new event."
        return [RowError(line, "ref", "published", sentence)]
    return _change(conn, ctx, stored, found, checksum)


def _change(conn: Connection, ctx: Context, stored: Policy, found: Prepared, checksum: str) -> Loaded:
    """Replace a draft's content. Where only criteria and the like change, the text is not judged again."""
    if found.partial and text_mark(found.content) == text_mark(stored):
        change_policy(conn, stored.ref, found.content, checksum=checksum, at=ctx.clock())
        for one in found.notes:
            note(conn, ctx, stored.id, one)
    else:
        change_policy(conn, stored.ref, _columns(found), checksum=checksum, at=ctx.clock())
        _judge(conn, ctx, stored.id, found)
    return Loaded(stored.id, "changed", draft=True)


def _columns(found: Prepared) -> Mapping[str, object]:
    columns = found.content | derived_of(found.text)
    return columns if found.partial else columns | {"source_checksum": found.raw.checksum if found.foreign else None}


def _judge(conn: Connection, ctx: Context, policy_id: int, found: Prepared) -> None:
    keep_source(conn, ctx, policy_id, found.raw, found.origin)
    keep_print(conn, policy_id, found.text)
    judge(conn, ctx, policy_id, text=found.text, raw=found.raw, notes=found.notes)
