"""A form and the choices behind it: what is sent back untouched changes nothing, what was changed is saved."""

from __future__ import annotations

from datetime import date, time
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from profiles.gates import CHANNELS
from profiles.preference import CADENCES, TOPICS
from pushsvc.pipeline.choice_fields import BOXES, FIELDS, as_posted, changed_fields, choices_in, fields_of
from pushsvc.store.preferences import DEFAULTS

TODAY = date(2026, 6, 24)
ROW = st.dictionaries(st.sampled_from(CHANNELS), st.booleans())
HOUR = st.none() | st.builds(time, st.integers(0, 23), st.integers(0, 59))
CHOICE = st.fixed_dictionaries(
    {
        **{name: st.booleans() for name in (*CHANNELS, "entitled")},
        "muted": st.lists(st.sampled_from(sorted(TOPICS)), unique=True),
        "channels": st.dictionaries(st.sampled_from(sorted(TOPICS)), ROW),
        "cadence": st.sampled_from(CADENCES),
        "weekly_max": st.integers(0, 100),
        "escalate": st.lists(st.sampled_from(CHANNELS), unique=True),
        "escalate_hours": st.integers(1, 168),
        "channel_order": st.sampled_from([[], ["sms", "app", "email"]]),
        "quiet_from": HOUR,
        "quiet_to": HOUR,
        "paused_until": st.sampled_from([None, date(2026, 6, 1), date(2026, 7, 1)]),
    }
)


def after(choice: dict[str, Any], changed: dict[str, str | None]) -> dict[str, Any]:
    """The choices once these fields are saved (times and dates as text, as `set_choices` takes them)."""
    found = choice | choices_in(fields_of(choice, TODAY), changed, choice)
    for name in ("quiet_from", "quiet_to"):
        found[name] = time.fromisoformat(found[name]) if isinstance(found[name], str) else found[name]
    day = found["paused_until"]
    return found | {"paused_until": date.fromisoformat(day) if isinstance(day, str) else day}


@given(CHOICE)
def test_a_form_sent_back_untouched_changes_nothing(choice: dict[str, Any]) -> None:
    shown = fields_of(choice, TODAY)
    assert changed_fields(shown, as_posted(shown)) == {}
    assert choices_in(shown, {}, choice) == {}


@given(CHOICE, CHOICE)
def test_what_was_changed_and_nothing_else_stands_then_and_goes_back_again(
    one: dict[str, Any], other: dict[str, Any]
) -> None:
    shown, wanted = fields_of(one, TODAY), fields_of(other, TODAY)
    posted = as_posted({name: wanted.get(name) for name in FIELDS})
    changed = changed_fields(shown, posted)
    saved = after(one, changed)
    assert fields_of(saved, TODAY) == wanted
    back = changed_fields(wanted, as_posted({name: shown.get(name) for name in FIELDS}))
    assert set(back) == set(changed)
    assert fields_of(after(saved, back), TODAY) == shown


@given(CHOICE, st.sampled_from(sorted(BOXES)))
def test_one_box_moves_no_other(choice: dict[str, Any], name: str) -> None:
    shown = fields_of(choice, TODAY)
    saved = fields_of(after(choice, {name: None if name in shown else "1"}), TODAY)
    assert {one for one in FIELDS if saved.get(one) != shown.get(one)} == {name}


def test_a_topic_without_a_channel_is_muted_and_one_with_a_channel_is_not() -> None:
    off: dict[str, str | None] = {f"talent.{one}": None for one in CHANNELS}
    muted = after(dict(DEFAULTS), off)
    assert muted["muted"] == ["talent"]
    assert after(muted, {"talent.sms": "1"})["muted"] == []


def test_what_a_browser_did_not_send_was_not_asked_but_a_box_was_unticked() -> None:
    shown = {"weekly_max": "3", "sms": "1"}
    assert changed_fields(shown, {}) == {"sms": None}
    assert changed_fields(shown, {"sms": "1", "weekly_max": ""}) == {"weekly_max": None}
