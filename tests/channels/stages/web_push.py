"""Web Push on its stage: browsers with keys of their own, which read what the push service took for them."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import http_ece
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, generate_private_key

from channels.registry import open_channel
from channels.sandbox import Sandbox
from channels.sandbox.journal import journal_path, rows
from channels.signers.base64url import encode
from channels.signers.vapid import public_text
from tests.channels.contract import Stage
from tests.clock import Clock

VAPID_KEY = encode(bytes(31) + b"\x07")
SUBJECT = "mailto:push@jianglan.example"


@dataclass
class Browsers:
    """One browser for each name, made when it is first asked for."""

    url: str
    keys: dict[str, EllipticCurvePrivateKey] = field(default_factory=dict)
    auth: bytes = b"sixteen bytes !!"

    def subscription(self, name: str) -> str:
        """What the browser of this name gave to the site."""
        key = self.keys.setdefault(name, generate_private_key(SECP256R1()))
        told = {"endpoint": f"{self.url}/wp/{name}", "p256dh": public_text(key.public_key()), "auth": encode(self.auth)}
        return json.dumps(told, separators=(",", ":"))

    def read(self, name: str, body: bytes) -> dict[str, Any]:
        """What the browser finds in a body, by somebody else's code."""
        text = http_ece.decrypt(body, private_key=self.keys[name], auth_secret=self.auth, version="aes128gcm")
        told: dict[str, Any] = json.loads(text)
        return told

    def received(self, root: Path) -> list[dict[str, Any]]:
        """What a sandbox took for these browsers, in order, without what replaced an equal one."""
        taken = [row for row in rows(journal_path(root, "app")) if not row.get("repeat")]
        return [self.read(row["subscription"], base64.b64decode(row["body"])) for row in taken]


def stage(sandbox: Sandbox, root: Path, *, key: bytes, clock: Clock, **more: Any) -> Stage:
    """The adapter before the sandbox's push service; each key goes to a browser of its own."""
    browsers = Browsers(sandbox.http_url)
    options = {"vapid_key": VAPID_KEY, "subject": SUBJECT, "clock": clock, "timeout": 10.0}
    channel = open_channel("web_push", {**options, "allowed": (sandbox.http_url,), **more})

    def arrived() -> list[str]:
        return [str(told["key"]) for told in browsers.received(root)]

    return Stage(channel, clock, arrived, sandbox, address=browsers.subscription, silent=True)
