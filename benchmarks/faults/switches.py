"""What the harness tells its workers while they run: files in a folder, as no setting is meant for that."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

FOLDER = "PUSHSVC_FAULTS_FOLDER"
MUTANTS = "PUSHSVC_FAULTS_MUTANTS"


def put(folder: Path, name: str, text: str) -> None:
    """Throws a switch: readers see the old text or the new one, never half of it."""
    draft = folder / f"{name}.draft"
    draft.write_text(text, encoding="utf-8")
    draft.rename(folder / name)


def take(folder: Path, name: str) -> str:
    """What a switch says; "" where it was never thrown."""
    try:
        return (folder / name).read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""


def own_folder() -> Path:
    """The folder that this process was told of."""
    return Path(os.environ[FOLDER])


def stepped_clock() -> datetime:
    """The system's clock, aware, put forward or back by the seconds in the switch `clock`."""
    return datetime.now(UTC) + timedelta(seconds=float(take(own_folder(), "clock") or 0.0))


def real_time() -> float:
    """Seconds since the epoch, by the clock that the sinks go by."""
    return time.time()
