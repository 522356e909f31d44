"""A segment from its arrays by name, as they lie in files; arrays that do not fit together are refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from profiles.snapshot.encoding import Encoded, Levels
from profiles.snapshot.gathering import BELONGING
from profiles.snapshot.segments import SETS, Belonging, Segment, Shared
from profiles.snapshot.shelves import check_offsets


@dataclass(frozen=True)
class Parts:
    """The arrays of one segment. `check`: look at every value, not only at lengths and types."""

    arrays: Mapping[str, NDArray[Any]]
    levels: Mapping[str, Levels]
    check: bool

    def segment(self, shard: int, kind: str) -> Segment:
        """The segment. Raises ValueError or KeyError where the arrays are not those of one."""
        ids, personalised = self.arrays["ids"], self.arrays["personalised"]
        n = len(ids)
        _insist(ids.dtype in (np.uint32, np.int64) and ids.ndim == 1, "ids of another type")
        _insist(personalised.dtype == np.bool_ and personalised.shape == (n,), "personalised of another length")
        _insist(not self.check or bool((ids[1:] > ids[:-1]).all()), "ids that do not rise")
        columns, sets = self._columns("columns.", n), self._columns("sets.", n)
        _insist(set(sets) <= set(SETS), "sets of another name")
        _insist(
            all(one.levels is not None and one.levels.kind == "set" for one in sets.values()), "sets without levels"
        )
        family, papers = self._belonging("dependants", n), self._belonging("qualifications", n)
        return Segment(kind, shard, ids, columns, sets, personalised, family, papers, self._shared(n))

    def _columns(self, prefix: str, n: int) -> dict[str, Encoded]:
        names = [name.removeprefix(prefix) for name in self.arrays if name.startswith(prefix)]
        return {name: self._encoded(name, self.arrays[prefix + name], n) for name in names}

    def _encoded(self, name: str, values: NDArray[Any], n: int) -> Encoded:
        _insist(values.shape == (n,), f"{name} of another length")
        if values.dtype in (np.float32, np.float64):
            return Encoded(values, None)
        _insist(values.dtype in (np.uint8, np.uint16, np.uint32), f"{name} of another type")
        levels = self.levels[name]
        if self.check and n:
            _insist(int(values.max()) <= len(levels), f"codes of {name} out of range")
        return Encoded(values, levels)

    def _belonging(self, name: str, n: int) -> Belonging | None:
        offsets = self.arrays.get(f"{name}.offsets")
        if offsets is None:
            return None
        _insist(len(offsets) == n + 1, f"offsets of {name} of another length")
        end = int(offsets[-1])
        if self.check:
            check_offsets(offsets, end)
        columns = {
            part: self._encoded(f"{name}.{part}", self.arrays[f"{name}.{part}"], end) for part in BELONGING[name]
        }
        return Belonging(offsets, columns)

    def _shared(self, n: int) -> Shared | None:
        if "shared.rows" not in self.arrays:
            return None
        rows, offsets, addresses = (self.arrays[f"shared.{part}"] for part in ("rows", "offsets", "addresses"))
        _insist(len(offsets) == len(rows) + 1 and len(rows) <= n, "shared addresses of another length")
        if self.check:
            check_offsets(offsets, len(addresses))
            _insist(bool((rows[1:] > rows[:-1]).all() and int(rows[-1]) < n), "rows that do not rise")
        return Shared(rows, offsets, addresses)


def _insist(holds: bool, otherwise: str) -> None:
    if not holds:
        raise ValueError(otherwise)
