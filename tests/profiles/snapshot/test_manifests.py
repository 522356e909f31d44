"""A manifest that is not what was written, or not of this program's facts, is refused; the version before it serves."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from profiles.facts import FACTS, Fact
from profiles.snapshot.files import write_array
from profiles.snapshot.manifest import SnapshotError, signed
from profiles.snapshot.opening import open_snapshot
from tests.profiles.snapshot.telling import the_old_one_serves


def _edited(folder: Path, change: Callable[[dict[str, Any]], object], *, vouched: bool = True) -> Path:
    path = folder / "new" / "manifest.json"
    told = json.loads(path.read_bytes())
    change(told)
    if vouched:
        del told["digest"]
    path.write_bytes(signed(told) if vouched else json.dumps(told, ensure_ascii=False, indent=1).encode())
    return folder


def test_a_manifest_edited_by_hand_is_refused(folder: Path) -> None:
    the_old_one_serves(_edited(folder, lambda told: told.update(profiles=9), vouched=False), "damaged")


@pytest.mark.parametrize(
    "change",
    [
        lambda told: told.update(profiles=9),
        lambda told: told.pop("files"),
        lambda told: told.update(files=[]),
        lambda told: told["files"].update({"../../x.npy": told["files"]["extra/tags.npy"]}),
        lambda told: told["levels"].update(region="code"),
        lambda told: told["levels"].pop("birth_date"),
        lambda told: told["levels"].update(birth_date="number"),
        lambda told: told["edition"].update(on="yesterday"),
        lambda told: told["segments"].append([1, "enterprise"]),
        lambda told: told["segments"].append([0, "nobody"]),
        lambda told: told["files"].pop("segment-0-enterprise/ids.npy"),
        lambda told: told["files"].pop("segment-1-citizen/dependants.birth_date.npy"),
        lambda told: told["files"]["segment-1-citizen/ids.npy"].update(dtype="<i8"),
        lambda told: told["files"]["segment-1-citizen/ids.npy"].update(shape=[7]),
    ],
)
def test_a_manifest_that_says_something_else_is_refused(
    folder: Path, change: Callable[[dict[str, Any]], object]
) -> None:
    the_old_one_serves(_edited(folder, change), "damaged")


@pytest.mark.parametrize("text", ["", "null", "[]", "7", '"x"', "{}", "[" * 100_000, "\xff", '{"digest": "x"}'])
def test_a_manifest_that_is_none_is_refused(folder: Path, text: str) -> None:
    (folder / "new" / "manifest.json").write_text(text, encoding="latin-1")
    the_old_one_serves(folder, "damaged")


def test_another_format_is_named(folder: Path) -> None:
    the_old_one_serves(_edited(folder, lambda told: told.update(format=2)), "wrong_format")


@pytest.mark.parametrize(
    ("name", "fact"),
    [
        ("height", Fact("height", "number", "身高", "height")),
        ("sex", replace(FACTS["sex"], levels=("male", "female"))),
        ("revenue", replace(FACTS["revenue"], yearly=False)),
        ("owns_home", replace(FACTS["owns_home"], kind="number")),
        ("region", None),
    ],
)
def test_facts_that_differ_are_named(folder: Path, name: str, fact: Fact | None) -> None:
    known = {key: value for key, value in {**FACTS, name: fact}.items() if value is not None}
    with pytest.raises(SnapshotError) as refused:
        open_snapshot(folder / "new", facts=known)
    assert refused.value.code == "vocabulary_skew"
    assert refused.value.sentence.endswith(f"these differ: {name}.")


def test_other_words_for_a_fact_are_no_other_fact(folder: Path) -> None:
    assert len(open_snapshot(folder / "new", facts={**FACTS, "sex": replace(FACTS["sex"], zh="男女")})) == 3


def _resigned(folder: Path, file: str, values: Any) -> Path:
    """The file with other content and a manifest that vouches for it: as a faulty writer would leave them."""
    path = folder / "new" / file
    path.unlink()
    entry = write_array(path, values)
    told = {"size": entry.size, "sha256": entry.sha256, "dtype": entry.dtype, "shape": list(entry.shape)}
    return _edited(folder, lambda manifest: manifest["files"].update({file: told}))


@pytest.mark.parametrize(
    ("file", "values"),
    [
        ("segment-1-citizen/columns.birth_date", np.array([9, 0], np.uint8)),
        ("segment-1-citizen/columns.birth_date", np.array([1], np.uint8)),
        ("segment-1-citizen/columns.birth_date", np.array([1, 0], np.int8)),
        ("segment-1-citizen/ids", np.array([3, 1], np.uint32)),
        ("segment-1-citizen/ids", np.array([[1, 3]], np.uint32)),
        ("segment-1-citizen/personalised", np.array([1, 1], np.uint8)),
        ("segment-1-citizen/dependants.offsets", np.array([0, 2, 1], np.uint32)),
        ("segment-1-citizen/dependants.offsets", np.array([0, 1, 7], np.uint32)),
        ("segment-1-citizen/sets.interests", np.array([0.5, 1.5])),
        ("segment-1-citizen/shared.rows", np.array([1, 0], np.uint32)),
        ("segment-1-citizen/shared.offsets", np.array([0, 2, 1], np.uint32)),
        ("levels/interests.codes", np.array([5], np.int32)),
        ("levels/interests.codes", np.array([-1], np.int32)),
        ("levels/interests.words", np.array([255] * 6, np.uint8)),
        ("levels/interests.word_offsets", np.array([0, 7])),
        ("levels/dependants.birth_date.numbers", np.array([7.5])),
        ("levels/objectives.offsets", np.array([0, 3])),
    ],
)
def test_arrays_that_do_not_fit_together_are_refused(folder: Path, file: str, values: Any) -> None:
    the_old_one_serves(_resigned(folder, f"{file}.npy", values), "damaged")
