"""Varied lists: one face of a matter, and no more than so many policies of one agency, in feeds and digests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sqlalchemy import RowMapping

from profiles.ragged import Mask, Rows
from pushsvc.context import Context
from pushsvc.pipeline.faces import faces_of
from pushsvc.pipeline.in_force import InForce
from pushsvc.store import digests
from pushsvc.store.session import Connection
from recommenders.spread import at_most, one_face, spread_out

SAME_FAMILY, AGENCY_MAX, TOLD = "same_family", "agency_max", "told"  # codes of the refusals of items
_AT_ONCE = 5_000  # digests looked at together


@dataclass(frozen=True)
class About:
    """What a policy is a face of and whose it is, as codes, and its number: of a later event more."""

    face: int
    agency: int
    number: int


@dataclass(frozen=True)
class Listed:
    """One policy in one digest, and the door through which it came."""

    delivery_id: int
    policy: About
    door: str


def varied(policies: InForce, order: Rows, most: int, *, asked: Mask | None = None) -> Rows:
    """These positions of the policies in force, in their order, without second faces and floods of one agency.

    `asked` bool[p]: what the person subscribed to; no limit on agencies takes it away.
    """
    exempt = np.zeros(len(policies), dtype=np.bool_) if asked is None else asked
    return spread_out(order, policies.agencies, policies.faces, exempt, most)


def thin_digests(conn: Connection, ctx: Context, delivery_ids: Sequence[int]) -> int:
    """Take out of these digests what would be one too many; each becomes a refusal. Returns how many.

    Of an event the item of the earlier run stays, of a matter the newest event; of those for recommendation at most
    `agency_max` an agency, counted with all others. What must be told (entitled) always stays; what was asked for is
    never taken out for its agency.
    """
    most, kinds = ctx.settings.agency_max, digests.kinds_of_items(conn, delivery_ids)
    faces, agencies = faces_of(conn, [one.family for one in kinds]).tolist(), _codes([one.agency for one in kinds])
    places = zip(kinds, faces, agencies.tolist(), strict=True)
    about = {one.id: About(face, agency, one.visible_no) for one, face, agency in places}
    crowded = digests.crowded(conn, delivery_ids, [(n, one.face, one.agency) for n, one in about.items()], most=most)
    found = 0
    for start in range(0, len(crowded), _AT_ONCE):
        rows = digests.gated_items(conn, crowded[start : start + _AT_ONCE])
        refused = [(row, TOLD) for row in _told_before(rows)]
        again = {(row["delivery_id"], row["policy_id"]) for row, _ in refused}
        rows = [row for row in rows if (row["delivery_id"], row["policy_id"]) not in again]
        listed = [Listed(row["delivery_id"], about[row["policy_id"]], row["door"]) for row in rows]
        refused += [pair for pair in zip(rows, too_many(listed, most=most), strict=True) if pair[1]]
        digests.refuse_items(conn, refused, ctx.clock())
        found += len(refused)
    return found


def _told_before(items: Sequence[RowMapping]) -> list[RowMapping]:
    """The items whose event an earlier run tells in the same digest: as if that one had been planned first."""
    keys = [(row["delivery_id"], row["family"], row["event"]) for row in items]
    first: dict[tuple[int, str, str], int] = {}
    for key, row in zip(keys, items, strict=True):
        first[key] = min(row["own_run"], first.get(key, row["own_run"]))
    return [row for key, row in zip(keys, items, strict=True) if row["own_run"] > first[key]]


def too_many(items: Sequence[Listed], *, most: int) -> list[str]:
    """For each item of some digests, in their order, why it leaves: SAME_FAMILY, AGENCY_MAX, or "" where it stays."""
    faces = _codes([(one.delivery_id, one.policy.face) for one in items])
    agencies = _codes([(one.delivery_id, one.policy.agency) for one in items])
    doors = np.array([one.door for one in items], dtype=object)
    newest = np.argsort([-one.policy.number for one in items], kind="stable")
    kept = np.union1d(one_face(newest, faces), np.flatnonzero(doors == "entitled"))
    left = at_most(kept, agencies, exempt=doors != "recommended", most=most)
    codes = np.full(len(items), SAME_FAMILY, dtype=object)
    codes[kept], codes[left] = AGENCY_MAX, ""
    return [str(code) for code in codes]


def _codes(values: Sequence[object]) -> Rows:
    index: dict[object, int] = {}
    return np.array([index.setdefault(value, len(index)) for value in values], dtype=np.int64)
