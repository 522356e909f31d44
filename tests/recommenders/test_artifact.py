"""A model as bytes: what goes in comes out, and nothing else is believed."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommenders.artifact import _digest, checksum, dump, load, with_card
from recommenders.audience import scores
from recommenders.errors import ArtifactError
from recommenders.features import profile_rows
from recommenders.vocabulary import Vocabulary
from tests.recommenders.city import frame, made_up, policies

PEOPLE, OFFERED = frame(20), policies(24)
MODEL = made_up(PEOPLE, OFFERED)
STORED = dump(MODEL)


def code_of(data: bytes) -> str:
    with pytest.raises(ArtifactError) as error:
        load(data)
    return error.value.code


def changed(**arrays: np.ndarray[tuple[int, ...], np.dtype[np.generic]]) -> bytes:
    """The stored model with some arrays replaced, its checksum left as it was."""
    with np.load(io.BytesIO(STORED)) as archive:
        kept = {name: archive[name] for name in archive.files}
    target = io.BytesIO()
    np.savez(target, **{**kept, **arrays})
    return target.getvalue()


def test_a_stored_model_scores_as_before() -> None:
    rows = profile_rows(PEOPLE, MODEL.profile_vocab)
    back = load(STORED)
    assert back.card == MODEL.card
    for one in OFFERED:
        assert np.array_equal(scores(back, one.tokens, rows, PEOPLE.ids), scores(MODEL, one.tokens, rows, PEOPLE.ids))


def test_equal_models_are_equal_bytes() -> None:
    assert checksum(dump(made_up(PEOPLE, OFFERED))) == checksum(STORED)
    assert dump(load(STORED)) == STORED


@settings(max_examples=60)
@given(st.integers(0, len(STORED) - 1), st.integers(1, 255))
def test_no_single_changed_byte_changes_the_model(position: int, flip: int) -> None:
    broken = bytearray(STORED)
    broken[position] ^= flip
    try:
        back = load(bytes(broken))
    except ArtifactError:
        return
    assert dump(back) == STORED  # a byte that says nothing, such as a file date inside the archive


@pytest.mark.parametrize("data", [b"", b"PK", b"no archive at all", STORED[: len(STORED) // 2], STORED[100:]])
def test_a_torn_file_is_refused(data: bytes) -> None:
    assert code_of(data) == "damaged"


def test_arrays_exchanged_under_the_old_checksum_are_refused() -> None:
    assert code_of(changed(past_ids=MODEL.past.ids + 1)) == "damaged"
    assert code_of(changed(stowaway=np.zeros(1))) == "damaged"


def test_a_pickle_inside_is_never_opened() -> None:
    assert code_of(changed(card=np.array([{"a": 1}], dtype=object))) == "damaged"


def packed(value: object) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    return np.frombuffer(json.dumps(value).encode(), dtype=np.uint8)


@pytest.mark.parametrize(
    ("name", "values", "code"),
    [
        ("past_indices", np.full(len(MODEL.past.rows.indices), 10**6, np.int32), "damaged"),
        ("past_indptr", np.array([0, 10**9, *MODEL.past.rows.indptr[2:]]), "damaged"),
        ("policy_vocab", packed(["a=1"] * len(MODEL.policy_vocab)), "damaged"),
        ("card", np.frombuffer(b"[" * 100_000, dtype=np.uint8), "damaged"),
        ("card", packed([1]), "damaged"),
        ("own_ids", np.array([3, 2, 1]), "not_rising"),
        ("recipe", packed({"audience": {"weight": 1}, "feed": {}}), "damaged"),
        ("recipe", packed({"audience": {"k": 2.5}, "feed": {}}), "bad_recipe"),
        ("recipe", packed({"audience": {}, "feed": {"lightfm": 1e300}}), "bad_recipe"),
    ],
)
def test_what_no_model_holds_is_refused_under_a_right_checksum(
    name: str, values: np.ndarray[tuple[int, ...], np.dtype[np.generic]], code: str
) -> None:
    """Whoever wrote it; else it would end the process when it first scores."""
    with np.load(io.BytesIO(STORED)) as archive:
        arrays = {one: archive[one] for one in archive.files if one != "digest"} | {name: values}
    assert code_of(changed(**{name: values, "digest": np.frombuffer(_digest(arrays), dtype=np.uint8)})) == code


@pytest.mark.parametrize("size", [10**13, 10**30])
def test_an_array_that_says_to_be_larger_than_any_memory_is_refused(size: int) -> None:
    target, header = io.BytesIO(), io.BytesIO()
    np.lib.format.write_array_header_1_0(header, {"descr": "<f4", "fortran_order": False, "shape": (size,)})
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("past_data.npy", header.getvalue())
    assert code_of(target.getvalue()) == "damaged"


def test_a_model_with_nan_is_refused() -> None:
    with pytest.raises(ArtifactError) as error:
        replace(MODEL, audience=replace(MODEL.audience, b_profile=np.full_like(MODEL.audience.b_profile, np.nan)))
    assert error.value.code == "not_finite"


def test_a_model_that_does_not_fit_its_vocabulary_is_refused() -> None:
    with pytest.raises(ArtifactError) as error:
        replace(MODEL, profile_vocab=Vocabulary(("kind=citizen",)))
    assert error.value.code == "vocabulary_mismatch"


def test_a_card_is_json_and_can_grow() -> None:
    grown = load(dump(with_card(MODEL, {"evaluation": {"auc": 0.8}})))
    assert json.loads(json.dumps(dict(grown.card))) == {"seed": 0, "evaluation": {"auc": 0.8}}
