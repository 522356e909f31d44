"""A firm is found by its credit code: as a register tells it, never by a guess where two claim it."""

from __future__ import annotations

import pytest

from profiles.csvfile import RowError
from pushsvc.context import Context
from pushsvc.pipeline import joining
from pushsvc.pipeline.ingest_profiles import upsert_profile
from pushsvc.pipeline.membership import LOOKUP
from pushsvc.pipeline.rights import erase
from pushsvc.store import join_requests, memberships
from pushsvc.store.session import transaction
from tests.registering import ask, register

CODE, OTHER = "91330106MA2CFRG25K", "91330000MA27XYW112"


def found(ctx: Context, code: str = CODE) -> int | None:
    """The firm we find by this code."""
    with transaction(ctx.engine) as conn:
        return memberships.firm_of_code(conn, code, ctx.keyring.lookup(LOOKUP, code))


@pytest.mark.parametrize("ref", ["e-1", CODE, CODE.lower()])
def test_a_register_tells_the_code_or_refers_to_the_firm_by_it(ctx: Context, ref: str) -> None:
    told = {"credit_code": "9133 0106-MA2CFRG25K"} if ref == "e-1" else {}
    firm = register(ctx, ref, kind="enterprise", **told)
    assert found(ctx) == firm
    assert ask(ctx, "select 1 from firm_code where convert_from(lookup, 'latin1') like :it", it=f"%{CODE}%") == []


def test_a_corrected_code_replaces_the_former_one(ctx: Context) -> None:
    firm = register(ctx, "e-1", kind="enterprise", credit_code=CODE)
    register(ctx, "e-1", kind="enterprise", credit_code=OTHER)
    assert (found(ctx), found(ctx, OTHER)) == (None, firm)


def test_two_firms_said_to_have_one_code_are_neither_found(ctx: Context) -> None:
    for ref in ("e-1", "e-2"):
        register(ctx, ref, kind="enterprise", credit_code=CODE)
    assert found(ctx) is None


def test_a_person_in_trade_is_no_firm_to_join(ctx: Context) -> None:
    register(ctx, "s-1", kind="self_employed", credit_code=CODE)
    assert found(ctx) is None


@pytest.mark.parametrize(
    ("kind", "code", "wrong"),
    [("citizen", CODE, "not_for_kind"), ("enterprise", CODE[:-1] + "X", "bad_check"), ("other", "1", "bad_length")],
)
def test_a_wrong_code_is_an_error_of_its_row(ctx: Context, kind: str, code: str, wrong: str) -> None:
    errors = upsert_profile(ctx, {"ref": "x", "kind": kind, "credit_code": code})
    assert isinstance(errors, list)
    assert [(error.column, error.code) for error in errors if isinstance(error, RowError)] == [("credit_code", wrong)]


def test_who_asked_before_the_firm_came_waits_for_its_admin(ctx: Context) -> None:
    anna = register(ctx, "anna")
    joining.ask(ctx, anna, CODE, "财务")
    register(ctx, "boss")
    firm = register(ctx, "e-1", kind="enterprise", credit_code=CODE, members="boss:admin")
    with transaction(ctx.engine) as conn:
        assert len(join_requests.waiting_at(conn, firm)) == 1
        assert join_requests.count_at_office(conn) == 0


def test_an_erased_firm_is_found_no_more(ctx: Context) -> None:
    firm = register(ctx, "e-1", kind="enterprise", credit_code=CODE)
    erase(ctx, firm, actor="person")
    assert found(ctx) is None
    assert ask(ctx, "select 1 from firm_code") == []
