"""The drift report: quiet where the city is as it was, loud where people, policies or scores have moved."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from sqlalchemy import text

from profiles.lifecycle import derive
from pushsvc.context import Context
from pushsvc.pipeline.days import city_day
from pushsvc.pipeline.drift import Report, drift, reference
from pushsvc.pipeline.models import ModelError, admit
from pushsvc.store.frames import load_frame
from pushsvc.store.session import transaction
from recommenders.artifact import with_card
from recommenders.model import Past
from tests.clock import Clock
from tests.making import choose, make_campaign, make_person, make_policy
from tests.modelling import assessed, by_hand
from tests.registering import issue, register

GOOD = {"audience_auc_cold": 0.8, "audience_auc_activity": 0.6, "audience_auc_deciles": [0.7]}
SOUTH, NORTH = "990105", "990101"
KNOWN = ("agency=云湾区人力资源和社会保障局", "kind=fund", "region=990105", "topic=talent")


def serve(ctx: Context, *, kept: bool = True, choosy: bool = False) -> int:
    """A model of the city as it is serves; its card keeps what the city was like, or does not.

    `choosy`: it likes nobody for a fund.
    """
    assessed(ctx)
    favours = {"kind=citizen": 0.1, f"region={SOUTH}": 2.0, f"region={NORTH}": -1.0}
    made = by_hand(
        favours, policies=KNOWN, card={"algorithm": "2", "evaluation": GOOD, "made_at": ctx.clock().isoformat()}
    )
    if choosy:
        likes = np.array([[-9.0 if name == "kind=fund" else 0.0] for name in KNOWN], dtype=np.float32)
        everybody, nobody = np.ones((len(favours), 1), dtype=np.float32), np.zeros((0, 1), dtype=np.float32)
        made = replace(made, audience=replace(made.audience, E_policy=likes, E_profile=everybody, own_vectors=nobody))
    with transaction(ctx.engine) as conn:
        then = reference(conn, made, derive(load_frame(conn), city_day(ctx)))
    return admit(ctx, with_card(made, {"reference": then} if kept else {})).id


def people(ctx: Context, region: str, count: int, name: str = "p") -> None:
    """So many citizens of a region."""
    for number in range(count):
        register(ctx, f"{name}-{region}-{number}", region=region)


def status(report: Report, group: str) -> str:
    """What the shift of a group of people's features calls for."""
    return next(one.status for one in report.profiles.shifts if one.name == group)


def test_a_city_that_is_as_it_was_has_not_drifted(ctx: Context) -> None:
    people(ctx, SOUTH, 20)
    issue(ctx, "a", region=SOUTH)
    number = serve(ctx)
    found = drift(ctx)
    assert (found.model, found.since, found.status) == (number, ctx.clock(), "ok")
    assert (found.profiles.rows, found.profiles.unknown) == (20, found.profiles.unknown_then)
    assert {one.psi for one in found.profiles.shifts} == {0.0}
    assert (found.policies.rows, found.policies.status) == (0, "unknown")


def test_people_who_moved_here_since_are_seen_by_group_and_by_score(ctx: Context, clock: Clock) -> None:
    people(ctx, SOUTH, 40)
    issue(ctx, "a", region=SOUTH)
    serve(ctx)
    clock.forward(days=1)
    people(ctx, NORTH, 60)
    issue(ctx, "b", region=SOUTH)
    found = drift(ctx)
    assert (status(found, "region"), status(found, "kind"), found.status) == ("retrain", "ok", "retrain")
    assert (found.policies.rows, found.scores.status) == (1, "retrain")


def test_a_new_policy_of_another_kind_is_no_drift_of_scores(ctx: Context, clock: Clock) -> None:
    people(ctx, SOUTH, 20)
    people(ctx, NORTH, 20)
    issue(ctx, "a", region=SOUTH, kind="guide")
    serve(ctx, choosy=True)
    clock.forward(days=1)
    issue(ctx, "b", region=SOUTH, kind="fund")
    found = drift(ctx)
    assert (found.policies.rows, found.scores.psi, found.scores.status) == (1, 0.0, "ok")


def test_a_model_that_was_made_before_anything_was_published_is_told_from_what_it_learnt(ctx: Context) -> None:
    people(ctx, SOUTH, 20)
    issue(ctx, "a", region=SOUTH)
    made = by_hand({f"region={SOUTH}": 2.0}, policies=KNOWN)
    held = replace(made, past=Past(np.array([1]), csr_matrix((1, len(KNOWN)), dtype=np.float32)))
    with transaction(ctx.engine) as conn:
        conn.execute(text("update policy set state = 'draft', visible_no = null, published_at = null"))
        frame = derive(load_frame(conn), city_day(ctx))
        found = [reference(conn, one, frame) for one in (made, held)]
    assert [(one["policies"]["rows"], one["scored"], one["scores"]["rows"]) for one in found] == [
        (0, [], 20),
        (1, [1], 20),
    ]


def test_values_the_model_never_met_are_counted(ctx: Context, clock: Clock) -> None:
    people(ctx, SOUTH, 20)
    issue(ctx, "a", region=SOUTH)
    serve(ctx)
    clock.forward(days=1)
    people(ctx, "990103", 20)
    for number in range(4):
        issue(ctx, f"new-{number}", region="990103", topic="elder")
    found = drift(ctx)
    assert found.profiles.unknown is not None
    assert found.profiles.unknown_then is not None
    assert found.profiles.unknown - found.profiles.unknown_then == pytest.approx(0.5)
    assert (found.policies.rows, found.policies.unknown, found.status) == (4, 1.0, "retrain")


def test_a_card_that_keeps_nothing_says_so_and_is_no_error(ctx: Context) -> None:
    people(ctx, SOUTH, 5)
    serve(ctx, kept=False)
    found = drift(ctx)
    assert (found.profiles.shifts, found.scores.psi, found.scores.status) == ((), None, "unknown")


def test_without_a_model_there_is_nothing_to_report(ctx: Context) -> None:
    with pytest.raises(ModelError) as error:
        drift(ctx)
    assert error.value.code == "no_model"


def test_an_empty_city_is_no_error(ctx: Context) -> None:
    serve(ctx)
    found = drift(ctx)
    assert (found.profiles.rows, found.profiles.unknown, found.status) == (0, None, "unknown")


def test_what_was_opened_is_told_by_door_before_and_since(ctx: Context, clock: Clock) -> None:
    start = clock()
    serve(ctx)
    clock.forward(days=10)
    with transaction(ctx.engine) as conn:
        policy = make_policy(conn, ctx)
        campaign = make_campaign(conn, ctx, policy)
        reached = [make_person(conn, ctx, n) for n in range(1, 7)]
        choose(conn, ctx, campaign, reached)
        conn.execute(text("insert into run (kind, key, created_at) values ('campaign', 'c', now())"))
        for number, person in enumerate(reached):
            row = {
                "person": person, "key": str(number), "state": "opened" if number in (0, 3, 4) else "delivered",
                "door": "recommended" if number else "entitled", "at": start + timedelta(days=-1 if number < 3 else 1),
            }  # fmt: skip
            conn.execute(_DELIVERY, row | {"policy": policy})
    doors = {door.since.door: door for door in drift(ctx).doors}
    recommended = doors["recommended"]
    assert (recommended.before.rate, recommended.since.opened, recommended.since.sent) == (0.0, 2, 3)
    assert (doors["entitled"].before.rate, doors["entitled"].since.rate) == (1.0, None)
    assert doors["subscribed"].since.sent == 0


_DELIVERY = text("""
    insert into delivery (run_id, profile_id, recipient_id, address_id, policy_id, channel, door, state, wire_key,
                          planned_at, accepted_at, updated_at)
    select max(run.id), :person, :person, max(pa.address_id), :policy, 'sms', :door, :state, :key, :at, :at, :at
    from run, profile_address pa where pa.profile_id = :person
""")
