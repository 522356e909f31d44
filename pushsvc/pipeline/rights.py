"""The rights of a person over what is held about them: a copy of it all, and erasure (PIPL 44 to 47)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pushsvc.context import Context
from pushsvc.pipeline.asked import Asked, asked_by
from pushsvc.pipeline.feed_cache import forget
from pushsvc.pipeline.held import held_of
from pushsvc.pipeline.held_output import as_json
from pushsvc.pipeline.joining import joins_copy
from pushsvc.pipeline.own_questions import questions_copy
from pushsvc.pipeline.preferences import withdraw_all
from pushsvc.pipeline.stones import tombstone
from pushsvc.store import addresses, consents, people, replies, subscriptions
from pushsvc.store.audit import record
from pushsvc.store.export import read_export
from pushsvc.store.people import NAME_PLACE, Profile
from pushsvc.store.preferences import read_preference
from pushsvc.store.session import transaction


def export_data(ctx: Context, profile_id: int) -> dict[str, Any] | None:
    """All that is held about the person, in plain text, ready for JSON with `default=str`; None if there is nobody."""
    with transaction(ctx.engine) as conn:
        found = people.profile_by_id(conn, profile_id)
        if found is None or found.erased:
            return None
        parts: dict[str, Any] = dict(read_export(conn, profile_id))
        parts["preferences"] = read_preference(conn, profile_id)
        parts["consents"] = [entry.__dict__ for entry in consents.ledger(conn, profile_id)]
        wishes = subscriptions.subscriptions_of(conn, profile_id)
    held = held_of(ctx, profile_id, whole=True)
    parts |= as_json(held) if held else {}
    parts["corrections"] = [_correction(one) for one in asked_by(ctx, profile_id, whole=True)]
    parts["questions"] = questions_copy(ctx, profile_id)
    parts["asked_to_join"] = joins_copy(ctx, profile_id)
    parts["subscriptions"] = [{**s.wish.__dict__, "created_at": s.created_at, "ended_at": s.ended_at} for s in wishes]
    parts["addresses"] = [_address(ctx, row) for row in parts["addresses"]]
    facts = parts.pop("facts", {})
    return {"exported_at": ctx.clock(), "profile": {**_profile(ctx, found), "facts": facts}, **parts}


def erase(ctx: Context, profile_id: int, *, actor: str) -> bool:
    """Erase the person: facts, names, addresses, wishes and reading are gone; a later file cannot bring them back.

    Consents are withdrawn first, so the ledger says why nothing is sent. Addresses that serve nobody else are
    suppressed. False if there is nobody to erase.
    """
    with transaction(ctx.engine) as conn:
        found = people.lock_profile(conn, profile_id)
        if found is None or found.erased:
            return False
        withdraw_all(conn, profile_id, source="erasure", at=ctx.clock())
        addresses.suppress_own(conn, profile_id, reason="erased", source=actor, at=ctx.clock())
        replies.forget_words(conn, profile_id)
        addresses.unlink_all(conn, profile_id)
        people.erase_profile(conn, profile_id, tombstone=tombstone(ctx, found.ref), at=ctx.clock())
        record(conn, at=ctx.clock(), actor=actor, action="profile.erase", object=f"profile:{profile_id}")
    forget(ctx, profile_id)
    return True


def _profile(ctx: Context, found: Profile) -> dict[str, object]:
    return {
        "ref": found.ref,
        "kind": found.kind,
        "name": ctx.keyring.decrypt(found.name, NAME_PLACE) if found.name else None,
        "locale": found.locale,
        "zone": found.zone,
        "interests": list(found.interests),
        "stages": list(found.stages),
    }


def _address(ctx: Context, row: Mapping[str, Any]) -> dict[str, object]:
    value = ctx.keyring.decrypt(row["cipher"], addresses.place(row["channel"]))
    return {"channel": row["channel"], "value": value, "verified_at": row["verified_at"]}


def _correction(one: Asked) -> dict[str, object]:
    return {
        "fact": one.fact,
        "year": one.year,
        "wish": one.wish,
        "claimed": one.claimed,
        "reason": one.reason,
        "state": one.state,
        "asked_at": one.asked_at,
        "due": one.due,
        "answer": one.answer,
        "answered_at": one.answered_at,
    }
