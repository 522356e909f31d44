"""Ingest profiles: a CSV or Parquet file, or one record of the API. Good rows load, bad ones are named."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from profiles.csvfile import RowError
from pushsvc.context import Context
from pushsvc.pipeline.report import ImportReport, Progress


@dataclass(frozen=True)
class Upserted:
    """One profile's number and what became of it: new, changed or unchanged."""

    id: int
    outcome: str


def import_profiles(
    ctx: Context, path: Path, progress: Progress = lambda n: None, *, life_events: bool = False
) -> ImportReport:
    """Load a file of profiles; a file that cannot be read raises RecordsError and changes nothing.

    It is written in batches, each whole: cut off in the middle it is run again, and ends as if nothing had happened.
    `life_events`: what the rows show to be new (a birth, a move, a founding, a certificate) is raised as an event;
    leave it off for the first load of a register, which is news to nobody.
    """
    from pushsvc.pipeline.profile_loading import load_file  # columns cost 60 MB: only an import pays for them

    return load_file(ctx, path, progress, life_events=life_events)


def upsert_profile(ctx: Context, given: Mapping[str, object]) -> Upserted | list[RowError]:
    """One profile, as a row of the file would be; news raises life events.

    An empty cell of a file says nothing; `consents` handed in empty says that none is given any more.
    """
    from profiles.list_cells import NONE
    from pushsvc.pipeline.profile_loading import load_one

    if "consents" in given and given["consents"] in ("", None):
        given = {**given, "consents": NONE}
    found = load_one(ctx, given)
    return found if isinstance(found, list) else Upserted(*found)
