"""Real texts and tables that may lie beside the project; where they are absent a test passes and says so."""

from __future__ import annotations

import warnings
from pathlib import Path

SHARED = Path(__file__).resolve().parent.parent.parent / "shared" / "data"


def shared_file(name: str) -> Path | None:
    """The file's path; None with a warning where it is not there."""
    path = SHARED / name
    if path.exists():
        return path
    warnings.warn(f"{name} is not beside the project: what it would show was not shown", stacklevel=2)
    return None
