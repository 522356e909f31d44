"""Who else may say who somebody is: a host app with its tickets, an OpenID Connect provider. Off until they are set."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

BACK = "{back}"  # stands for our own address in the host's sign-in address
_LOCAL = ("127.0.0.1", "localhost", "::1")


class SignInOfferError(ValueError):
    """A way to sign in is set up by half, or would send proofs over an open line; the sentence names the setting."""


@dataclass(frozen=True)
class HostLogin:
    """A host app: where people are sent, and where its ticket is exchanged for who they are."""

    login_url: str
    exchange_url: str
    key: bytes = field(repr=False)
    name: str = ""

    @property
    def issuer(self) -> str:
        """Whose subjects they are."""
        return f"host:{urlsplit(self.exchange_url).hostname}"


@dataclass(frozen=True)
class Oidc:
    """An OpenID Connect provider, found by its issuer's address."""

    issuer: str
    client_id: str
    secret: str = field(repr=False)
    scope: str = "openid phone"
    name: str = ""


def read_host(login_url: str, exchange_url: str, key: str, name: str) -> HostLogin | None:
    """The host app, None where none is set. Raises SignInOfferError."""
    given = {"HOST_LOGIN_URL": login_url, "HOST_EXCHANGE_URL": exchange_url, "HOST_KEY": key}
    if not _whole(given):
        return None
    for setting in ("HOST_LOGIN_URL", "HOST_EXCHANGE_URL"):
        check_url(setting, given[setting])
    if BACK not in login_url:
        raise SignInOfferError(f"PUSHSVC_HOST_LOGIN_URL must hold {BACK}, where the host sends people back to.")
    return HostLogin(login_url, exchange_url, key.encode(), name)


def read_oidc(issuer: str, client_id: str, secret: str, scope: str, name: str) -> Oidc | None:
    """The provider, None where none is set. Raises SignInOfferError."""
    if not _whole({"OIDC_ISSUER": issuer, "OIDC_CLIENT_ID": client_id, "OIDC_CLIENT_SECRET": secret}):
        return None
    check_url("OIDC_ISSUER", issuer)
    if "openid" not in scope.split():
        raise SignInOfferError("PUSHSVC_OIDC_SCOPE must hold openid: without it nobody says who somebody is.")
    return Oidc(issuer, client_id, secret, scope, name)


def check_url(setting: str, url: str) -> None:
    """Raises SignInOfferError unless it is https, or http to this machine; says nothing of what it holds."""
    try:
        found = urlsplit(url)
    except ValueError:
        raise SignInOfferError(f"PUSHSVC_{setting} is no address.") from None
    local = found.scheme == "http" and found.hostname in _LOCAL
    if not (local or found.scheme == "https") or not found.hostname or re.search(r"\s|@", url):
        raise SignInOfferError(f"PUSHSVC_{setting} must begin with https: (http: only on this machine).")


def _whole(given: dict[str, str]) -> bool:
    """Whether all are set; half of them would be a way in that nobody watches."""
    missing = [name for name, value in given.items() if not value]
    if missing and len(missing) < len(given):
        raise SignInOfferError(f"PUSHSVC_{missing[0]} is missing: the others of its kind are set.")
    return not missing
