"""Published cold-start data sets: a folder of small CSV files becomes matrices, or an error that names file and line.

Files: `interactions.csv` (user,item), `item_features.csv` (item,feature,weight), optional `user_features.csv`
(user,feature,weight; the first column may also be called id), `split-NAME.csv` (item,fold: train|val|test).
Ids are any whole numbers below 10⁸, with gaps: whoever and whatever is named in some file has a row, in order of id.
"""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from recommenders.errors import DataError
from recommenders.matrix import Csr, from_parts

FOLDS = ("train", "val", "test")
LARGEST = 1e15  # of a weight: sums of squares stay finite
Rows = NDArray[np.int64]


@dataclass(frozen=True)
class Dataset:
    """All by row number. `splits` maps a name to a fold per item: 0 train, 1 val, 2 test, -1 not in the split."""

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
    file = folder / "interactions.csv"
    table = _table(file, ("user", "item"))
    pairs = np.stack([_ids(table[name], file) for name in ("user", "item")], axis=1)
    if len(pairs) == 0:
        raise DataError("no_interactions", "There is no interaction in this file.", str(file))
    splits = {file.stem.removeprefix("split-"): _split(file) for file in sorted(folder.glob("split-*.csv"))}
    if not splits:
        raise DataError("no_split", "There is no split-NAME.csv in this folder.", str(folder))
    about, people = _entries(folder / "item_features.csv", "item"), folder / "user_features.csv"
    of = _entries(people, "user") if people.is_file() else None
    items = np.unique(np.concatenate([pairs[:, 1], about.ids, *(ids for ids, _ in splits.values())]))
    users = np.unique(pairs[:, 0] if of is None else np.concatenate([pairs[:, 0], of.ids]))
    return Dataset(
        name=folder.name,
        users=np.searchsorted(users, pairs[:, 0]),
        items=np.searchsorted(items, pairs[:, 1]),
        item_features=about.matrix(items),
        user_features=None if of is None else of.matrix(users),
        splits={name: _folds(split, items) for name, split in splits.items()},
    )


def _table(path: Path, header: Sequence[str]) -> pd.DataFrame:
    """The file's cells as text, by column; row r stands on line r + 2. No cell of these holds a comma."""
    try:
        lines = pd.read_csv(
            path,
            header=None,
            names=["line"],
            sep="\x1f",
            dtype="str",
            encoding="utf-8-sig",
            keep_default_na=False,
            skip_blank_lines=False,
            quoting=csv.QUOTE_NONE,
        )["line"]
    except (OSError, ValueError) as exc:
        raise DataError("unreadable", "This file cannot be read as CSV in UTF-8.", str(path)) from exc
    cells = lines.str.split(",")
    first = [cell.strip('"') for cell in cells[0]] if len(cells) else []
    if first not in (list(header), ["id", *header[1:]]):
        raise DataError("wrong_column", f"The first line must be {','.join(header)}.", f"{path}:1")
    uneven = lines.str.count(",") != len(header) - 1
    if uneven.any():
        at = int(np.argmax(uneven)) + 1
        raise DataError("wrong_column", f"A line must have {len(header)} values.", f"{path}:{at}")
    table = pd.DataFrame(cells[1:].tolist(), columns=list(header), dtype="str")
    return pd.DataFrame({name: table[name].str.strip('"') for name in header})


def _ids(cells: pd.Series, path: Path) -> Rows:
    _refuse(cells, ~cells.str.fullmatch(r"[0-9]{1,8}"), "bad_id", "An id must be a whole number", path)
    return cells.to_numpy().astype(np.int64)


def _weights(cells: pd.Series, path: Path) -> NDArray[np.float32]:
    values = pd.to_numeric(cells, errors="coerce").to_numpy(dtype=np.float64)
    wrong = pd.Series(~(np.abs(values) <= LARGEST), dtype=bool)
    _refuse(cells, wrong, "bad_weight", "A weight must be a finite number", path)
    return values.astype(np.float32)


def _refuse(cells: pd.Series, wrong: pd.Series, code: str, rule: str, path: Path) -> None:
    """Raises DataError for the first wrong cell, with its line."""
    if wrong.any():
        row = int(np.argmax(wrong))
        raise DataError(code, f"{rule}, not {cells[row][:40]!r}.", f"{path}:{row + 2}")


@dataclass(frozen=True)
class _Entries:
    """The lines of a file of features: whose, which one, how much."""

    ids: Rows
    features: Rows
    weights: NDArray[np.float32]

    def matrix(self, ids: Rows) -> Csr:
        """A row for each of these ids (rising), a column for each feature that some line names."""
        known, columns = np.unique(self.features, return_inverse=True)
        return from_parts(np.searchsorted(ids, self.ids), columns, self.weights, (len(ids), len(known)))


def _entries(path: Path, subject: str) -> _Entries:
    table = _table(path, (subject, "feature", "weight"))
    ids, features = _ids(table[subject], path), _ids(table["feature"], path)
    return _Entries(ids, features, _weights(table["weight"], path))


def _split(path: Path) -> tuple[Rows, Rows]:
    """Items and their folds."""
    table = _table(path, ("item", "fold"))
    _refuse(table["fold"], ~table["fold"].isin(FOLDS), "bad_fold", "A fold is train, val or test", path)
    ids = _ids(table["item"], path)
    _refuse(table["item"], pd.Series(ids).duplicated(), "repeated_item", "An item stands in a split once", path)
    return ids, table["fold"].map(FOLDS.index).to_numpy().astype(np.int64)


def _folds(split: tuple[Rows, Rows], items: Rows) -> Rows:
    found = np.full(len(items), -1, dtype=np.int64)
    found[np.searchsorted(items, split[0])] = split[1]
    return found
