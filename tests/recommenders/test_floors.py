"""A floor is what a walk down the ranking gives when every group's best are taken first."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import ceil

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiles.ragged import Rows
from recommenders.errors import FeatureError
from recommenders.floors import Candidates, Floored, Groups, choose_above_floors, needs
from recommenders.merging import choose_people
from tests.recommenders.test_merging import ADDRESSES, pairs, takens

SHARES = ["0", "0.07", "0.1", "0.25", "0.3", "0.5", "0.7", "1"]
leasts = st.none() | st.sampled_from([0.5, 0.7, 2.0])
tops = st.none() | st.integers(0, 12)


@dataclass(frozen=True)
class Case:
    """Some candidates in groups; a candidate may be in several, or in none."""

    scores: list[float]
    ids: list[int]
    held: dict[int, set[int]]
    inside: list[set[int]]

    def candidates(self) -> Candidates:
        return Candidates(np.array(self.scores, dtype=np.float32), np.array(self.ids), pairs(self.held))

    def groups(self) -> Groups:
        owners = [i for i, own in enumerate(self.inside) for _ in own]
        codes = [code for own in self.inside for code in sorted(own)]
        return Groups(np.array(owners, dtype=np.int64), np.array(codes, dtype=np.int64), 5)

    def ranking(self, least: float | None = None) -> list[int]:
        rows = [i for i in range(len(self.scores)) if least is None or self.scores[i] >= least]
        return sorted(rows, key=lambda i: (-self.scores[i], self.ids[i]))

    def of(self, code: int) -> set[int]:
        return {i for i, own in enumerate(self.inside) if code in own}


@st.composite
def cases(draw: st.DrawFn, *, sharing: bool = True) -> Case:
    scores = draw(st.lists(st.sampled_from([0.0, 0.5, 1.0, 1.5]), min_size=1, max_size=14))
    n = len(scores)
    held = draw(st.dictionaries(st.integers(0, n - 1), ADDRESSES)) if sharing else {}
    inside = draw(st.lists(st.sets(st.integers(0, 4), max_size=3), min_size=n, max_size=n))
    return Case(scores, draw(st.permutations(range(100, 100 + n))), held, inside)


def found(
    case: Case, share: str, taken: list[int] | None = None, *, least: float | None = None, top_n: int | None = None
) -> Floored:
    given_, owed = case.candidates(), (case.groups(), float(share))
    return choose_above_floors(given_, owed, taken=np.array(taken or [], dtype=np.int64), least=least, top_n=top_n)


Told = tuple[list[int], set[int], list[int]]


def walk(case: Case, share: str, taken: list[int], least: float | None, most: int | None) -> Told:
    """Kept, merged, and those taken for a floor, one after the other: the best, at most so many, then floors."""
    owed = {code: ceil(Fraction(share) * len(case.of(code))) for code in range(5)}
    reached, kept, merged = set(taken), list[int](), set[int]()

    def take(one: int) -> None:
        if one in case.held and case.held[one] <= reached:
            merged.add(one)
            return
        kept.append(one)
        reached.update(case.held.get(one, set()))
        for code in case.inside[one]:
            owed[code] -= 1

    for one in case.ranking(least):
        if most is not None and len(kept) >= most:
            break
        take(one)
    best = list(kept)
    for one in case.ranking():
        if one not in best and any(owed[code] > 0 for code in case.inside[one]):
            take(one)
    rank = {one: place for place, one in enumerate(case.ranking())}
    return sorted(kept, key=rank.__getitem__), merged, kept[len(best) :]


def as_walked(told: Floored) -> Told:
    """What was found, to be compared."""
    return told.people.kept.tolist(), set(told.people.merged.tolist()), told.firsts.tolist()


@given(cases(), st.sampled_from(SHARES), takens, leasts)
def test_without_a_limit_it_is_what_a_walk_finds(case: Case, share: str, taken: list[int], least: float | None) -> None:
    told = found(case, share, taken, least=least)
    assert as_walked(told) == walk(case, share, taken, least, None)
    assert told.over == 0


@given(cases(), st.sampled_from(SHARES), takens, leasts, st.integers(0, 12))
def test_with_a_limit_it_is_a_walk_that_fits_or_floors_alone(
    case: Case, share: str, taken: list[int], least: float | None, top_n: int
) -> None:
    told = found(case, share, taken, least=least, top_n=top_n)
    walks = [walk(case, share, taken, least, most) for most in range(top_n + 1)]
    fitting = [one for one in walks if len(one[0]) <= top_n]
    assert as_walked(told) in (fitting or walks[:1])
    assert told.over == max(0, len(told.people.kept) - top_n)


@given(cases(sharing=False), st.sampled_from(SHARES), leasts, st.integers(0, 12))
def test_as_few_of_the_best_as_can_be_stand_back(case: Case, share: str, least: float | None, top_n: int) -> None:
    told = found(case, share, least=least, top_n=top_n)
    walks = (walk(case, share, [], least, most) for most in range(top_n, -1, -1))
    best = next((one for one in walks if len(one[0]) <= top_n), walk(case, share, [], least, 0))
    assert told.people.kept.tolist() == best[0]


@given(cases(), st.sampled_from(SHARES), takens, leasts)
def test_without_a_limit_a_floor_takes_nobodys_place(
    case: Case, share: str, taken: list[int], least: float | None
) -> None:
    before = found(case, "0", taken, least=least)
    assert set(before.people.kept) <= set(found(case, share, taken, least=least).people.kept)


@given(cases(), takens, leasts, tops)
def test_a_floor_of_nothing_changes_nothing(
    case: Case, taken: list[int], least: float | None, top_n: int | None
) -> None:
    plain, held = case.candidates(), np.array(taken, dtype=np.int64)
    before = choose_people(plain.scores, plain.ids, plain.shared, taken=held, least=least, top_n=top_n)
    told = found(case, "0", taken, least=least, top_n=top_n)
    assert told.people.kept.tolist() == before.kept.tolist()
    assert told.people.merged.tolist() == sorted(before.merged.tolist())
    assert (told.firsts.tolist(), told.over) == ([], 0)


@given(cases(), st.sampled_from(SHARES), leasts, tops)
def test_every_group_reaches_its_floor_or_all_the_rest_of_it_are_merged(
    case: Case, share: str, least: float | None, top_n: int | None
) -> None:
    told = found(case, share, least=least, top_n=top_n)
    kept, merged = set(told.people.kept.tolist()), set(told.people.merged.tolist())
    for code in range(5):
        members = case.of(code)
        enough = len(members & kept) >= ceil(Fraction(share) * len(members))
        assert enough or members <= kept | merged


@given(cases(sharing=False), st.sampled_from(SHARES), st.sampled_from(SHARES), leasts)
def test_a_higher_floor_takes_nobody_away(case: Case, one: str, other: str, least: float | None) -> None:
    low, high = sorted((one, other), key=float)
    assert set(found(case, low, least=least).people.kept) <= set(found(case, high, least=least).people.kept)
    assert found(case, low, top_n=3).over <= found(case, high, top_n=3).over


@given(cases(sharing=False), st.sampled_from(SHARES), st.integers(0, 12))
def test_only_floors_may_fill_more_than_the_limit(case: Case, share: str, top_n: int) -> None:
    told, alone = found(case, share, top_n=top_n), found(case, share, top_n=0)
    assert len(told.people.kept) == min(len(case.scores), max(top_n, len(alone.people.kept)))
    assert told.over == max(0, len(alone.people.kept) - top_n)


@given(cases(), st.sampled_from(SHARES), st.randoms(use_true_random=False))
def test_the_order_in_which_candidates_come_makes_no_difference(case: Case, share: str, random: object) -> None:
    turned = list(range(len(case.scores)))
    random.shuffle(turned)  # type: ignore[attr-defined]  # hypothesis gives random.Random
    place = {old: new for new, old in enumerate(turned)}
    other = Case(
        [case.scores[i] for i in turned],
        [case.ids[i] for i in turned],
        {place[i]: held for i, held in case.held.items()},
        [case.inside[i] for i in turned],
    )
    ids, others = np.array(case.ids), np.array(other.ids)
    assert ids[found(case, share).people.kept].tolist() == others[found(other, share).people.kept].tolist()


def test_a_share_is_taken_as_it_is_written() -> None:
    hundred = Groups(np.arange(100), np.zeros(100, dtype=np.int64), 2)
    assert [int(needs(hundred, share)[0]) for share in (0.07, 0.071, 0.29, 1e-9, 0, 1)] == [7, 8, 29, 1, 0, 100]
    assert needs(hundred, 1).tolist() == [100, 0]


@pytest.mark.parametrize("share", [-0.1, 1.1, float("nan"), float("inf")])
def test_what_is_no_share_is_refused(share: float) -> None:
    with pytest.raises(FeatureError) as caught:
        needs(Groups(np.arange(1), np.arange(1), 1), share)
    assert caught.value.code == "bad_floor"


def test_a_member_who_is_no_candidate_is_refused() -> None:
    owners: Rows = np.array([0, 2])
    case = Case([0.0], [7], {}, [set()])
    with pytest.raises(FeatureError) as caught:
        choose_above_floors(case.candidates(), (Groups(owners, np.zeros(2, dtype=np.int64), 1), 0.5))
    assert caught.value.code == "no_such_row"


def test_nobody_to_choose_from_is_nobody_chosen() -> None:
    assert len(found(Case([], [], {}, []), "0.5").people.kept) == 0
