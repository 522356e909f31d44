"""The offline list: who could not be reached, by street; who did not want to be reached is not on it."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert, select, text, update

from pushsvc.context import Context
from pushsvc.pipeline import offline
from pushsvc.pipeline.offline import NAMES, REASONS, Line, OfflineError, as_csv, lines, place_of, safe_cell, totals
from pushsvc.store import tables
from pushsvc.store.offline import Unreached
from pushsvc.store.session import transaction
from tests.making import give, prefer
from tests.unreached import DISTRICT, OTHER_STREET, STREET, campaign, deliver, refuse, someone


def listed(ctx: Context, number: int) -> dict[int, str]:
    """Profile → reason."""
    return {one.row.profile_id: one.row.reason for one in lines(ctx, number, actor="test")}


@pytest.mark.parametrize("code", ["no_basis", "no_guardian_consent", "expired"])
def test_who_was_refused_for_want_of_a_way_is_listed(ctx: Context, code: str) -> None:
    number, who = campaign(ctx), someone(ctx, 1)
    refuse(ctx, number, who, code)
    assert listed(ctx, number) == {who: code}


def test_who_has_no_address_at_all_is_listed(ctx: Context) -> None:
    number, who = campaign(ctx), someone(ctx, 1, channels=())
    refuse(ctx, number, who, "no_address")
    assert listed(ctx, number) == {who: "no_address"}


@pytest.mark.parametrize(
    ("state", "code", "reason"),
    [
        ("bounced", "absent", "bounced"),
        ("rejected", "blocked", "rejected"),
        ("rejected", "gave_up:throttled", "gave_up"),
        ("rejected", None, "rejected"),
        ("expired", "expired", "expired"),
        ("refused", "no_basis", "no_basis"),
    ],
)
def test_who_was_written_to_in_vain_is_listed(ctx: Context, state: str, code: str | None, reason: str) -> None:
    number, who = campaign(ctx), someone(ctx, 1)
    deliver(ctx, number, who, state, code)
    assert listed(ctx, number) == {who: reason}


@pytest.mark.parametrize(
    "code",
    [
        "erased",
        "entitled_off",
        "personalised_off",
        "minor",
        "muted",
        "paused",
        "told",
        "cap",
        "same_address",
        "cancelled",
    ],
)
def test_who_did_not_want_it_or_was_told_elsewhere_is_not(ctx: Context, code: str) -> None:
    number, who = campaign(ctx), someone(ctx, 1)
    refuse(ctx, number, who, code)
    assert listed(ctx, number) == {}
    assert totals(ctx, number).total == 0


def test_who_shut_the_door_after_a_failure_is_not_visited(ctx: Context) -> None:
    number, who = campaign(ctx), someone(ctx, 1)
    deliver(ctx, number, who, "rejected", channel="app")
    deliver(ctx, number, who, "refused", "muted", step=1)
    assert listed(ctx, number) == {}


@pytest.mark.parametrize(
    "state", ["waiting", "planned", "sending", "unknown", "accepted", "delivered", "opened", "complained"]
)
def test_one_message_that_arrived_or_still_may_is_enough(ctx: Context, state: str) -> None:
    number, who = campaign(ctx), someone(ctx, 1)
    deliver(ctx, number, who, "rejected", channel="app")
    deliver(ctx, number, who, state, step=1)
    assert listed(ctx, number) == {}


def test_a_phone_of_the_household_that_was_written_to_is_enough(ctx: Context) -> None:
    number, who = campaign(ctx), someone(ctx, 1)
    deliver(ctx, number, who, "rejected", channel="app")
    deliver(ctx, number, who, "not_needed", "same_address", step=1)
    assert listed(ctx, number) == {}


def test_the_message_that_got_furthest_gives_the_reason(ctx: Context) -> None:
    number, who = campaign(ctx), someone(ctx, 1)
    deliver(ctx, number, who, "refused", "no_basis", channel="app")
    deliver(ctx, number, who, "bounced", step=1)
    (line,) = lines(ctx, number, actor="test")
    assert (line.row.reason, line.row.channel) == ("bounced", "sms")


@pytest.mark.parametrize(
    ("reason", "on"), [("bounced", True), ("erased", True), ("opt_out", False), ("complaint", False)]
)
def test_a_dead_number_is_listed_but_not_one_whose_owner_wants_no_more(ctx: Context, reason: str, on: bool) -> None:
    number, who = campaign(ctx), someone(ctx, 1)
    with transaction(ctx.engine) as conn:
        lookup = conn.scalar(select(tables.address.c.lookup))
        row = {"channel": "sms", "lookup": lookup, "reason": reason, "source": "test", "at": ctx.clock()}
        conn.execute(insert(tables.suppression).values(row))
    refuse(ctx, number, who, "suppressed", channel="sms")
    assert listed(ctx, number) == ({who: "suppressed"} if on else {})


@pytest.mark.parametrize(("door", "purpose", "on"), [("subscribed", "notify", False), ("recommended", "notify", True)])
def test_who_took_consent_back_is_not_visited_for_it(ctx: Context, door: str, purpose: str, on: bool) -> None:
    number, who = campaign(ctx), someone(ctx, 1, consent=("notify", "recommend"))
    with transaction(ctx.engine) as conn:
        give(conn, ctx, who, purpose, given=False)
    refuse(ctx, number, who, "no_basis", door=door)
    assert (who in listed(ctx, number)) is on


@pytest.mark.parametrize("choice", [{"sms": False}, {"channels": {"talent": {"sms": False}}}])
def test_who_switched_every_channel_off_is_not_visited(ctx: Context, choice: dict[str, Any]) -> None:
    number, who, other = campaign(ctx), someone(ctx, 1), someone(ctx, 2, channels=())
    with transaction(ctx.engine) as conn:
        prefer(conn, ctx, who, **choice)
        prefer(conn, ctx, other, **choice)
    refuse(ctx, number, who, "no_address")
    refuse(ctx, number, other, "no_address")
    assert listed(ctx, number) == {other: "no_address"}


def test_a_firm_is_listed_once_and_only_where_no_member_was_reached(ctx: Context) -> None:
    number, firm, reached = campaign(ctx), someone(ctx, 1, kind="enterprise"), someone(ctx, 2, kind="enterprise")
    members = [someone(ctx, n) for n in (3, 4)]
    for profile in (firm, reached):
        deliver(ctx, number, profile, "rejected", recipient_id=members[0], step=int(profile == firm))
    deliver(ctx, number, firm, "refused", "muted", recipient_id=members[1])
    deliver(ctx, number, reached, "accepted", recipient_id=members[1], channel="app")
    assert listed(ctx, number) == {firm: "rejected"}


@pytest.mark.parametrize(("wants", "on"), [(True, True), (False, False)])
def test_a_firm_whose_members_want_none_of_it_is_not_visited(ctx: Context, wants: bool, on: bool) -> None:
    number, firm, member = campaign(ctx), someone(ctx, 1, kind="enterprise"), someone(ctx, 2)
    left = None if not wants else ctx.clock()
    with transaction(ctx.engine) as conn:
        row = {"profile_id": firm, "person_id": member, "wants": wants, "left_at": left}
        conn.execute(insert(tables.member).values(row))
    refuse(ctx, number, firm, "no_address", recipient_id=0)
    assert (firm in listed(ctx, number)) is on


def test_who_was_erased_meanwhile_is_on_no_list(ctx: Context) -> None:
    number, who = campaign(ctx), someone(ctx, 1)
    deliver(ctx, number, who, "rejected")
    with transaction(ctx.engine) as conn:
        conn.execute(update(tables.profile).where(tables.profile.c.id == who).values(erased_at=ctx.clock()))
    assert listed(ctx, number) == {}


def test_what_a_digest_carried_counts_as_the_campaigns_own(ctx: Context) -> None:
    number, other = campaign(ctx), campaign(ctx, "policy-2")
    lost, told = someone(ctx, 1), someone(ctx, 2)
    for person, state in ((lost, "bounced"), (told, "delivered")):
        deliver(ctx, other, person, state)
    with transaction(ctx.engine) as conn:
        conn.execute(text("update delivery set policy_id = null"))
        items = """insert into delivery_item (delivery_id, policy_id, profile_id, campaign_id, position, door)
                   select id, 1, profile_id, :number, 1, 'subscribed' from delivery"""
        conn.execute(text(items), {"number": number})
    assert listed(ctx, number) == {lost: "bounced"}


def test_the_figures_stand_by_street_and_reason_and_add_up(ctx: Context) -> None:
    number = campaign(ctx)
    regions = [STREET, STREET, OTHER_STREET, DISTRICT, "990101", None]
    people = [someone(ctx, n, region) for n, region in enumerate(regions)]
    for who in people[1:]:
        refuse(ctx, number, who, "no_basis")
    deliver(ctx, number, people[0], "rejected")
    found = totals(ctx, number)
    assert [(one.district, one.street, dict(one.reasons)) for one in found.places] == [
        (DISTRICT, STREET, {"rejected": 1, "no_basis": 1}),
        (DISTRICT, "", {"no_basis": 1}),
        (DISTRICT, OTHER_STREET, {"no_basis": 1}),
        ("", "", {"no_basis": 1}),
        ("990101", "", {"no_basis": 1}),
    ]
    assert found.reasons == {"no_basis": 5, "rejected": 1}
    assert found.total == sum(one.total for one in found.places) == len(lines(ctx, number, actor="test"))


@pytest.mark.parametrize(
    ("code", "place"),
    [
        (STREET, (DISTRICT, STREET)),
        (DISTRICT, (DISTRICT, "")),
        ("330100", ("330100", "")),
        ("990171", ("990171", "")),
        ("nowhere", ("nowhere", "")),
        (None, ("", "")),
    ],
)
def test_a_region_is_a_street_a_district_or_itself(code: str | None, place: tuple[str, str]) -> None:
    assert place_of(code) == place


def test_names_and_addresses_are_masked_and_the_look_is_logged(ctx: Context) -> None:
    number, who = campaign(ctx), someone(ctx, 1, name="欧阳丽")
    deliver(ctx, number, who, "rejected")
    ((line,), seen) = lines(ctx, number, actor="周岚"), totals(ctx, number)
    assert (line.name, line.row.masks, seen.total) == ("欧**", ("sms**1",), 1)
    with transaction(ctx.engine) as conn:
        entries = conn.execute(text("select actor, action, object, detail from audit")).all()
    assert [tuple(entry) for entry in entries] == [("周岚", "offline.read", f"campaign:{number}", {"shown": 1})]


def test_a_name_that_no_key_opens_leaves_an_empty_cell(ctx: Context) -> None:
    number, who = campaign(ctx), someone(ctx, 1)
    deliver(ctx, number, who, "rejected")
    other = replace(ctx, keyring=type(ctx.keyring)(data_keys=(b"x" * 32,), secret=b"another"))
    assert [one.name for one in lines(other, number, actor="test")] == [""]


def test_there_is_no_list_of_no_campaign(ctx: Context) -> None:
    with pytest.raises(OfflineError, match="no campaign 7") as told:
        totals(ctx, 7)
    assert told.value.code == "unknown_campaign"


def line(**values: Any) -> Line:
    """One line with odd cells."""
    row = {"profile_id": 1, "name": None, "kind": "citizen", "region": STREET, "reason": "bounced", "channel": "sms"}
    row |= {"at": datetime.fromisoformat("2026-06-24T09:30:00+08:00"), "masks": ("138****0001",)}
    name = values.pop("name", "张**")
    return Line(DISTRICT, STREET, Unreached(**{**row, **values}), name)


def test_the_file_says_place_reason_and_masks() -> None:
    head, row = csv.reader(io.StringIO("".join(as_csv([line()]))))
    assert head[:2] == ["区县", "街道"]
    assert row[:2] == ["上城区", "清波街道"]
    assert row[2:] == ["1", "张**", "citizen", NAMES["bounced"][0], "sms", "138****0001", "2026-06-24T09:30:00+08:00"]
    english = "".join(as_csv([line()], english=True)).splitlines()
    assert english[0].split(",") == list(offline.COLUMNS)
    assert NAMES["bounced"][1] in english[1]


@given(st.text(max_size=8), st.text(max_size=8))
def test_no_cell_of_the_file_is_a_formula(name: str, mask: str) -> None:
    rows = list(csv.reader(io.StringIO("".join(as_csv([line(name=name, masks=(mask,))])), newline="")))
    assert len(rows) == 2
    assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n")) for cell in rows[1])
    assert rows[1][3].removeprefix("'") == name.removeprefix("'")


@pytest.mark.parametrize("text_", ["=1+1", "+86 138****0001", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1+1"])
def test_what_a_spreadsheet_would_work_out_gets_an_apostrophe(text_: str) -> None:
    assert safe_cell(text_) == "'" + text_
    assert safe_cell("a" + text_) == "a" + text_


def test_every_reason_has_a_name_in_two_languages() -> None:
    assert set(NAMES) == set(REASONS)
