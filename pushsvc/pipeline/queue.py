"""The queue: drafts that wait for a person, what was found in them, and what operators are told of others."""

from __future__ import annotations

from dataclasses import dataclass

from pushsvc.context import Context
from pushsvc.store.findings import (
    HeldPolicy,
    StoredFinding,
    ToldFinding,
    findings_of,
    held_by_code,
    held_policies,
    told_findings,
)
from pushsvc.store.policies import Policy, policy_by_id, policy_by_ref
from pushsvc.store.policy_links import LinkRow, links_from, links_to
from pushsvc.store.policy_sources import Source, sources_of
from pushsvc.store.session import transaction

TOLD = ("repealed", "repeal_unclear")


@dataclass(frozen=True)
class Queue:
    """One page of those who wait, longest first; `total` of them in all, and how many each code holds.

    `told`: what the service did by itself, or could not, and nobody has seen yet.
    """

    held: list[HeldPolicy]
    total: int
    by_code: dict[str, int]
    told: list[ToldFinding]


@dataclass(frozen=True)
class Judged:
    """One policy with what was found in its text, the copies it came in, and its links both ways."""

    policy: Policy
    findings: list[StoredFinding]
    sources: list[Source]
    says: list[LinkRow]
    said_of: list[LinkRow]


def queue(ctx: Context, page: int = 1) -> Queue:
    """Who waits."""
    with transaction(ctx.engine) as conn:
        held, total = held_policies(conn, page=page)
        return Queue(held, total, held_by_code(conn), told_findings(conn, TOLD))


def judged(ctx: Context, policy: str | int) -> Judged | None:
    """One policy by its reference or number; None where there is none."""
    with transaction(ctx.engine) as conn:
        found = policy_by_id(conn, policy) if isinstance(policy, int) else policy_by_ref(conn, policy)
        if found is None:
            return None
        lists = findings_of(conn, found.id), sources_of(conn, found.id)
        return Judged(found, *lists, links_from(conn, found.id), links_to(conn, found.id))
