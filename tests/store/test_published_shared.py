"""Who shares an address is found as if one asked of each two profiles."""

from __future__ import annotations

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from sqlalchemy import Connection, Engine, insert, text

from pushsvc.store import tables
from pushsvc.store.published import shared_addresses
from pushsvc.store.session import transaction
from tests import databases
from tests.store.loading import EPOCH

FEW = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
LINKS = st.lists(st.tuples(st.integers(1, 6), st.integers(1, 6)), max_size=12, unique=True)
MEMBERS = st.dictionaries(
    st.tuples(st.integers(1, 6), st.integers(1, 6)), st.sampled_from(["wants", "not", "left"]), max_size=8
)
FIRMS = st.sets(st.integers(1, 6))


def test_nobody_shares_in_an_empty_register(engine: Engine) -> None:
    with transaction(engine) as conn:
        assert [part.tolist() for part in shared_addresses(conn)] == [[], []]


@FEW
@given(
    links=LINKS, members=MEMBERS, firms=FIRMS, erased=st.integers(0, 12), asked=st.none() | st.sets(st.integers(1, 7))
)
def test_shared_addresses_are_those_found_one_by_one(
    engine: Engine,
    links: list[tuple[int, int]],
    members: dict[tuple[int, int], str],
    firms: set[int],
    erased: int,
    asked: set[int] | None,
) -> None:
    databases.empty(engine)
    with transaction(engine) as conn:
        add_reached(conn, links, members, firms, erased)
        ids = None if asked is None else np.array(sorted(asked), dtype=np.int64)
        found = pairs(shared_addresses(conn, ids))
    reached: dict[int, set[int]] = {}
    for person, address in links:
        if person not in firms and person != erased:
            reached.setdefault(person, set()).add(address)
        for (firm, member), state in members.items():
            if member == person and firm in firms and firm != erased and state == "wants":
                reached.setdefault(firm, set()).add(address)
    sharing = {
        one
        for one, mine in reached.items()
        for other, theirs in reached.items()
        if one != other
        and mine & theirs
        and (asked is None or {one, other} & asked or _meet(reached, mine & theirs, asked))
    }
    assert found == [(one, address) for one in sorted(sharing) for address in sorted(reached[one])]


def _meet(reached: dict[int, set[int]], places: set[int], asked: set[int]) -> bool:
    """Whether one of those asked for is reached at one of these places."""
    return any(places & reached.get(one, set()) for one in asked)


def pairs(found: tuple[NDArray[np.int64], NDArray[np.int64]]) -> list[tuple[int, int]]:
    return list(zip(found[0].tolist(), found[1].tolist(), strict=True))


def add_reached(
    conn: Connection,
    links: list[tuple[int, int]],
    members: dict[tuple[int, int], str],
    firms: set[int],
    erased: int,
) -> None:
    """Profiles and addresses 1 to 6."""
    for number in range(1, 7):
        values = {"ref": str(number), "kind": "enterprise" if number in firms else "citizen", "updated_at": EPOCH}
        values |= {"erased_at": EPOCH} if number == erased else {}
        conn.execute(insert(tables.profile).values(values))
        conn.execute(insert(tables.address).values(channel="sms", lookup=bytes([number]), cipher=b"", mask=""))
    for person, address in links:
        conn.execute(insert(tables.profile_address).values(profile_id=person, address_id=address))
    for (firm, person), state in members.items():
        row = {"profile_id": firm, "person_id": person, "wants": state != "not"}
        conn.execute(insert(tables.member).values(**row, left_at=EPOCH if state == "left" else None))


def test_numbers_far_apart_take_no_longer(engine: Engine) -> None:
    with transaction(engine) as conn:
        conn.execute(text("insert into address (channel, lookup, cipher, mask) values ('sms', 'x', '', '')"))
        for number in (1, 2**33, 2**60):
            row = {"id": number, "ref": f"p{number}"}
            conn.execute(
                text("""
                insert into profile (id, ref, kind, updated_at) overriding system value
                values (:id, :ref, 'citizen', now())
                """),
                row,
            )
            conn.execute(text("insert into profile_address values (:id, 1)"), row)
        found = shared_addresses(conn)
    assert [part.tolist() for part in found] == [[1, 2**33, 2**60], [1, 1, 1]]
