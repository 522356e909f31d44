"""Arrays that grow by pieces: in memory, or in a scratch file that is read once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

_MOST_HELD = 1 << 17  # bytes of a strip in memory before they go to its file


class Strip:
    """Pieces end to end; each may have a type of its own. Rows nobody told of are zeros (uint8)."""

    def __init__(self, file: Path | None) -> None:
        self._file = file
        self._held: list[NDArray[Any]] = []
        self._bytes = 0
        self._runs: list[tuple[np.dtype[Any], int]] = []  # what lies in the file
        self._length = 0

    def put(self, at: int, piece: NDArray[Any]) -> None:
        """Adds a piece that begins at row `at`; what lies between it and the last one is zeros."""
        self.reach(at)
        self._add(piece.copy())  # a view would keep the whole batch alive

    def reach(self, rows: int) -> None:
        """Makes the strip that long, with zeros."""
        if self._length < rows:
            self._add(np.zeros(rows - self._length, dtype=np.uint8))

    def pieces(self) -> Iterator[NDArray[Any]]:
        """All pieces in order. The scratch file is gone afterwards."""
        if self._file is not None and self._runs:
            with self._file.open("rb") as source:
                for kind, length in self._runs:
                    yield np.fromfile(source, dtype=kind, count=length)
            self._file.unlink()
        yield from self._held
        self._held, self._runs = [], []

    def _add(self, piece: NDArray[Any]) -> None:
        self._held.append(piece)
        self._length += len(piece)
        self._bytes += piece.nbytes
        if self._file is not None and self._bytes > _MOST_HELD:
            self._spill(self._file)

    def _spill(self, file: Path) -> None:
        with file.open("ab") as target:
            for piece in self._held:
                target.write(np.ascontiguousarray(piece).data)
                if self._runs and self._runs[-1][0] == piece.dtype:
                    self._runs[-1] = (piece.dtype, self._runs[-1][1] + len(piece))
                else:
                    self._runs.append((piece.dtype, len(piece)))
        self._held, self._bytes = [], 0
