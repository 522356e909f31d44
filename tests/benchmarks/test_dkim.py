"""The benchmark of signing: its object has what others rely on, and what it measures verifies."""

from __future__ import annotations

import dkim as dkimpy
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key

from benchmarks.dkim import SELECTOR, composed, measure, signed, verified
from channels.dkim import Key


def test_the_object_has_what_is_promised() -> None:
    found = measure(8, 1)
    promised = {"name", "n", "unit", "ours", "baseline", "limit", "to_baseline", "to_limit", "spread", "seconds"}
    assert promised | {"peak_mb", "verified", "bytes", "cost", "ed25519"} <= set(found)
    assert (found["name"], found["n"], found["verified"]) == ("dkim", 8, 8)
    assert found["bytes"] > 3_000


def test_a_mail_that_does_not_verify_is_noticed() -> None:
    key, other = (Key(SELECTOR, generate_private_key(65537, 2048)) for _ in range(2))
    mails = signed(composed(2), key)
    assert verified(mails, key) == 2
    with pytest.raises(ValueError, match="does not verify"):
        verified(mails, other)
    with pytest.raises(dkimpy.ValidationError):
        verified([mails[0] + b"more\r\n"], key)
