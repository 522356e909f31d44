"""Retry these only: a person has rejected messages tried again, by code or class, where nothing says they arrived."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from channels.reasons import reason
from pushsvc.context import Context
from pushsvc.pipeline.campaign_options import CampaignError
from pushsvc.pipeline.four_eyes import is_name
from pushsvc.pipeline.unwritten import UNREADABLE
from pushsvc.store import again, ending
from pushsvc.store import campaigns as store
from pushsvc.store.audit import record
from pushsvc.store.session import Connection, transaction

# The classes of replies that say "not now" or "not like this": once the cause is gone, the same message may pass.
# Never those that end an address (dead, opted out), and never an unknown outcome: that is not known to be unsent.
AGAIN = frozenset({
    "transient", "throttled_api", "throttled_recipient", "deferred_window", "mailbox_full",
    "permanent_config", "account_blocked", "auth",
})  # fmt: skip
GAVE_UP = "gave_up:"  # deferred too often: each time proven unsent
PIECE = 2000  # deliveries put back in one transaction
OPEN = ("running", "paused", "finished")


@dataclass(frozen=True)
class Wanted:
    """Either a code, as the provider gave it (with or without `gave_up:`), or a class of codes."""

    code: str | None = None
    kind: str | None = None


@dataclass(frozen=True)
class Rejected:
    """How many were rejected with a code; its class ("" where no table knows it) and whether they may go again."""

    provider: str
    code: str
    kind: str
    n: int
    may: bool


def rejected(ctx: Context, campaign_id: int) -> list[Rejected]:
    """What a campaign's providers rejected, by code. Raises CampaignError: unknown_campaign."""
    with transaction(ctx.engine) as conn:
        _campaign(conn, campaign_id)
        return _rejected(conn, campaign_id)


def retry_these(ctx: Context, campaign_id: int, wanted: Wanted, *, actor: str) -> int:
    """Put these rejected messages back into new slices, due now; returns how many. A second click finds none.

    The same rows, keys and gates: each is judged anew just before its attempt. A finished campaign runs again.
    Raises CampaignError: no_name, bad_choice, not_again, state, expired, unknown_campaign.
    """
    if not is_name(actor):
        raise CampaignError("no_name", "Who does this needs a name.")
    if (wanted.code is None) == (wanted.kind is None):
        raise CampaignError("bad_choice", "Name either a code or a class of what is to be tried again.")
    with transaction(ctx.engine) as conn:
        _require_open(ctx, _campaign(conn, campaign_id))
        ids = again.rejected_ids(conn, campaign_id, _chosen(_rejected(conn, campaign_id), wanted))
        if ids:  # written down before it is done: a half-done retry has its author
            detail = {"code": wanted.code, "class": wanted.kind, "deliveries": len(ids)}
            about = f"campaign:{campaign_id}"
            record(conn, at=ctx.clock(), actor=actor, action="campaign.retry", object=about, detail=detail)
        runs = ending.runs_of(conn, campaign_id)
    pieces = [ids[start : start + PIECE] for start in range(0, len(ids), PIECE)]
    return sum(put_back(ctx, campaign_id, runs[0], piece) for piece in pieces)


def put_back(ctx: Context, campaign_id: int, run_id: int, ids: Sequence[int]) -> int:
    """One piece, by delivery; returns how many. The campaign is looked at last, under its lock: one that was cancelled
    meanwhile takes the piece back. Raises CampaignError: state."""
    with transaction(ctx.engine) as conn:
        n = again.put_back(conn, run_id, ids, now=ctx.clock(), slice_size=ctx.settings.slice_size)
        state = again.lock_state(conn, campaign_id)
        if state not in OPEN:
            raise CampaignError("state", f"The campaign became {state} meanwhile: nothing of it is tried again.")
        if state == "finished" and n:
            store.move_campaign(conn, campaign_id, "running", {"finished_at": None})
        else:
            store.bump(conn, campaign_id)
        return n


def _rejected(conn: Connection, campaign_id: int) -> list[Rejected]:
    found = again.rejected_by_code(conn, campaign_id)
    kinds = [kind_of(one.provider, one.code) for one in found]
    return [
        Rejected(one.provider, one.code, kind, one.n, kind in AGAIN) for one, kind in zip(found, kinds, strict=True)
    ]


def kind_of(provider: str, code: str) -> str:
    """The class of a rejection's code. What was given up had been deferred each time: transient, if nothing else."""
    if code == UNREADABLE.code:  # no provider's doing: a data key was missing, or an address was stored amiss
        return "permanent_config"
    found = reason(provider, code.removeprefix(GAVE_UP))
    if found is not None:
        return found.name
    return "transient" if code.startswith(GAVE_UP) else ""


def _chosen(found: Sequence[Rejected], wanted: Wanted) -> list[again.Coded]:
    """The codes meant. Raises not_again for one, or a class, that is never tried again."""
    if wanted.kind is not None and wanted.kind not in AGAIN:
        raise CampaignError("not_again", f"The class {wanted.kind!r} is not tried again; these are: {_list(AGAIN)}.")
    mine = [one for one in found if _means(one, wanted)]
    for one in mine:
        if not one.may:
            sentence = f"The code {one.code!r} ({one.kind or 'of no known class'}) is not tried again."
            raise CampaignError("not_again", sentence)
    return [again.Coded(one.provider, one.code, one.n) for one in mine]


def _means(one: Rejected, wanted: Wanted) -> bool:
    if wanted.kind is not None:
        return one.kind == wanted.kind
    return wanted.code in (one.code, one.code.removeprefix(GAVE_UP))


def _require_open(ctx: Context, row: Mapping[str, Any]) -> None:
    if row["state"] not in OPEN:
        raise CampaignError("state", f"Nothing of a campaign that is {row['state']} is tried again.")
    if row["expires_at"] is not None and row["expires_at"] <= ctx.clock():
        raise CampaignError("expired", "The campaign has expired: nothing of it is sent any more.")


def _campaign(conn: Connection, campaign_id: int) -> dict[str, Any]:
    row = store.get_campaign(conn, campaign_id)
    if row is None:
        raise CampaignError("unknown_campaign", f"There is no campaign {campaign_id}.")
    return {str(name): value for name, value in row.items()}


def _list(names: frozenset[str]) -> str:
    return ", ".join(sorted(names))
