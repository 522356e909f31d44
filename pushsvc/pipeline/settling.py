"""Settling: a person looked at what was found in a text, and says why it may stand."""

from __future__ import annotations

from pushsvc.context import Context
from pushsvc.pipeline.errors import PipelineError
from pushsvc.pipeline.four_eyes import is_name
from pushsvc.pipeline.policy_gate import clean
from pushsvc.store.audit import record
from pushsvc.store.findings import StoredFinding, finding, settle_finding
from pushsvc.store.policies import policy_by_id
from pushsvc.store.policy_links import DUPLICATES, put_links, resolve_links
from pushsvc.store.session import transaction

REASON = 2000  # characters


class SettleError(PipelineError):
    """A finding cannot be settled; `code` says why."""


def settle(ctx: Context, finding_id: int, *, by: str, reason: str) -> StoredFinding:
    """An operator looked: the finding no longer blocks. Again by the same person with the same reason: no change.

    Raises SettleError: no_name, no_reason, too_long, unknown_finding, settled.
    """
    by, reason = by.strip(), reason.strip()
    if not is_name(by):
        raise SettleError("no_name", "Who settles a finding needs a name.")
    if not is_name(reason):
        raise SettleError("no_reason", "A finding is settled with a reason.")
    if len(reason) > REASON:
        raise SettleError("too_long", f"The reason has {len(reason)} characters, {REASON} are allowed.")
    with transaction(ctx.engine) as conn:
        found = finding(conn, finding_id)
        if found is None:
            raise SettleError("unknown_finding", f"There is no open finding {finding_id}.")
        if found.settled_by is not None:
            if (found.settled_by, found.reason) != (by, reason):
                raise SettleError("settled", f"{found.settled_by} settled this finding before.")
            return found
        settle_finding(conn, finding_id, by=clean(by), reason=clean(reason), at=ctx.clock())
        if found.code == "duplicate":
            put_links(conn, found.policy_id, [], relations=[DUPLICATES])
            resolve_links(conn, [found.policy_id])
        detail = {"finding": finding_id, "code": found.code, "place": found.place, "reason": clean(reason)}
        stored = policy_by_id(conn, found.policy_id)
        object_ = f"policy:{stored.ref if stored else found.policy_id}"
        record(conn, at=ctx.clock(), actor=clean(by), action="policy.settle", object=object_, detail=detail)
    return found
