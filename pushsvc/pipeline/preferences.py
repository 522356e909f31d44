"""What a person may decide, effective at once: recommendations, consents, subscriptions, hours, and stopping it all."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, time
from typing import cast
from zoneinfo import ZoneInfo

from profiles.consent import LEDGER_CHANNELS, PURPOSES
from profiles.escalation import ELDER_AGE, may_choose_order
from profiles.opening import shuts_out_marketing
from profiles.preference import Preference, PreferenceError, parse_preference
from profiles.records import RowError, parse_subscription
from pushsvc.context import Context
from pushsvc.pipeline.cadence import prefer_cadence
from pushsvc.pipeline.errors import PipelineError
from pushsvc.store import consents, people, subscriptions
from pushsvc.store.deliveries import cancel_recommended
from pushsvc.store.preferences import DEFAULTS, read_preference, write_preference
from pushsvc.store.session import Connection, transaction
from pushsvc.store.subscriptions import Wish

WORDING = "person-1"  # the version of the words under which a person gives or withdraws consent here


class ChoiceError(PipelineError):
    """A choice that cannot be kept: `code` is unknown_purpose, unknown_channel or wrong_type."""


def switch_personalised(ctx: Context, profile_id: int, on: bool) -> int:
    """Turn recommendations on or off; off drops what is queued now. Returns how many messages that were."""
    return set_choices(ctx, profile_id, {"personalised": on})


def set_choices(ctx: Context, profile_id: int, changes: Mapping[str, object]) -> int:
    """Change some preferences (names of the table's fields; times as "22:00", dates as "2026-07-01" or values).

    Returns how many queued recommendations were dropped, 0 unless personalised went off. Raises PreferenceError
    (of profiles.preference) or ChoiceError; nothing is changed then.
    """
    given = {name: _typed(name, value) for name, value in changes.items()}
    with transaction(ctx.engine) as conn:
        merged = read_preference(conn, profile_id) | given
        _check_person(conn, ctx, profile_id, parse_preference(merged), given)
        write_preference(conn, profile_id, {name: _stored(name, merged[name]) for name in given}, ctx.clock())
        if "cadence" in given:
            prefer_cadence(conn, ctx, profile_id, str(merged["cadence"]))
        return cancel_recommended(conn, profile_id, now=ctx.clock()) if given.get("personalised") is False else 0


def give_consent(ctx: Context, profile_id: int, purpose: str, channel: str = "any", *, source: str = "web") -> None:
    """Add to the ledger that the person consents. Raises ChoiceError."""
    with transaction(ctx.engine) as conn:
        consents.append_consents(conn, [_entry(ctx, profile_id, (purpose, channel), given=True, source=source)])


def withdraw_consent(ctx: Context, profile_id: int, purpose: str, channel: str = "any", *, source: str = "web") -> None:
    """Add to the ledger that the person withdraws consent; every attempt from now on sees it. Raises ChoiceError."""
    with transaction(ctx.engine) as conn:
        consents.append_consents(conn, [_entry(ctx, profile_id, (purpose, channel), given=False, source=source)])


def subscribe(ctx: Context, profile_id: int, given: Mapping[str, object]) -> list[RowError]:
    """Add or change the wish `ref` of the profile (themes, industries, …); errors if it is bad."""
    found = parse_subscription({**given, "profile": "self"}, 1)
    if isinstance(found, list):
        return found
    wish = Wish(
        profile_id,
        found.ref,
        themes=found.themes,
        industries=found.industries,
        regions=found.regions,
        keyword=found.keyword,
        cadence=found.cadence,
        all_of=found.all_of,
    )
    with transaction(ctx.engine) as conn:
        subscriptions.save_wishes(conn, [wish], ctx.clock())
    return []


def end_subscription(ctx: Context, profile_id: int, subscription_id: int, reason: str = "person") -> bool:
    """End one of the profile's wishes; False if it is not theirs or has ended."""
    with transaction(ctx.engine) as conn:
        return subscriptions.end_subscription(conn, subscription_id, profile_id, reason=reason, at=ctx.clock())


def resume_subscription(ctx: Context, profile_id: int, subscription_id: int) -> bool:
    """Undo the end of a wish; False if it is not theirs or had not ended."""
    with transaction(ctx.engine) as conn:
        return subscriptions.resume_subscription(conn, subscription_id, profile_id)


def stop_all(ctx: Context, profile_id: int, *, source: str = "web") -> int:
    """Stop everything that is not a duty: consents withdrawn, wishes ended, recommendations and optional notices off.

    Returns how many queued recommendations were dropped.
    """
    with transaction(ctx.engine) as conn:
        withdraw_all(conn, ctx, profile_id, source=source)
        subscriptions.end_all(conn, profile_id, reason="stopped", at=ctx.clock())
        write_preference(conn, profile_id, {"personalised": False, "entitled": False}, ctx.clock())
        return cancel_recommended(conn, profile_id, now=ctx.clock())


def withdraw_all(conn: Connection, ctx: Context, profile_id: int, *, source: str) -> None:
    """Withdraw every consent that was ever given, and those for any channel, so that no older entry speaks again."""
    latest = consents.latest_consents(conn, [profile_id])
    live = [key[1:] for key, entry in sorted(latest.items()) if entry.given]
    wanted = dict.fromkeys([*live, ("notify", "any"), ("recommend", "any")])
    consents.append_consents(conn, [_entry(ctx, profile_id, key, given=False, source=source) for key in wanted])


def _entry(ctx: Context, profile_id: int, about: tuple[str, str], *, given: bool, source: str) -> consents.ConsentEntry:
    purpose, channel = about
    if purpose not in PURPOSES:
        raise ChoiceError("unknown_purpose", f"There is no purpose {purpose!r}.")
    if channel not in LEDGER_CHANNELS:
        raise ChoiceError("unknown_channel", f"There is no channel {channel!r}.")
    return consents.ConsentEntry(profile_id, purpose, channel, given, WORDING, source, ctx.clock())


def _check_person(
    conn: Connection, ctx: Context, profile_id: int, wished: Preference, changed: Collection[str]
) -> None:
    """What a person may choose depends on where they live and how old they are."""
    profile = people.profile_by_id(conn, profile_id)
    zone = profile.zone if profile is not None else "Asia/Shanghai"
    if wished.sms and shuts_out_marketing(wished.quiet_from, wished.quiet_to, zone=zone, now=ctx.clock()):
        sentence = "Recommendations by SMS come from 08:00 to 22:00 Beijing time: leave a part free, or switch SMS off."
        raise PreferenceError("never_opens", "quiet_to", sentence)
    born = profile.facts.get("birth_date") if profile is not None else None
    today = ctx.clock().astimezone(ZoneInfo("Asia/Shanghai")).date()
    if "channel_order" in changed and wished.channel_order and not may_choose_order(cast(date | None, born), today):
        raise PreferenceError("too_young", "channel_order", f"The order may be chosen from the age of {ELDER_AGE} on.")


def _typed(name: str, value: object) -> object:
    if name not in DEFAULTS:
        raise PreferenceError("unknown_field", name[:40], "No such field.")
    if not isinstance(value, str) or name not in ("quiet_from", "quiet_to", "paused_until"):
        return value
    try:
        return date.fromisoformat(value) if name == "paused_until" else time.fromisoformat(value)
    except ValueError as exc:
        raise ChoiceError("wrong_type", f"{name}: {value[:40]!r} cannot be read.") from exc


def _stored(name: str, value: object) -> object:
    if name in ("muted", "escalate") and isinstance(value, (set, frozenset, tuple, list)):
        return sorted(value)
    return list(value) if isinstance(value, tuple) else value
