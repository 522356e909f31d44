"""Accounts: operators with argon2 passwords, and API keys that are shown once."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from pushsvc.context import Context
from pushsvc.pipeline.errors import PipelineError
from pushsvc.store import access
from pushsvc.store.access import Operator
from pushsvc.store.audit import record
from pushsvc.store.session import transaction

ROLES = ("author", "reviewer", "emergency", "sender", "auditor", "administrator")
SCOPES = ("policies:write", "profiles:write", "audience:count", "read", "inbox", "devices:write", "tickets")
PASSWORD_LENGTH = 12
_hasher = PasswordHasher()


class AccountError(PipelineError):
    """An account that cannot be made: `code` is no_name, unknown_role, unknown_scope, short_password or known_name."""


def add_operator(ctx: Context, who: Operator, *, password: str, actor: str) -> None:
    """Make an operator, or change one: name shown, roles, password. Raises AccountError."""
    if not who.name.strip() or not who.roles:
        raise AccountError("no_name", "An operator needs a name and at least one role.")
    _known(who.roles, ROLES, "role")
    if len(password) < PASSWORD_LENGTH:
        raise AccountError("short_password", f"A password has at least {PASSWORD_LENGTH} characters.")
    with transaction(ctx.engine) as conn:
        access.put_operator(conn, who, password=_hasher.hash(password), now=ctx.clock())
        detail = {"roles": list(who.roles)}
        record(conn, at=ctx.clock(), actor=actor, action="operator.set", object=f"operator:{who.name}", detail=detail)


def is_password(ctx: Context, name: str, password: str) -> bool:
    """Whether this is the operator's password; for a name we do not know it takes as long to say no."""
    with transaction(ctx.engine) as conn:
        digest = access.password_digest(conn, name)
    try:
        return _hasher.verify(digest or _nobody(), password) and digest is not None
    except (VerificationError, InvalidHashError):
        return False


def add_key(ctx: Context, name: str, *, scopes: Sequence[str], actor: str) -> str:
    """Make an API key and return it: only its digest is kept. Raises AccountError."""
    if not name.strip() or not scopes:
        raise AccountError("no_name", "A key needs a name and at least one scope.")
    _known(scopes, SCOPES, "scope")
    key = secrets.token_urlsafe(32)
    with transaction(ctx.engine) as conn:
        if not access.put_key(conn, name, key=key, scopes=scopes, now=ctx.clock()):
            raise AccountError("known_name", f"There is a key named {name!r} already.")
        detail = {"scopes": list(scopes)}
        record(conn, at=ctx.clock(), actor=actor, action="key.add", object=f"key:{name}", detail=detail)
    return key


def _known(given: Sequence[str], known: Sequence[str], what: str) -> None:
    for one in given:
        if one not in known:
            raise AccountError(f"unknown_{what}", f"There is no {what} {one!r}; known: {', '.join(known)}.")


@cache
def _nobody() -> str:
    """A digest no password fits."""
    return _hasher.hash("\0nobody")
