"""Operators and keys: made with care, kept as digests."""

from __future__ import annotations

import pytest

from pushsvc.context import Context
from pushsvc.pipeline import accounts
from pushsvc.store import access
from pushsvc.store.access import Operator
from pushsvc.store.session import transaction
from tests.web.making import one, rows

WHO = Operator("limeng", "李萌", ("author",))
PASSWORD = "correct horse battery"


def test_an_operator_is_known_by_the_password_alone(ctx: Context) -> None:
    accounts.add_operator(ctx, WHO, password=PASSWORD, actor="test")
    assert accounts.is_password(ctx, "limeng", PASSWORD)
    assert not accounts.is_password(ctx, "limeng", PASSWORD + " ")
    assert not accounts.is_password(ctx, "nobody", "\0nobody")
    assert one(ctx, "select password from operator").startswith("$argon2id$")


def test_a_new_password_ends_the_old_one(ctx: Context) -> None:
    accounts.add_operator(ctx, WHO, password=PASSWORD, actor="test")
    accounts.add_operator(ctx, WHO, password="another password", actor="test")
    assert not accounts.is_password(ctx, "limeng", PASSWORD)


@pytest.mark.parametrize(
    ("who", "password", "code"),
    [
        (WHO, "short", "short_password"),
        (Operator("x", "x", ("king",)), PASSWORD, "unknown_role"),
        (Operator(" ", "x", ("author",)), PASSWORD, "no_name"),
        (Operator("x", "x", ()), PASSWORD, "no_name"),
    ],
)
def test_a_bad_operator_is_refused(ctx: Context, who: Operator, password: str, code: str) -> None:
    with pytest.raises(accounts.AccountError) as caught:
        accounts.add_operator(ctx, who, password=password, actor="test")
    assert caught.value.code == code
    assert rows(ctx, "select 1 from operator") == []


def test_a_key_is_found_by_itself_and_kept_as_a_digest(ctx: Context) -> None:
    key = accounts.add_key(ctx, "office", scopes=["read"], actor="test")
    with transaction(ctx.engine) as conn:
        found = access.find_key(conn, key)
        assert access.find_key(conn, key[:-1]) is None
    assert found == access.Key("office", ("read",))
    assert key.encode() not in bytes(one(ctx, "select digest from api_key"))


@pytest.mark.parametrize(("scopes", "code"), [(["everything"], "unknown_scope"), ([], "no_name")])
def test_a_bad_key_is_refused(ctx: Context, scopes: list[str], code: str) -> None:
    with pytest.raises(accounts.AccountError) as caught:
        accounts.add_key(ctx, "office", scopes=scopes, actor="test")
    assert caught.value.code == code


def test_a_name_is_taken_once(ctx: Context) -> None:
    accounts.add_key(ctx, "office", scopes=["read"], actor="test")
    with pytest.raises(accounts.AccountError) as caught:
        accounts.add_key(ctx, "office", scopes=["read"], actor="test")
    assert caught.value.code == "known_name"
