"""Asking to join a firm by its credit code, and the answer of its admin, or of an operator where it has none.

A credit code is public and proves nothing: whoever asks learns neither whether we hold the firm nor who its admin is.
"""

from __future__ import annotations

from profiles.standards.identifiers import IdentifierError, parse_credit_code
from pushsvc.context import Context
from pushsvc.pipeline.membership import LOOKUP, MembershipError, held_by_admin, let_in, note
from pushsvc.pipeline.notices import tell
from pushsvc.store import join_requests, memberships
from pushsvc.store.audit import record
from pushsvc.store.join_requests import ANSWER_PLACE, CODE_PLACE, WHY_PLACE, JoinRow
from pushsvc.store.memberships import ROLES
from pushsvc.store.session import Connection, transaction

MOST_OPEN = 5  # of one person at a time
LONGEST = 500  # characters of a person's or an office's words
SOMEBODY_ASKS = (
    "有人申请加入您管理的企业，请到“我的企业”确认。Somebody asks to join a firm of yours: see “My enterprises”."
)
ANSWERED = "您的加入企业申请有了答复，请看“我的企业”。Your request to join was answered: see “My enterprises”."


def ask(ctx: Context, person_id: int, typed: str, why: str) -> None:
    """Ask to join the firm with this credit code; the same again changes nothing.

    Raises MembershipError: bad_code, no_words, too_long, too_many, or member for whoever belongs to it.
    """
    code, why = _code(typed), _words(why, "why")
    lookup = ctx.keyring.lookup(LOOKUP, code)
    with transaction(ctx.engine) as conn:
        if not memberships.is_person(conn, person_id):
            raise MembershipError("no_such")
        firm = memberships.firm_of_code(conn, code, lookup)
        held = memberships.roles(conn, firm) if firm is not None else {}
        if person_id in held:
            raise MembershipError("member", "code")
        if join_requests.count_open(conn, person_id) >= MOST_OPEN:
            raise MembershipError("too_many", "code")
        row: dict[str, object] = {"person_id": person_id, "profile_id": firm, "lookup": lookup, "asked_at": ctx.clock()}
        row["code"], row["why"] = ctx.keyring.encrypt(code, CODE_PLACE), ctx.keyring.encrypt(why, WHY_PLACE)
        number = join_requests.add_request(conn, row)
        if number is None:
            return
        _note(ctx, conn, ("join.ask", "person"), number, {"person": person_id, "profile": firm})
        for admin in [one for one, role in held.items() if role == "admin"]:
            tell(ctx, conn, admin, key=f"join:{number}", words=SOMEBODY_ASKS)
    ctx.nudge("pushsvc.deliver.urgent")


def withdraw(ctx: Context, person_id: int, number: int) -> None:
    """Take one's own request back; an answered one stays as it is. Raises MembershipError: no_such."""
    with transaction(ctx.engine) as conn:
        row = join_requests.lock_request(conn, number, person_id=person_id)
        if row is None:
            raise MembershipError("no_such")
        if row.state == "open":
            _close(ctx, conn, row, ("withdrawn", "person"))
            _note(ctx, conn, ("join.withdraw", "person"), number, {"person": person_id})


def answer(ctx: Context, admin_id: int, firm_id: int, number: int, role: str | None) -> None:
    """An admin lets somebody in as `role`, or with None does not.

    Raises MembershipError: no_such, not_admin, bad_role or answered.
    """
    if role is not None and role not in ROLES:
        raise MembershipError("bad_role", "role")
    with transaction(ctx.engine) as conn:
        held = held_by_admin(conn, firm_id, admin_id)
        row = _open_one(join_requests.lock_request(conn, number, profile_id=firm_id))
        if role and row.person_id not in held and memberships.is_person(conn, row.person_id):
            let_in(ctx, conn, firm_id, row.person_id, role=role, how="admin")
        _close(ctx, conn, row, ("accepted" if role else "refused", "admin"), role=role)
        if not role:
            note(ctx, conn, "join.refuse", firm_id, {"person": row.person_id, "by": admin_id})
        tell(ctx, conn, row.person_id, key=f"joined:{number}", words=ANSWERED)
    ctx.nudge("pushsvc.deliver.urgent")


def decide(ctx: Context, number: int, *, accept: bool, by: str, reason: str) -> None:
    """An operator has looked at the authorisation: the person is the firm's first admin, or not, for this reason.

    Raises MembershipError: no_such, answered, no_words, too_long, no_firm, or has_admin where the firm's own admin is
    to answer.
    """
    reason = _words(reason, "reason")
    with transaction(ctx.engine) as conn:
        seen = join_requests.read_request(conn, number)
        firm = _firm_of(ctx, conn, seen) if seen is not None else None  # held first, as by everybody who answers
        held = memberships.roles(conn, firm) if firm is not None and memberships.lock_firm(conn, firm) else None
        row = _open_one(join_requests.lock_request(conn, number))
        if held and "admin" in held.values():
            raise MembershipError("has_admin")
        if accept:
            if firm is None or held is None or not memberships.is_person(conn, row.person_id):
                raise MembershipError("no_firm")
            join_requests.point_at(conn, number, firm)
            let_in(ctx, conn, firm, row.person_id, role="admin", how="operator")
        state = "accepted" if accept else "refused"
        _close(ctx, conn, row, (state, by), role="admin" if accept else None, words=reason)
        detail: dict[str, object] = {"person": row.person_id, "profile": firm, "accepted": accept}
        _note(ctx, conn, ("join.accept" if accept else "join.refuse", by), number, detail)
        tell(ctx, conn, row.person_id, key=f"joined:{number}", words=ANSWERED)
    ctx.nudge("pushsvc.deliver.urgent")


def joins_copy(ctx: Context, person_id: int) -> list[dict[str, object]]:
    """What a person asked, for their copy: as they wrote it, without a word of whether we hold the firm."""
    with transaction(ctx.engine) as conn:
        rows = join_requests.requests_of(conn, person_id, limit=1000)
    opened = ctx.keyring.decrypt
    return [
        {
            "credit_code": opened(row.code, CODE_PLACE),
            "why": opened(row.why, WHY_PLACE),
            "state": row.state,
            "role": row.role,
            "asked_at": row.asked_at,
            "answered_at": row.answered_at,
            "answer": opened(row.answer, ANSWER_PLACE) if row.answer else None,
        }
        for row in rows
    ]


def _firm_of(ctx: Context, conn: Connection, row: JoinRow) -> int | None:
    """The firm that is asked for; it may have come to us since."""
    if row.profile_id is not None:
        return row.profile_id
    code = ctx.keyring.decrypt(row.code, CODE_PLACE)
    return memberships.firm_of_code(conn, code, row.lookup)


def _code(typed: str) -> str:
    try:
        return parse_credit_code(typed).value
    except IdentifierError as error:
        raise MembershipError("bad_code", "code") from error


def _words(text: str, place: str) -> str:
    text = text.strip()
    if not text:
        raise MembershipError("no_words", place)
    if len(text) > LONGEST:
        raise MembershipError("too_long", place)
    return text


def _open_one(row: JoinRow | None) -> JoinRow:
    if row is None:
        raise MembershipError("no_such")
    if row.state != "open":
        raise MembershipError("answered")
    return row


def _close(
    ctx: Context, conn: Connection, row: JoinRow, what: tuple[str, str], *, role: str | None = None, words: str = ""
) -> None:
    """`what`: the state, and by whom."""
    answer = ctx.keyring.encrypt(words, ANSWER_PLACE) if words else None
    values = {"state": what[0], "role": role, "answered_by": what[1], "answer": answer, "answered_at": ctx.clock()}
    join_requests.close_request(conn, row.id, **values)


def _note(ctx: Context, conn: Connection, what: tuple[str, str], number: int, detail: dict[str, object]) -> None:
    about = f"join_request:{number}"
    record(conn, at=ctx.clock(), actor=what[1], action=what[0], object=about, detail=detail)
