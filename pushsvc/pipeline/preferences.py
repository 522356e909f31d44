"""What a person may decide, effective at once: recommendations, consents, subscriptions, hours and language."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import cast

from profiles.consent import LEDGER_CHANNELS, PURPOSES, latest, ledger
from profiles.escalation import ELDER_AGE, may_choose_order
from profiles.opening import shuts_out_marketing
from profiles.preference import Preference, PreferenceError, parse_preference
from profiles.records import RowError, parse_subscription
from pushsvc.context import Context
from pushsvc.pipeline.cadence import prefer_cadence
from pushsvc.pipeline.choice_fields import choices_in, fields_of
from pushsvc.pipeline.days import city_day
from pushsvc.pipeline.errors import PipelineError
from pushsvc.store import consents, people, preferences, subscriptions
from pushsvc.store.deliveries import cancel_recommended
from pushsvc.store.preferences import DEFAULTS, read_preference, take_turns, write_preference
from pushsvc.store.session import Connection, transaction
from pushsvc.store.subscriptions import Wish

LANGUAGES = ("zh", "en")
WORDING = "person-1"  # the version of the words under which a person gives or withdraws consent here


class ChoiceError(PipelineError):
    """A choice that cannot be kept: `code` is unknown_purpose, unknown_channel, wrong_type, past or unknown_language;
    `place` names its field."""

    def __init__(self, code: str, sentence: str, place: str = "") -> None:
        super().__init__(code, sentence)
        self.place = place


@dataclass(frozen=True)
class Saved:
    """What saving a form changed: its fields as they were and as they are (None: off, empty), and how many queued
    recommendations that dropped."""

    before: Mapping[str, str | None]
    after: Mapping[str, str | None]
    dropped: int = 0


def save_fields(ctx: Context, profile_id: int, changed: Mapping[str, str | None]) -> Saved:
    """Change the fields of a form (see `choice_fields`) that the person changed, and no other: what a second tab saved
    meanwhile stays. Raises PreferenceError (of profiles.preference) or ChoiceError; nothing is changed then.
    """
    with transaction(ctx.engine) as conn:
        take_turns(conn, profile_id)
        held = read_preference(conn, profile_id)
        shown = fields_of(held, city_day(ctx))
        before = {name: shown.get(name) for name, value in changed.items() if shown.get(name) != value}
        after = {name: changed[name] for name in before}
        dropped = _set(conn, ctx, profile_id, held, choices_in(shown, after, held)) if after else 0
    return Saved(before, after, dropped)


def switch_personalised(ctx: Context, profile_id: int, on: bool) -> int:
    """Turn recommendations on or off; off drops what is queued now. Returns how many messages that were."""
    return set_choices(ctx, profile_id, {"personalised": on})


def set_choices(ctx: Context, profile_id: int, changes: Mapping[str, object]) -> int:
    """Change some preferences (names of the table's fields; times as "22:00", dates as "2026-07-01" or values).

    Returns how many queued recommendations were dropped, 0 unless personalised went off. Raises PreferenceError
    (of profiles.preference) or ChoiceError; nothing is changed then.
    """
    with transaction(ctx.engine) as conn:
        take_turns(conn, profile_id)
        return _set(conn, ctx, profile_id, read_preference(conn, profile_id), changes)


def choose_language(ctx: Context, profile_id: int, locale: str) -> str:
    """Write to the person in zh or en from now on; returns what it was. Raises ChoiceError."""
    if locale not in LANGUAGES:
        raise ChoiceError("unknown_language", f"Not one of {', '.join(LANGUAGES)}.", "locale")
    with transaction(ctx.engine) as conn:
        before = preferences.own_language(conn, profile_id)
        preferences.choose_language(conn, profile_id, locale)
    return before


def give_consent(ctx: Context, profile_id: int, purpose: str, channel: str = "any", *, source: str = "web") -> None:
    """Add to the ledger that the person consents. Raises ChoiceError."""
    with transaction(ctx.engine) as conn:
        write_entries(conn, profile_id, [(purpose, channel)], given=True, source=source, at=ctx.clock())


def consent_anew(ctx: Context, profile_id: int, purpose: str, *, source: str = "web") -> bool:
    """`give_consent` for every channel; whether that is news: it stood for none of them before."""
    with transaction(ctx.engine) as conn:
        said = [entry for entry in consents.ledger(conn, profile_id) if entry.purpose == purpose]
        held = latest(ledger((0, one.purpose, one.channel, one.given) for one in said), n=1, purpose=purpose)
        write_entries(conn, profile_id, [(purpose, "any")], given=True, source=source, at=ctx.clock())
    return not held.any()


def withdraw_consent(ctx: Context, profile_id: int, purpose: str, channel: str = "any", *, source: str = "web") -> None:
    """Add to the ledger that the person withdraws consent; every attempt from now on sees it. Raises ChoiceError."""
    with transaction(ctx.engine) as conn:
        write_entries(conn, profile_id, [(purpose, channel)], given=False, source=source, at=ctx.clock())


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
        agencies=found.agencies,
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


def withdraw_all(
    conn: Connection, profile_id: int, *, source: str, at: datetime, purposes: Sequence[str] = PURPOSES
) -> None:
    """Withdraw every consent that was ever given for these, and those for any channel, so that no older entry speaks
    again."""
    newest = consents.latest_consents(conn, [profile_id])
    live = [key[1:] for key, entry in sorted(newest.items()) if entry.given and key[1] in purposes]
    wanted = dict.fromkeys([*live, ("notify", "any"), ("recommend", "any")])
    write_entries(conn, profile_id, wanted, given=False, source=source, at=at)


def write_entries(
    conn: Connection, profile_id: int, about: Iterable[tuple[str, str]], *, given: bool, source: str, at: datetime
) -> None:
    """Add to the ledger what the person says of each (purpose, channel). Raises ChoiceError."""
    entries = [_entry(profile_id, key, given=given, source=source, at=at) for key in about]
    consents.append_consents(conn, entries)


def _entry(profile_id: int, about: tuple[str, str], *, given: bool, source: str, at: datetime) -> consents.ConsentEntry:
    purpose, channel = about
    if purpose not in PURPOSES:
        raise ChoiceError("unknown_purpose", f"There is no purpose {purpose!r}.")
    if channel not in LEDGER_CHANNELS:
        raise ChoiceError("unknown_channel", f"There is no channel {channel!r}.")
    return consents.ConsentEntry(profile_id, purpose, channel, given, WORDING, source, at)


def _set(
    conn: Connection, ctx: Context, profile_id: int, held: Mapping[str, object], changes: Mapping[str, object]
) -> int:
    """`set_choices` in the caller's transaction, who holds the person and read their choices."""
    given = {name: _typed(name, value) for name, value in changes.items()}
    day = given.get("paused_until")
    if isinstance(day, date) and day <= city_day(ctx):
        raise ChoiceError("past", "A pause ends on a day to come.", "paused_until")
    merged = {**held, **given}
    _check_person(conn, ctx, profile_id, parse_preference(merged), given)
    write_preference(conn, profile_id, {name: _stored(name, merged[name]) for name in given}, ctx.clock())
    if "cadence" in given:
        prefer_cadence(conn, ctx, profile_id, str(merged["cadence"]))
    return cancel_recommended(conn, profile_id, now=ctx.clock()) if given.get("personalised") is False else 0


def _check_person(
    conn: Connection, ctx: Context, profile_id: int, wished: Preference, changed: Collection[str]
) -> None:
    """What a person may choose depends on where they live and how old they are."""
    hours = not {"sms", "quiet_from", "quiet_to"}.isdisjoint(changed)  # who switches something else off is not held up
    if not hours and "channel_order" not in changed:
        return
    profile = people.profile_by_id(conn, profile_id)
    zone = profile.zone if profile is not None else "Asia/Shanghai"
    if hours and wished.sms and shuts_out_marketing(wished.quiet_from, wished.quiet_to, zone=zone, now=ctx.clock()):
        sentence = "Recommendations by SMS come from 08:00 to 22:00 Beijing time: leave a part free, or switch SMS off."
        raise PreferenceError("never_opens", "quiet_to", sentence)
    born = profile.facts.get("birth_date") if profile is not None else None
    today = city_day(ctx)
    if "channel_order" in changed and wished.channel_order and not may_choose_order(cast(date | None, born), today):
        raise PreferenceError("too_young", "channel_order", f"The order may be chosen from the age of {ELDER_AGE} on.")


def _typed(name: str, value: object) -> object:
    if name not in DEFAULTS:
        raise PreferenceError("unknown_field", name[:40], "No such field.")
    if not isinstance(value, str) or name not in ("quiet_from", "quiet_to", "paused_until"):
        return value
    try:
        read = date.fromisoformat(value) if name == "paused_until" else time.fromisoformat(value)
    except ValueError as exc:
        raise ChoiceError("wrong_type", f"{name}: {value[:40]!r} cannot be read.", name) from exc
    if isinstance(read, time) and read.tzinfo is not None:  # hours are those of the person's own clock
        raise ChoiceError("wrong_type", f"{name}: {value[:40]!r} has a zone.", name)
    return read


def _stored(name: str, value: object) -> object:
    if name in ("muted", "escalate") and isinstance(value, (set, frozenset, tuple, list)):
        return sorted(value)
    return list(value) if isinstance(value, tuple) else value
