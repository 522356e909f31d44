"""An OpenID Connect provider over HTTP, by Authlib's own server side: what we say as a client is held against it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2.rfc6749 import grants
from authlib.oauth2.rfc6749.models import ClientMixin
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oidc.core import AuthorizationCodeMixin, UserInfo
from authlib.oidc.core.grants import OpenIDCode
from flask import Flask, Response, jsonify, request
from joserfc.jwk import KeySet, OctKey, RSAKey
from werkzeug.serving import make_server

from tests.clock import Clock

CLIENT, SECRET = "pushsvc", "secret-of-the-client"
BACK = "http://127.0.0.1:8000/m/oidc/back"
SHARED = OctKey.import_key(SECRET * 2)
KEY, OTHER = (RSAKey.generate_key(2048, {"kid": "k1"}) for _ in range(2))


@dataclass
class Code(AuthorizationCodeMixin):
    """A code that was given out."""

    code: str
    redirect_uri: str
    scope: str
    nonce: str
    code_challenge: str
    code_challenge_method: str

    def get_redirect_uri(self) -> str:
        return self.redirect_uri

    def get_scope(self) -> str:
        return self.scope

    def get_nonce(self) -> str:
        return self.nonce

    def get_auth_time(self) -> None:
        return None

    def get_acr(self) -> None:
        return None

    def get_amr(self) -> None:
        return None


class Client(ClientMixin):
    """We, as the provider knows us."""

    id_token_signed_response_alg = ""

    def get_client_id(self) -> str:
        return CLIENT

    def get_allowed_scope(self, scope: str) -> str:
        return scope

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return redirect_uri == BACK

    def check_client_secret(self, client_secret: str) -> bool:
        return client_secret == SECRET

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return method == "client_secret_basic"

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == "authorization_code"


@dataclass
class Provider:
    """Who is signed in there, and how it misbehaves: claims that are changed, another key, another algorithm."""

    url: str
    clock: Clock
    user: dict[str, Any] = field(default_factory=lambda: {"sub": "u-1"})
    info: dict[str, Any] = field(default_factory=dict)  # what only the userinfo endpoint says
    wrong: dict[str, Any] = field(default_factory=dict)
    key: Any = field(default_factory=lambda: KEY)
    algorithm: str = "RS256"
    metadata: dict[str, Any] = field(default_factory=dict)
    codes: dict[str, Code] = field(default_factory=dict)

    def claims(self) -> dict[str, Any]:
        """Those of its ID tokens."""
        now = int(self.clock().timestamp())
        return {"iss": self.url, "aud": [CLIENT], "iat": now, "exp": now + 300, "auth_time": now}


def _code_grant(provider: Provider) -> type[grants.AuthorizationCodeGrant]:
    class Grant(grants.AuthorizationCodeGrant):  # type: ignore[misc]  # Authlib has no types
        TOKEN_ENDPOINT_AUTH_METHODS = ("client_secret_basic",)

        def save_authorization_code(self, code: str, asked: Any) -> None:
            data = asked.payload.data
            names = ("redirect_uri", "scope", "nonce", "code_challenge", "code_challenge_method")
            provider.codes[code] = Code(code, **{name: data.get(name, "") for name in names})

        def query_authorization_code(self, code: str, client: Any) -> Code | None:
            return provider.codes.get(code)

        def delete_authorization_code(self, authorization_code: Code) -> None:
            del provider.codes[authorization_code.code]

        def authenticate_user(self, authorization_code: Code) -> dict[str, Any]:
            return provider.user

    return Grant


def _id_tokens(provider: Provider) -> OpenIDCode:
    class Tokens(OpenIDCode):  # type: ignore[misc]
        def exists_nonce(self, nonce: str, asked: Any) -> bool:
            return any(code.nonce == nonce for code in provider.codes.values())

        def resolve_client_private_key(self, client: Any) -> Any:
            return provider.key

        def get_client_algorithm(self, client: Any) -> str:
            return provider.algorithm

        def get_encode_header(self, client: Any) -> dict[str, str]:
            return {"alg": provider.algorithm, "kid": "k1"}

        def get_client_claims(self, client: Any) -> dict[str, Any]:
            return provider.claims()

        def generate_user_info(self, user: dict[str, Any], scope: str) -> UserInfo:
            return UserInfo(**(user | provider.wrong))

    return Tokens(require_nonce=True)


def _application(provider: Provider) -> Flask:
    app = Flask("provider")
    server = AuthorizationServer(app, lambda _: Client(), lambda *_: None)
    server.register_grant(_code_grant(provider), [_id_tokens(provider), CodeChallenge(required=True)])

    @app.get("/authorize")
    def authorize() -> Any:
        grant = server.get_consent_grant(end_user=provider.user)
        return server.create_authorization_response(grant_user=provider.user, grant=grant)

    @app.post("/token")
    def token() -> Any:
        return server.create_token_response()

    @app.get("/userinfo")
    def userinfo() -> Response:
        assert request.headers["Authorization"].startswith("Bearer ")
        return jsonify(provider.user | provider.info)

    @app.get("/jwks")
    def jwks() -> Response:
        return jsonify(KeySet([KEY]).as_dict(private=False))

    @app.get("/.well-known/openid-configuration")
    def discovery() -> Response:
        ends = {"authorization_endpoint": "authorize", "token_endpoint": "token", "userinfo_endpoint": "userinfo"}
        told = {name: f"{provider.url}/{path}" for name, path in {**ends, "jwks_uri": "jwks"}.items()}
        return jsonify({"issuer": provider.url, **told, **provider.metadata})

    return app


@contextmanager
def serve_provider(clock: Clock) -> Iterator[Provider]:
    """A provider on a port of this machine."""
    provider = Provider("", clock)
    server = make_server("127.0.0.1", 0, _application(provider), threaded=True)
    provider.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
