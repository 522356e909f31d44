"""Whose mails they are: what cannot sign or take a mail back is refused at the start, by name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from pushsvc.settings import Settings, SettingsError, read_settings


def pem(private: ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> bytes:
    form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return private.private_bytes(*form)


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., Settings]:
    """Settings with these, `{d}` being the folder of the keys."""
    (tmp_path / "rsa.pem").write_bytes(pem(rsa.generate_private_key(65537, 2048)))
    (tmp_path / "small.pem").write_bytes(pem(ed25519.Ed25519PrivateKey.generate()))
    (tmp_path / "ec.pem").write_bytes(pem(ec.generate_private_key(ec.SECP256R1())))
    (tmp_path / "none.pem").write_bytes(b"secret words")

    def read(**given: str) -> Settings:
        told = {f"PUSHSVC_{name}": value.replace("{d}", str(tmp_path)) for name, value in given.items()}
        return read_settings({"PUSHSVC_VAR": str(tmp_path / "var"), **told})

    return read


def test_keys_of_both_kinds_and_a_way_back(read: Callable[..., Settings]) -> None:
    origin = read(DKIM="a2024={d}/rsa.pem b.2024={d}/small.pem", BOUNCE_ADDRESS="bounces@江澜.example").origin()
    assert [(key.selector, key.algorithm) for key in origin.keys] == [
        ("a2024", "rsa-sha256"),
        ("b.2024", "ed25519-sha256"),
    ]
    assert origin.bounces == "bounces@xn--9sw02e.example"
    assert origin.sender == Settings.sender


def test_without_either_mails_leave_as_before(read: Callable[..., Settings]) -> None:
    assert read().origin() == (Settings.sender, "", ())


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ("a={d}/ec.pem", "neither RSA nor Ed25519"),
        ("a={d}/none.pem", "no private key"),
        ("a={d}/missing.pem", "cannot be read"),
        ("a={d}", "cannot be read"),
        ("{d}/rsa.pem", "selector=FILE"),
        ("a=", "selector=FILE"),
        ("={d}/rsa.pem", "a selector has"),
        ("a;b={d}/rsa.pem", "a selector has"),
        ("a={d}/rsa.pem a={d}/small.pem", "twice"),
        ("a={d}/rsa.pem b={d}/rsa.pem c={d}/rsa.pem d={d}/rsa.pem e={d}/rsa.pem", "more than 4"),
    ],
)
def test_what_cannot_sign_is_refused_by_name(read: Callable[..., Settings], given: str, says: str) -> None:
    with pytest.raises(SettingsError, match=says) as caught:
        read(DKIM=given)
    assert str(caught.value).startswith("PUSHSVC_DKIM")
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("address", ["nobody", "a+b@d.example", "b" * 32 + "@d.example", "a@b.example, c@d.example"])
def test_what_takes_no_mail_back_is_refused_by_name(read: Callable[..., Settings], address: str) -> None:
    with pytest.raises(SettingsError, match=r"^PUSHSVC_BOUNCE_ADDRESS"):
        read(BOUNCE_ADDRESS=address)
