"""Published cold-start data sets: a folder of small CSV files becomes matrices, or an error that names file and line.

Files: `interactions.csv` (user,item), `item_features.csv` (item,feature,weight), optional `user_features.csv`
(user,feature,weight; the first column may also be called id), `split-NAME.csv` (item,fold: train|val|test).
"""

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from recommenders.errors import DataError
from recommenders.matrix import Csr, from_parts

FOLDS = ("train", "val", "test")
Rows = NDArray[np.int64]


@dataclass(frozen=True)
class Dataset:
    """Ids are row numbers. `splits` maps a name to a fold per item: 0 train, 1 val, 2 test, -1 not in the split."""

    name: str
    users: Rows
    items: Rows
    item_features: Csr
    user_features: Csr | None
    splits: Mapping[str, Rows]

    @property
    def shape(self) -> tuple[int, int]:
        """Number of items and of users."""
        users = int(np.max(self.users)) + 1 if self.user_features is None else self.user_features.shape[0]
        return self.item_features.shape[0], users


def find(path: Path) -> list[Path]:
    """The data set's own folder, or the folders below it that hold one. Raises DataError `no_data`."""
    found = [folder for folder in [path, *sorted(path.glob("*"))] if (folder / "interactions.csv").is_file()]
    if not found:
        raise DataError("no_data", "There is no interactions.csv in this folder or one below it.", str(path))
    return found[:1] if found[0] == path else found


def read(folder: Path) -> Dataset:
    """The data set in a folder. Raises DataError with file and line for what cannot be read."""
    pairs = np.array(list(_numbers(folder / "interactions.csv", ("user", "item"))), dtype=np.int64).reshape(-1, 2)
    if len(pairs) == 0:
        raise DataError("no_interactions", "There is no interaction in this file.", str(folder / "interactions.csv"))
    splits = {file.stem.removeprefix("split-"): _split(file) for file in sorted(folder.glob("split-*.csv"))}
    if not splits:
        raise DataError("no_split", "There is no split-NAME.csv in this folder.", str(folder))
    users, known = pairs[:, 0], [int(np.max(pairs[:, 1])), *(max(split, default=0) for split in splits.values())]
    items = _features(folder / "item_features.csv", "item", at_least=max(known) + 1)
    people = folder / "user_features.csv"
    return Dataset(
        name=folder.name,
        users=users,
        items=pairs[:, 1],
        item_features=items,
        user_features=_features(people, "user", at_least=int(np.max(users)) + 1) if people.is_file() else None,
        splits={name: _folds(split, items.shape[0]) for name, split in splits.items()},
    )


def _lines(path: Path, header: Sequence[str]) -> Iterator[tuple[int, list[str]]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            lines = csv.reader(file)
            first = next(lines, [])
            if tuple(first) != tuple(header) and first != ["id", *header[1:]]:
                raise DataError("wrong_column", f"The first line must be {','.join(header)}.", f"{path}:1")
            for number, row in enumerate(lines, start=2):
                if len(row) != len(header):
                    raise DataError("wrong_column", f"A line must have {len(header)} values.", f"{path}:{number}")
                yield number, row
    except (OSError, UnicodeDecodeError, csv.Error) as exc:
        raise DataError("unreadable", "This file cannot be read as CSV in UTF-8.", str(path)) from exc


def _id(text: str, place: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 9):
        raise DataError("bad_id", f"An id must be a whole number, not {text[:40]!r}.", place)
    return int(text)


def _numbers(path: Path, header: Sequence[str]) -> Iterator[list[int]]:
    for number, row in _lines(path, header):
        yield [_id(value, f"{path}:{number}") for value in row]


def _weight(text: str, place: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not np.isfinite(value):
        raise DataError("bad_weight", f"A weight must be a finite number, not {text[:40]!r}.", place)
    return value


def _features(path: Path, subject: str, *, at_least: int) -> Csr:
    rows, columns, values = [], [], []
    for number, (item, feature, weight) in _lines(path, (subject, "feature", "weight")):
        place = f"{path}:{number}"
        rows.append(_id(item, place))
        columns.append(_id(feature, place))
        values.append(_weight(weight, place))
    shape = (max([at_least - 1, *rows]) + 1, max(columns, default=-1) + 1)
    cells = np.array(rows, dtype=np.int64), np.array(columns, dtype=np.int64)
    return from_parts(*cells, np.array(values, dtype=np.float32), shape)


def _split(path: Path) -> dict[int, int]:
    folds = {}
    for number, (item, fold) in _lines(path, ("item", "fold")):
        place = f"{path}:{number}"
        if fold not in FOLDS:
            raise DataError("bad_fold", f"A fold is train, val or test, not {fold[:40]!r}.", place)
        folds[_id(item, place)] = FOLDS.index(fold)
    return folds


def _folds(split: Mapping[int, int], count: int) -> Rows:
    found = np.full(count, -1, dtype=np.int64)
    found[list(split)] = list(split.values())
    return found
