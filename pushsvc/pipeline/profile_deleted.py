"""What a person had deleted stays deleted: a file that says it again brings nothing back while a correction would hold.

Their own word is theirs, and stands.
"""

from __future__ import annotations

from collections.abc import Mapping

from profiles.sources import CORRECTION, SELF, source_of
from pushsvc.pipeline.profile_batch import Batch
from pushsvc.pipeline.profile_merge import Merging
from pushsvc.store.own_word import deleted_of
from pushsvc.store.session import Connection

Barred = frozenset[tuple[int, str]]  # (row of the batch, fact or `fact@year`)


def barred(conn: Connection, batch: Batch) -> Barred:
    """What the rows of the batch may not say."""
    if not len(batch.changed):
        return frozenset()
    row_of = {batch.ids[row]: row for row in batch.changed.tolist()}
    holds = source_of(CORRECTION, batch.sources).holds_days
    found = set()
    for (profile_id, fact, year), day in deleted_of(conn, list(row_of)).items():
        row = row_of[profile_id]
        stands = holds is None or (batch.dates[row] - day).days <= holds
        if stands and batch.source[row] != SELF:
            found.add((row, fact if year is None else f"{fact}@{year}"))
    return frozenset(found)


def leave_out(merging: Mapping[str, Merging], those: Barred) -> None:
    """None of those words is written."""
    for row, name in those:
        if name in merging:
            merging[name].won[row] = False
