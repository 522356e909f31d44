"""Campaigns that keep flowing while everything breaks: several at once, on all lanes, paused, cancelled, in digests."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random

from sqlalchemy import func, insert, select

from benchmarks.faults.world import World
from pushsvc.context import utc_now
from pushsvc.pipeline import campaigns
from pushsvc.store import tables
from pushsvc.store.addresses import NewAddress, replace_addresses
from pushsvc.store.policies import policy_by_id
from pushsvc.store.session import Connection, transaction

AUTHOR, REVIEWER = "limeng", "zhoulan"
CHANNELS = (("app",), ("sms",), ("email",), ("sms",), ("email",), ("app", "sms"))
VALUES = {"app": "token-of-person-{n:08d}", "sms": "138{n:08d}", "email": "person{n}@city.example"}
DAILY = 10  # every tenth person wants a digest
BUSY_SLICES = 12  # where so many are due or held, no campaign is added
BUSY_PLANS = 3  # nor where so many campaigns are not planned yet
LANES = ("urgent", "normal", "normal", "bulk")
REST_SECONDS = 2.0  # of a paused campaign
EXPIRES_SECONDS = 4.0


@dataclass
class Flow:
    """What runs now. `people` are profile ids with the subscription each campaign rests on."""

    world: World
    people: Sequence[tuple[int, int]]
    draw: Random
    started: int = 0
    resting: dict[int, float] = field(default_factory=dict)

    def step(self) -> None:
        """Starts a campaign where little is due, pauses, resumes or cancels another, and lets people do this and that.

        Raises what the database raises.
        """
        now = time.monotonic()
        for number in [number for number, until in self.resting.items() if until <= now]:
            _try(lambda number=number: campaigns.resume(self.world.ctx, number, REVIEWER))
            del self.resting[number]
        if not is_busy(self.world):
            self.started += 1
            start_campaign(self.world, self.people, self.draw)
        chance, number = self.draw.random(), self.draw.choice(unfinished(self.world))
        if chance < 0.04:
            _try(lambda: campaigns.pause(self.world.ctx, number, REVIEWER))
            self.resting[number] = now + REST_SECONDS
        elif chance < 0.06:
            _try(lambda: campaigns.cancel(self.world.ctx, number, REVIEWER))
        elif chance < 0.10:
            bring_forward(self.world, digests_only=True)
        elif chance < 0.25:
            live(self.world, self.draw, self.people)

    def let_go(self) -> None:
        """Resumes what rests."""
        for number in unfinished(self.world):
            _try(lambda number=number: campaigns.resume(self.world.ctx, number, REVIEWER))
        self.resting.clear()


def make_people(world: World, n: int) -> list[tuple[int, int]]:
    """So many citizens on three channels, consents given, each with a subscription; (profile, subscription) ids."""
    ctx, found = world.ctx, []
    with transaction(ctx.engine) as conn:
        for number in range(1, n + 1):
            row = {"ref": f"p{number}", "kind": "citizen", "updated_at": utc_now()}
            person = int(conn.execute(insert(tables.profile).values(row).returning(tables.profile.c.id)).scalar_one())
            channels = CHANNELS[number % len(CHANNELS)]
            new = [NewAddress(person, name, VALUES[name].format(n=number), f"{name}**{number}") for name in channels]
            replace_addresses(conn, ctx.keyring, new)
            found.append(
                (person, _wish(conn, person, "daily" if number % DAILY == 0 else "immediate", len(channels) > 1))
            )
    return found


def _wish(conn: Connection, person: int, cadence: str, escalates: bool) -> int:
    now = utc_now()
    given = {"purpose": "notify", "channel": "any", "given": True, "wording": "v1", "source": "harness", "at": now}
    conn.execute(insert(tables.consent).values(profile_id=person, **given))
    chosen = {"cadence": cadence, "escalate": ["sms"] if escalates else [], "escalate_hours": 0}  # at once
    conn.execute(insert(tables.preference).values(profile_id=person, updated_at=now, **chosen))
    row = {"profile_id": person, "ref": "harness", "keyword": "补贴", "cadence": cadence, "created_at": now}
    made = insert(tables.subscription).values(row).returning(tables.subscription.c.id)
    return int(conn.execute(made).scalar_one())


def start_campaign(world: World, people: Sequence[tuple[int, int]], draw: Random) -> int:
    """A campaign to most of the people, drafted, approved by another person and started; its number."""
    ctx, some = world.ctx, draw.sample(people, k=draw.randint(len(people) // 2, len(people)))
    with transaction(ctx.engine) as conn:
        policy = policy_by_id(conn, _make_policy(conn, f"policy-{draw.getrandbits(48):012x}"))
    assert policy is not None
    duty = draw.random() < 0.3
    options: dict[str, object] = {"lane": draw.choice(LANES), "doors": ["entitled" if duty else "subscribed"]}
    if duty:
        options["basis"] = "《江澜市公共服务办法》第九条"
    if draw.random() < 0.08:
        options["expires_at"] = utc_now() + timedelta(seconds=EXPIRES_SECONDS)
    number = campaigns.create(ctx, policy, author=AUTHOR, **options)
    with transaction(ctx.engine) as conn:
        _choose(conn, number, some, "entitled" if duty else "subscribed")
    campaigns.submit(ctx, number, AUTHOR)
    campaigns.approve(ctx, number, REVIEWER)
    campaigns.start(ctx, number, REVIEWER)
    return number


def _make_policy(conn: Connection, ref: str) -> int:
    now = utc_now()
    row = {
        "ref": ref, "family": ref, "event": f"new:{ref}", "kind": "fund", "title": "云湾区人才安居补贴（第三批）",
        "agency": "云湾区人力资源和社会保障局", "topic": "talent", "region": "990100", "body": "第一条 给予补贴。",
        "checksum": ref, "state": "published", "imported_at": now, "published_at": now,
    }  # fmt: skip
    return int(conn.execute(insert(tables.policy).values(row).returning(tables.policy.c.id)).scalar_one())


def _choose(conn: Connection, number: int, people: Sequence[tuple[int, int]], door: str) -> None:
    """The audience, chosen by the harness, so that it knows without asking who is to be told."""
    rows = [
        {
            "campaign_id": number, "profile_id": person, "door": door, "match": 1, "rank": rank,
            "why": {"subscriptions": [wish]} if door == "subscribed" else None,
        }
        for rank, (person, wish) in enumerate(people, start=1)
    ]  # fmt: skip
    conn.execute(insert(tables.selection), rows)
    conn.execute(tables.campaign.update().where(tables.campaign.c.id == number).values(selected_at=utc_now()))


def unfinished(world: World) -> list[int]:
    """Campaigns that are to go on."""
    states = tables.campaign.c.state.in_(("scheduled", "running", "paused"))
    with transaction(world.ctx.engine) as conn:
        return list(conn.scalars(select(tables.campaign.c.id).where(states).order_by(tables.campaign.c.id)))


def is_busy(world: World) -> bool:
    """Whether there is enough to do: what waits for a retry holds nothing up."""
    slices, campaign = tables.slice_.c, tables.campaign.c
    due = (slices.state == "leased") | ((slices.state == "ready") & (slices.due_at <= utc_now()))
    plans = (campaign.state == "running") & campaign.planned_at.is_(None)
    with transaction(world.ctx.engine) as conn:
        slices_due = conn.execute(select(func.count()).select_from(tables.slice_).where(due)).scalar_one()
        unplanned = conn.execute(select(func.count()).select_from(tables.campaign).where(plans)).scalar_one()
    return slices_due >= BUSY_SLICES or unplanned >= BUSY_PLANS


def live(world: World, draw: Random, people: Sequence[tuple[int, int]]) -> None:
    """Every third message of the app is read, and somebody takes a consent back or gives it again."""
    person, now = draw.choice(people)[0], utc_now()
    told = {"profile_id": person, "purpose": "notify", "channel": "any", "wording": "v1", "source": "harness"}
    with transaction(world.ctx.engine) as conn:
        mine = tables.inbox.c.read_at.is_(None) & (tables.inbox.c.recipient_id % 3 == 0)
        conn.execute(tables.inbox.update().where(mine).values(read_at=now))
        conn.execute(insert(tables.consent).values(**told, given=draw.random() < 0.8, at=now))


def bring_forward(world: World, *, digests_only: bool = False) -> None:
    """Makes the moment of digests come, and that of retries and second steps: hours of waiting are not the question."""
    now = utc_now()
    with transaction(world.ctx.engine) as conn:
        digests = tables.run.update().where(tables.run.c.kind == "digest", tables.run.c.due_at > now)
        conn.execute(digests.values(due_at=now))
        if not digests_only:
            later = tables.slice_.c.state.in_(("ready", "waiting")) & (tables.slice_.c.due_at > now)
            conn.execute(tables.slice_.update().where(later).values(due_at=now))


def _try(act: object) -> None:
    """A campaign that ended meanwhile refuses; that is an answer too."""
    try:
        act()  # type: ignore[operator]
    except campaigns.CampaignError:
        pass
