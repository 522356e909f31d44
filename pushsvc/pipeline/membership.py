"""Members of firms: the first admin is proven, later ones are let in by an admin; each change is audited.

A firm that has members keeps an admin as long as it had one: the last one hands over before they go. Who is alone may
go; then the firm has no admin, and the next is proven anew.
"""

from __future__ import annotations

from profiles.standards.identifiers import IdentifierError, parse_credit_code
from pushsvc.context import Context
from pushsvc.store import join_requests, memberships
from pushsvc.store.audit import record
from pushsvc.store.memberships import ROLES
from pushsvc.store.session import Connection, transaction
from pushsvc.store.wants import set_member_wants

__all__ = ["MembershipError", "change_role", "leave", "prove_admin", "remove", "set_wants"]

LOOKUP = "credit"  # what the keyed hash of a credit code is bound to


class MembershipError(ValueError):
    """It cannot be done so; `place` is the field. `no_such`: nothing of the person's own goes by that number."""

    def __init__(self, code: str, place: str = "") -> None:
        super().__init__(code)
        self.code, self.place = code, place


def prove_admin(ctx: Context, *, person_id: int, credit_code: str, how: str) -> int | None:
    """Make the person an admin of the firm we hold under this credit code; its number, or None if we hold none.

    The caller has it from who knows: the host's login of the firm's legal person. `how`: "host".
    """
    try:
        code = parse_credit_code(credit_code).value
    except IdentifierError:
        return None
    with transaction(ctx.engine) as conn:
        firm = memberships.firm_of_code(conn, code, ctx.keyring.lookup(LOOKUP, code))
        if firm is None or not memberships.lock_firm(conn, firm) or not memberships.is_person(conn, person_id):
            return None
        if memberships.roles(conn, firm).get(person_id) != "admin":
            let_in(ctx, conn, firm, person_id, role="admin", how=how)
            answered = {"state": "accepted", "role": "admin", "answered_at": ctx.clock(), "answered_by": how}
            join_requests.settle_open(conn, person_id, firm, **answered)
    return firm


def let_in(ctx: Context, conn: Connection, firm_id: int, person_id: int, *, role: str, how: str) -> None:
    """The person belongs to the firm from now on; the caller holds the firm."""
    memberships.put_member(conn, firm_id, person_id, role=role, how=how, at=ctx.clock())
    note(ctx, conn, "member.join", firm_id, {"person": person_id, "role": role, "how": how})


def change_role(ctx: Context, admin_id: int, firm_id: int, person_id: int, role: str) -> None:
    """An admin says what a member is. Raises MembershipError: no_such, not_admin, bad_role or last_admin."""
    if role not in ROLES:
        raise MembershipError("bad_role", "role")
    with transaction(ctx.engine) as conn:
        held = held_by_admin(conn, firm_id, admin_id)
        _check_member(conn, firm_id, person_id)
        if person_id not in held or held[person_id] == role:
            return
        _check_admin_stays(held | {person_id: role})
        memberships.set_role(conn, firm_id, person_id, role=role, how="admin")
        note(ctx, conn, "member.role", firm_id, {"person": person_id, "role": role, "by": admin_id})


def remove(ctx: Context, admin_id: int, firm_id: int, person_id: int) -> None:
    """An admin takes a member out; again is harmless. Raises MembershipError: no_such, not_admin or last_admin."""
    with transaction(ctx.engine) as conn:
        held = held_by_admin(conn, firm_id, admin_id)
        _check_member(conn, firm_id, person_id)
        _end(ctx, conn, (firm_id, person_id), held, by=admin_id)


def leave(ctx: Context, person_id: int, firm_id: int) -> None:
    """The person goes; again is harmless. Raises MembershipError: no_such or last_admin."""
    with transaction(ctx.engine) as conn:
        _check_member(conn, firm_id, person_id)
        memberships.lock_firm(conn, firm_id)
        _end(ctx, conn, (firm_id, person_id), memberships.roles(conn, firm_id), by=person_id)


def set_wants(ctx: Context, person_id: int, firm_id: int, *, wants: bool) -> None:
    """Whether the person hears of the firm. Raises MembershipError: no_such."""
    with transaction(ctx.engine) as conn:
        if person_id not in memberships.roles(conn, firm_id):
            raise MembershipError("no_such")
        if set_member_wants(conn, firm_id, person_id, wants=wants):
            note(ctx, conn, "member.wants", firm_id, {"person": person_id, "wants": wants})


def held_by_admin(conn: Connection, firm_id: int, admin_id: int) -> dict[int, str]:
    """The firm, held to the end of the transaction, as roles by person. Raises MembershipError: no_such for whoever
    does not belong to it, not_admin for a member."""
    held = memberships.roles(conn, firm_id) if memberships.lock_firm(conn, firm_id) else {}
    if admin_id not in held:
        raise MembershipError("no_such")
    if held[admin_id] != "admin":
        raise MembershipError("not_admin")
    return held


def note(ctx: Context, conn: Connection, action: str, firm_id: int, detail: dict[str, object]) -> None:
    """Write a change of a firm's members into the audit log."""
    record(conn, at=ctx.clock(), actor="person", action=action, object=f"profile:{firm_id}", detail=detail)


def _end(ctx: Context, conn: Connection, who: tuple[int, int], held: dict[int, str], *, by: int) -> None:
    """End the membership of `who` (firm, person), as far as there is one."""
    firm_id, person_id = who
    if person_id not in held:
        return
    if held[person_id] == "admin":
        _check_admin_stays({person: role for person, role in held.items() if person != person_id})
    own = person_id == by
    memberships.end_membership(conn, firm_id, person_id, how="self" if own else "admin", at=ctx.clock())
    note(ctx, conn, "member.leave" if own else "member.remove", firm_id, {"person": person_id, "by": by})


def _check_member(conn: Connection, firm_id: int, person_id: int) -> None:
    if not memberships.was_member(conn, firm_id, person_id):
        raise MembershipError("no_such")


def _check_admin_stays(held: dict[int, str]) -> None:
    if held and "admin" not in held.values():
        raise MembershipError("last_admin")
