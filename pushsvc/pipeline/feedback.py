"""Feedback: what a person did with a policy or a message. It orders their feed, and trains the recommender later."""

from __future__ import annotations

from pushsvc.context import Context
from pushsvc.store import attempts, campaigns, inbox, reading
from pushsvc.store.feedback import add_feedback, find_useful, give_reason, remove_feedback
from pushsvc.store.session import Connection, transaction

REACTIONS = ("saved", "applied", "dismissed")
REASONS = ("not_for_me", "applied", "not_interested")  # of a dismissal; "applied" counts as having applied
_EXCLUDES = {"saved": "dismissed", "applied": "dismissed", "dismissed": "saved"}


def react(ctx: Context, profile_id: int, policy_id: int, *, kind: str, on: bool, reason: str | None = None) -> bool:
    """Save, apply for or dismiss (for a `reason`) a published policy, or take that back; False where it is not
    published."""
    if kind not in REACTIONS or (reason is not None and (kind != "dismissed" or reason not in REASONS)):
        raise ValueError(f"There is no reaction {kind!r} for the reason {reason!r}.")
    with transaction(ctx.engine) as conn:
        if policy_id not in reading.policies_by_id(conn, [policy_id]):
            return False
        if on:
            remove_feedback(conn, profile_id, policy_id, _EXCLUDES[kind])
            add_feedback(conn, profile_id, policy_id, kind=kind, at=ctx.clock())
            if reason is not None:
                give_reason(conn, profile_id, policy_id, kind, reason)
        else:
            remove_feedback(conn, profile_id, policy_id, kind)
    return True


def judge_useful(ctx: Context, person_id: int, policy_id: int, *, useful: bool) -> bool:
    """Keep whether a person found a published policy's page useful; False where it is not published."""
    with transaction(ctx.engine) as conn:
        if policy_id not in reading.policies_by_id(conn, [policy_id]):
            return False
        find_useful(conn, person_id, policy_id, useful=useful, at=ctx.clock())
    return True


def open_letter(ctx: Context, recipient_id: int, letter_id: int) -> tuple[int, int | None] | None:
    """Mark a message of this person read and its delivery opened; whom and which policy it is about.

    None where the message is not theirs. Opening it again changes nothing.
    """
    with transaction(ctx.engine) as conn:
        about = inbox.policy_of(conn, recipient_id, letter_id)
        wire_key = inbox.mark_read(conn, recipient_id, letter_id, ctx.clock())
        if about is not None and wire_key is not None:
            _opened(conn, ctx, wire_key, about)
    return about


def _opened(conn: Connection, ctx: Context, wire_key: str, about: tuple[int, int | None]) -> None:
    profile_id, policy_id = about
    row = attempts.by_wire_keys(conn, [wire_key]).get(wire_key)
    if row is not None:
        attempts.settle(conn, [attempts.Result(row["id"], "opened")], ctx.clock())
        campaigns.bump_runs(conn, {row["run_id"]})
    if policy_id is not None:
        delivery_id = row["id"] if row is not None else None
        add_feedback(conn, profile_id, policy_id, kind="opened", at=ctx.clock(), delivery_id=delivery_id)
