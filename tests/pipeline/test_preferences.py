"""What a person decides holds at once; what is wrong changes nothing."""

from __future__ import annotations

import json

import pytest

from profiles.preference import PreferenceError
from pushsvc.context import Context
from pushsvc.pipeline import preferences as verbs
from pushsvc.pipeline.ingest_profiles import upsert_profile
from pushsvc.pipeline.life import answer_life_events
from pushsvc.pipeline.plan import plan
from pushsvc.pipeline.rights import erase, export_data
from pushsvc.pipeline.stopping import stop_all
from tests.making import send_to
from tests.registering import ask, count, issue, register

FULL = {
    "name": "王阿姨", "region": "990105", "phone": "13800130217", "hardship": "yes", "interests": "租房",
    "consents": "notify:any|recommend:any", "dependants": "kid@2026-06-01",
}  # fmt: skip


def test_switching_off_drops_what_is_queued_and_nothing_else(ctx: Context) -> None:
    sent = send_to(ctx, 2, door="recommended")
    asked = send_to_same(ctx, sent.people)
    plan(ctx, sent.campaign_id)
    plan(ctx, asked)
    assert verbs.switch_personalised(ctx, sent.people[0], False) == 1
    rows = ask(ctx, "select door, state, count(*) from delivery group by 1, 2 order by 1, 2")
    assert rows == [("recommended", "planned", 1), ("recommended", "refused", 1), ("subscribed", "planned", 2)]
    assert verbs.switch_personalised(ctx, sent.people[0], True) == 0


def send_to_same(ctx: Context, people: list[int]) -> int:
    from pushsvc.store.session import transaction
    from tests.making import choose, make_campaign, make_policy

    with transaction(ctx.engine) as conn:
        campaign_id = make_campaign(conn, ctx, make_policy(conn, ctx, "policy-2"))
        choose(conn, ctx, campaign_id, people)
    return campaign_id


def test_choices_are_kept_and_the_others_stay(ctx: Context) -> None:
    person = register(ctx, "a")
    verbs.set_choices(ctx, person, {"quiet_from": "22:00", "quiet_to": "07:30", "weekly_max": 1, "muted": ["city"]})
    verbs.set_choices(ctx, person, {"cadence": "weekly", "channels": {"city": {"sms": False}}})
    row = ask(ctx, "select quiet_from::text, weekly_max, muted, cadence, channels, personalised from preference")
    assert row == [("22:00:00", 1, ["city"], "weekly", {"city": {"sms": False}}, True)]


def test_the_order_of_channels_is_for_those_of_age(ctx: Context) -> None:
    person = register(ctx, "a", birth_date="1970-05-01")
    with pytest.raises(PreferenceError) as caught:
        verbs.set_choices(ctx, person, {"channel_order": ("sms",)})
    assert (caught.value.code, count(ctx, "preference")) == ("too_young", 0)
    verbs.set_choices(ctx, person, {"channel_order": ()})


def test_what_may_follow_and_in_which_order_is_kept(ctx: Context) -> None:
    person = register(ctx, "a", birth_date="1950-05-01")
    verbs.set_choices(ctx, person, {"escalate": ("sms",), "escalate_hours": 12, "channel_order": ("sms", "app")})
    row = ask(ctx, "select escalate, escalate_hours, channel_order from preference")
    assert row == [(["sms"], 12, ["sms", "app"])]


@pytest.mark.parametrize(
    ("zone", "hours", "refused"),
    [
        ("Asia/Shanghai", ("08:00", "22:00"), True),
        ("Asia/Shanghai", ("08:00", "21:59"), False),
        ("Europe/Berlin", ("08:00", "22:00"), False),
        ("Europe/Berlin", ("01:00", "16:00"), True),
    ],
)
def test_quiet_hours_that_leave_no_minute_for_a_recommended_sms_are_refused(
    ctx: Context, zone: str, hours: tuple[str, str], refused: bool
) -> None:
    person = register(ctx, "a", zone=zone)
    wish = dict(zip(("quiet_from", "quiet_to"), hours, strict=True))
    if not refused:
        verbs.set_choices(ctx, person, wish)
        return
    with pytest.raises(PreferenceError) as caught:
        verbs.set_choices(ctx, person, wish)
    assert caught.value.code == "never_opens"
    assert count(ctx, "preference") == 0
    verbs.set_choices(ctx, person, wish | {"sms": False})
    with pytest.raises(PreferenceError):
        verbs.set_choices(ctx, person, {"sms": True})


@pytest.mark.parametrize(
    "changes",
    [{"cadence": "hourly"}, {"quiet_from": "22:00"}, {"weekly_max": -1}, {"muted": ["sport"]}, {"shoe": 1}],
)
def test_a_wrong_choice_changes_nothing(ctx: Context, changes: dict[str, object]) -> None:
    person = register(ctx, "a")
    with pytest.raises(PreferenceError):
        verbs.set_choices(ctx, person, {"entitled": False, **changes})
    assert count(ctx, "preference") == 0


def test_a_time_that_is_none_is_refused(ctx: Context) -> None:
    with pytest.raises(verbs.ChoiceError):
        verbs.set_choices(ctx, register(ctx, "a"), {"quiet_from": "late", "quiet_to": "07:00"})


def test_consent_is_a_ledger(ctx: Context) -> None:
    person = register(ctx, "a")
    verbs.give_consent(ctx, person, "notify", "sms")
    verbs.withdraw_consent(ctx, person, "notify", "sms", source="link")
    assert ask(ctx, "select given, source from consent order by id") == [(True, "web"), (False, "link")]
    with pytest.raises(verbs.ChoiceError):
        verbs.give_consent(ctx, person, "sell")
    with pytest.raises(verbs.ChoiceError):
        verbs.give_consent(ctx, person, "notify", "pigeon")


def test_a_wish_can_be_ended_by_its_owner_only_and_taken_up_again(ctx: Context) -> None:
    person, other = register(ctx, "a"), register(ctx, "b")
    assert verbs.subscribe(ctx, person, {"ref": "w", "themes": "talent"}) == []
    assert not verbs.end_subscription(ctx, other, 1)
    assert verbs.end_subscription(ctx, person, 1)
    assert not verbs.end_subscription(ctx, person, 1)
    assert verbs.resume_subscription(ctx, person, 1)
    assert ask(ctx, "select ended_at, ended_reason from subscription") == [(None, None)]


def test_a_wish_that_names_nothing_is_an_error(ctx: Context) -> None:
    errors = verbs.subscribe(ctx, register(ctx, "a"), {"ref": "w"})
    assert [error.code for error in errors] == ["empty_wish"]
    assert count(ctx, "subscription") == 0


def test_stopping_everything_leaves_no_door_but_duty(ctx: Context) -> None:
    person = register(ctx, "a", **FULL)
    verbs.subscribe(ctx, person, {"ref": "w", "themes": "talent"})
    stop_all(ctx, person)
    latest = ask(ctx, "select distinct on (purpose, channel) given from consent order by purpose, channel, id desc")
    assert set(latest) == {(False,)}
    assert ask(ctx, "select personalised, entitled from preference") == [(False, False)]
    assert ask(ctx, "select ended_reason from subscription") == [("stopped",)]


def test_a_copy_holds_everything_in_plain_text(ctx: Context) -> None:
    person = register(ctx, "a", **FULL)
    verbs.subscribe(ctx, person, {"ref": "w", "themes": "talent"})
    found = export_data(ctx, person)
    assert found is not None
    assert found["profile"]["name"] == "王阿姨"
    assert found["profile"]["facts"]["region"]["source"] == "import"
    assert [one["value"] for one in found["addresses"]] == ["+8613800130217"]
    assert [(one["fact"], one["value"]) for one in found["sensitive_facts"]] == [("hardship", True)]
    assert "talent" in json.dumps(found, default=str, ensure_ascii=False)


def test_an_erased_person_leaves_no_facts_and_cannot_be_imported_again(ctx: Context) -> None:
    person = register(ctx, "a", **FULL)
    verbs.subscribe(ctx, person, {"ref": "w", "themes": "talent"})
    assert erase(ctx, person, actor="person")
    assert not erase(ctx, person, actor="person")
    rows = ask(ctx, "select ref like 'erased:%', name, region, interests, sources from profile")
    assert rows == [(True, None, None, [], {})]
    for table in ("sensitive_fact", "dependant", "profile_address", "life_event", "preference"):
        assert count(ctx, table) == 0, table
    assert ask(ctx, "select octet_length(cipher), mask from address") == [(0, "")]
    assert ask(ctx, "select channel, reason from suppression") == [("sms", "erased")]
    outcome = upsert_profile(ctx, {"ref": "a", "kind": "citizen"})
    assert isinstance(outcome, list)
    assert outcome[0].code == "erased"
    assert export_data(ctx, person) is None


def test_erasing_one_does_not_silence_another_at_the_same_number(ctx: Context) -> None:
    mother, daughter = register(ctx, "a", phone="13800130217"), register(ctx, "b", phone="13800130217")
    erase(ctx, mother, actor="person")
    assert count(ctx, "suppression") == 0
    found = export_data(ctx, daughter)
    assert found is not None
    assert found["addresses"][0]["value"] == "+8613800130217"


def test_an_erased_number_works_again_for_somebody_else(ctx: Context) -> None:
    erase(ctx, register(ctx, "a", phone="13800130217"), actor="person")
    found = export_data(ctx, register(ctx, "b", phone="13800130217"))
    assert found is not None
    assert found["addresses"][0]["value"] == "+8613800130217"


def test_nothing_of_the_erased_is_answered(ctx: Context) -> None:
    person = register(ctx, "a", **FULL)
    issue(ctx, "p", criteria={"any_dependant": {"fact": "age", "lt": 3}})
    erase(ctx, person, actor="person")
    assert answer_life_events(ctx) == 0
