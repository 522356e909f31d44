"""Two versions of a snapshot in a folder."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from profiles.publishing import write_snapshot
from profiles.snapshot.manifest import Edition
from tests.profiles.making import TODAY, frame_of
from tests.profiles.snapshot.telling import CROWD, cut


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two versions: "old" of two profiles, "new" of three."""
    folder = tmp_path_factory.mktemp("snapshots")
    shared = (np.array([1, 3]), np.array([70, 70]))
    write_snapshot(folder, cut(frame_of(CROWD[:2]), (), 2), Edition("old", TODAY, 2))
    extra = {"tags": np.arange(4), "empty": np.zeros(0)}
    write_snapshot(folder, cut(frame_of(CROWD), (), 2), Edition("new", TODAY, 2), shared=shared, extra=extra)
    return folder


@pytest.fixture
def folder(written: Path, tmp_path: Path) -> Path:
    """A copy of it that may be spoilt."""
    return Path(shutil.copytree(written, tmp_path / "copy"))
