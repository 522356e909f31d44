"""Own letters: what a person does with the letters in their inbox, from the webview or through a government app."""

from __future__ import annotations

from pushsvc.context import Context
from pushsvc.pipeline.feedback import open_letter
from pushsvc.store import attempts, campaigns, inbox
from pushsvc.store.session import transaction


def read_letter(ctx: Context, recipient_id: int, letter_id: int) -> bool:
    """One of the person's own letters is read from now on; False where it is not theirs. Again changes nothing."""
    return open_letter(ctx, recipient_id, letter_id) is not None


def read_all(ctx: Context, recipient_id: int) -> int:
    """All letters that are not put away are read from now on; how many were not.

    Their deliveries are opened, so that no SMS follows. No policy of theirs was looked at by that: the recommender
    learns nothing.
    """
    with transaction(ctx.engine) as conn:
        keys = inbox.mark_all_read(conn, recipient_id, ctx.clock())
        rows = attempts.by_wire_keys(conn, keys).values()
        attempts.settle(conn, [attempts.Result(row["id"], "opened") for row in rows], ctx.clock())
        campaigns.bump_runs(conn, {row["run_id"] for row in rows})
    return len(keys)


def put_away(ctx: Context, recipient_id: int, letter_id: int, *, away: bool) -> bool:
    """Put one of the person's own letters away, or back; False where it is not theirs. It is not read by that."""
    with transaction(ctx.engine) as conn:
        return inbox.put_away(conn, recipient_id, letter_id, ctx.clock() if away else None)
