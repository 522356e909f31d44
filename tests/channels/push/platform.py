"""A government app's platform written with Werkzeug and the standard library: HTTPS, and signatures checked anew."""

from __future__ import annotations

import hashlib
import hmac
import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

HOST = "127.0.0.1"


def certificate(path: Path, name: str) -> Path:
    """A key and a certificate of its own for a host name, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = x509.CertificateBuilder(
        subject, subject, key.public_key(), 1, now - timedelta(days=1), now + timedelta(days=1)
    ).add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
    text = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(text + made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    return path


@dataclass
class Platform:
    """What it was told, whether the signatures were good, and what it answers with."""

    key: bytes
    port: int = 0
    heads: list[str] = field(default_factory=list)
    told: list[Any] = field(default_factory=list)
    genuine: list[bool] = field(default_factory=list)
    redirect: str = ""

    def __call__(self, environ: dict[str, Any], start: Any) -> Any:
        """One request."""
        request = Request(environ)
        body = request.get_data()
        self.heads.append(f"{request.method} {request.path} {request.host}")
        stamp = request.headers.get("X-Pushsvc-Timestamp", "")
        right = hmac.new(self.key, f"{stamp}\n".encode() + body, hashlib.sha256).hexdigest()
        self.genuine.append(hmac.compare_digest(right, request.headers.get("X-Pushsvc-Signature", "")))
        self.told.append(json.loads(body))
        if self.redirect:
            return Response("", 307, {"Location": self.redirect})(environ, start)
        rows = [{"key": row["key"], "status": "accepted", "id": "p"} for row in self.told[-1].get("messages", ())]
        return Response(json.dumps({"results": rows}), mimetype="application/json")(environ, start)


@contextmanager
def serving(platform: Platform, pem: Path) -> Iterator[Platform]:
    """The platform behind TLS on a free port of this machine."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(pem)
    server = make_server(HOST, 0, platform, threaded=True, ssl_context=context)
    platform.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield platform
    finally:
        server.shutdown()
        thread.join(10)
        server.server_close()
