"""Standing rules: written by one person, approved by another, bound by a hash; each edit voids the approval.

A rule lets the campaign of a routine event run for those who asked to be told, and opens no other door.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import RowMapping

from profiles.standards import regions
from pushsvc.context import Context
from pushsvc.pipeline.campaign_options import LANES
from pushsvc.pipeline.errors import PipelineError
from pushsvc.pipeline.event_audience import EVENTS
from pushsvc.pipeline.four_eyes import is_name, same_person
from pushsvc.pipeline.policy_fields import KINDS
from pushsvc.pipeline.policy_text import TOPICS
from pushsvc.store import standing as store
from pushsvc.store.audit import actors, record
from pushsvc.store.policies import Policy
from pushsvc.store.session import Connection, transaction

DOORS = ["subscribed"]
EMERGENCY = "emergency"  # the kind that is told at once, by people
URGENT = "urgent"  # the lane of EMERGENCY, as of its own campaigns
BOUND = ("name", "events", "kinds", "topics", "regions", "doors", "lane")
_KNOWN: Mapping[str, Sequence[str]] = {"events": EVENTS, "kinds": KINDS, "topics": TOPICS}


class RuleError(PipelineError):
    """A standing rule refuses what was asked of it; `code` names why, `place` the option that is wrong, if one is."""

    def __init__(self, code: str, sentence: str, place: str = "") -> None:
        super().__init__(code, sentence)
        self.place = place


def create(ctx: Context, name: str, *, author: str, events: Sequence[str], **options: Any) -> int:
    """Draft a rule for these events; `kinds`, `topics`, `regions` narrow it, `lane` is bulk unless said otherwise.

    Returns its number. Raises RuleError: no_name, taken, no_events, unknown_event, unknown_kind, unknown_topic,
    unknown_region, unknown_lane, unknown_option, urgent_lane.
    """
    values = _checked({"events": events, "lane": "bulk", **options})
    _require_lane(values["lane"], values.get("kinds", ()))
    _named(name, author)
    with transaction(ctx.engine) as conn:
        if store.rule_named(conn, name.strip()) is not None:
            raise RuleError("taken", f"There is a rule {name.strip()!r} already.")
        row = {"name": name.strip(), "doors": DOORS, "author": author.strip(), "created_at": ctx.clock()}
        number = store.add_rule(conn, row | values)
        _record(conn, ctx, "create", number, author)
    return number


def edit(ctx: Context, rule_id: int, *, actor: str, **options: Any) -> None:
    """Change what it fits or its lane: it is a draft again, and whoever edited it is its author. Raises RuleError."""
    values = _checked(options)
    _named(actor)
    with transaction(ctx.engine) as conn:
        row = _get(conn, rule_id)
        _in(row, "draft", "in_review", "approved")
        _require_lane(values.get("lane", row["lane"]), values.get("kinds", row["kinds"]))
        void = {"state": "draft", "author": actor.strip(), "reviewer": None, "approved_hash": None, "approved_at": None}
        store.set_rule(conn, rule_id, values | void)
        _record(conn, ctx, "edit", rule_id, actor)


def submit(ctx: Context, rule_id: int, actor: str) -> None:
    """Ask for review. Raises RuleError: no_name, unknown_rule, state."""
    _named(actor)
    with transaction(ctx.engine) as conn:
        _in(_get(conn, rule_id), "draft")
        store.set_rule(conn, rule_id, {"state": "in_review"})
        _record(conn, ctx, "submit", rule_id, actor)


def approve(ctx: Context, rule_id: int, actor: str) -> None:
    """Bind its content to the approval; nobody who wrote or ever edited it may. Raises RuleError: no_name,
    unknown_rule, state, same_person."""
    _named(actor)
    with transaction(ctx.engine) as conn:
        row = _get(conn, rule_id)
        if any(same_person(one, actor) for one in writers(conn, row)):
            raise RuleError("same_person", "Whoever wrote or edited a rule may not approve it.")
        _in(row, "in_review")
        _require_lane(row["lane"], row["kinds"])
        values = {"state": "approved", "reviewer": actor.strip(), "approved_hash": rule_hash(dict(row))}
        store.set_rule(conn, rule_id, values | {"approved_at": ctx.clock()})
        _record(conn, ctx, "approve", rule_id, actor)


def end(ctx: Context, rule_id: int, *, actor: str, reason: str) -> None:
    """Let it approve nothing more; what runs goes on. Raises RuleError: no_name, no_reason, unknown_rule, state."""
    _named(actor)
    if not is_name(reason):
        raise RuleError("no_reason", "A rule ends for a reason.")
    with transaction(ctx.engine) as conn:
        _in(_get(conn, rule_id), "draft", "in_review", "approved")
        values = {"state": "ended", "ended_at": ctx.clock(), "ended_reason": reason.strip()}
        store.set_rule(conn, rule_id, values)
        _record(conn, ctx, "end", rule_id, actor)


def writers(conn: Connection, row: RowMapping | Mapping[str, Any]) -> list[str]:
    """Whoever wrote or ever edited a rule: none of them may approve it."""
    return [row["author"], *actors(conn, object=f"rule:{row['id']}", actions=("rule.create", "rule.edit"))]


def list_rules(ctx: Context) -> list[RowMapping]:
    """All rules, oldest first."""
    with transaction(ctx.engine) as conn:
        return store.list_rules(conn)


def rule_hash(row: Mapping[str, Any]) -> str:
    """SHA-256 of what an approval binds."""
    bound = {name: row[name] for name in BOUND}
    return hashlib.sha256(json.dumps(bound, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def fitting_rule(conn: Connection, kind: str, policy: Policy) -> RowMapping | None:
    """The oldest approved rule that the event fits and whose content is what was approved; held against edits.

    Whoever wrote the policy approves no campaign of it, by a rule neither: a rule of their approval is passed over.
    """
    for row in store.approved_rules(conn):
        held = dict(row)
        bound = held["approved_hash"] == rule_hash(held) and held["doors"] == DOORS
        bound = bound and _may_take(held["lane"], held["kinds"])
        if bound and fits(held, kind, policy) and not same_person(held["reviewer"], policy.author):
            return row
    return None


def fits(rule: Mapping[str, Any], kind: str, policy: Policy) -> bool:
    """Whether the rule speaks of such an event of such a policy; a region means all within it, and no kind all but
    EMERGENCY, which is in no rule that does not name it."""
    return (
        kind in rule["events"]
        and (policy.kind in rule["kinds"] if rule["kinds"] else policy.kind != EMERGENCY)
        and (not rule["topics"] or policy.topic in rule["topics"])
        and (not rule["regions"] or any(regions.within(policy.region, one) for one in rule["regions"]))
    )


def _checked(options: Mapping[str, Any]) -> dict[str, Any]:
    values = {name: value for name, value in options.items() if value is not None}
    for name, value in values.items():
        if name == "lane":
            _each([value], LANES, "lane", name)
        elif name == "regions":
            for one in value:
                if not regions.known(one):
                    raise RuleError("unknown_region", f"There is no region {one!r}.", name)
        elif name in _KNOWN:
            _each(value, _KNOWN[name], name[:-1], name)
        else:
            raise RuleError("unknown_option", f"A rule has no {name}.", name)
    if "events" in values and not values["events"]:
        raise RuleError("no_events", "A rule names at least one kind of event.", "events")
    return {name: value if name == "lane" else list(dict.fromkeys(value)) for name, value in values.items()}


def _each(values: Sequence[str], known: Sequence[str], what: str, place: str) -> None:
    for one in values:
        if one not in known:
            raise RuleError(f"unknown_{what}", f"There is no {what} {one!r}; there are {', '.join(known)}.", place)


def _may_take(lane: str, kinds: Sequence[str]) -> bool:
    """Whether a rule for these kinds may use the lane: what is routine does not go before an emergency."""
    return lane != URGENT or list(kinds) == [EMERGENCY]


def _require_lane(lane: str, kinds: Sequence[str]) -> None:
    if not _may_take(lane, kinds):
        told = f"The lane {URGENT} is for emergencies: a rule that takes it names the kind {EMERGENCY} and no other."
        raise RuleError("urgent_lane", told, "lane")


def _named(*names: str) -> None:
    for name in names:
        if not is_name(name):
            raise RuleError("no_name", "A rule, and who does this, needs a name.")


def _get(conn: Connection, rule_id: int) -> RowMapping:
    row = store.get_rule(conn, rule_id, lock=True)
    if row is None:
        raise RuleError("unknown_rule", f"There is no rule {rule_id}.")
    return row


def _in(row: RowMapping, *states: str) -> None:
    if row["state"] not in states:
        raise RuleError("state", f"A rule that is {row['state']} cannot do this.")


def _record(conn: Connection, ctx: Context, action: str, rule_id: int, actor: str) -> None:
    record(conn, at=ctx.clock(), actor=actor, action=f"rule.{action}", object=f"rule:{rule_id}")
