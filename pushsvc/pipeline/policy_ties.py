"""What policies have to do with each other: links found in either order, copies told apart, repeals carried out."""

from __future__ import annotations

from collections.abc import Sequence

from pushsvc.context import Context
from pushsvc.pipeline.policy_copies import tell_copies
from pushsvc.pipeline.policy_gate import note
from pushsvc.store.audit import record
from pushsvc.store.findings import NewFinding
from pushsvc.store.policy_links import Repeal, close_repealed, resolve_links, unclear_repeals
from pushsvc.store.session import Connection


def tie(conn: Connection, ctx: Context, policy_ids: Sequence[int]) -> None:
    """After policies came in or were published: resolve what they say of others and others of them."""
    if not policy_ids:
        return
    tell_copies(conn, ctx, policy_ids)
    resolve_links(conn, policy_ids)
    carry_out_repeals(conn, ctx)


def carry_out_repeals(conn: Connection, ctx: Context) -> None:
    """End what published policies repeal, where their links point at exactly one; each is told to the operators."""
    for closed in close_repealed(conn):
        detail = {"by": closed.by_ref, "valid_to": closed.valid_to.isoformat()}
        object_ = f"policy:{closed.ref}"
        record(conn, at=ctx.clock(), actor="system", action="policy.repealed", object=object_, detail=detail)
        note(conn, ctx, closed.policy_id, _repealed(closed))


def tell_unclear(conn: Connection, ctx: Context, policy_id: int) -> None:
    """A repeal that could mean several policies closes none: an operator is told which number it was."""
    for doc_no, title, n in unclear_repeals(conn, policy_id):
        named = doc_no or f"《{title}》"
        zh = f"本文废止{named}，库中有 {n} 份与之相符，未自动处理，请人工核对。"
        en = f"This text repeals {named}; {n} stored policies fit, so none was closed. Please check."
        note(conn, ctx, policy_id, NewFinding("repeal_unclear", named, zh, en, blocking=False))


def _repealed(closed: Repeal) -> NewFinding:
    by = closed.by_no or closed.by_ref
    zh = f"已由{by}废止，有效期至{closed.valid_to:%Y-%m-%d}。"
    en = f"Repealed by {by}; its last day is {closed.valid_to:%Y-%m-%d}."
    return NewFinding("repealed", "valid_to", zh, en, blocking=False)
