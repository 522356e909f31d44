"""DKIM: whatever a mail holds, others find its signatures good, and bad once anything that is covered has changed."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from base64 import b64decode
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from types import SimpleNamespace

import dkim as reference
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from hypothesis import given, settings
from hypothesis import strategies as st

from channels.base import ChannelError
from channels.dkim import SIGNED, Key, read_key, record, relaxed_body, sign
from channels.mime import Letter, build_skeleton, fill
from channels.templates import compile_template
from channels.wire import Mail, wire_form

AT = datetime(2024, 6, 24, 1, 30, tzinfo=UTC)  # behind every machine's clock: verifiers refuse what is to come
DOMAIN = "jianglan.example"
NODE = Path(__file__).parents[2] / "scripts" / "node"
URL = "https://policy.jianglan.example/u/abc"
PLAIN = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp")), max_size=60)
TITLES = PLAIN.filter(lambda text: text.strip() and "{" not in text)


def pem(private: object, *, password: bytes | None = None) -> bytes:
    """As operators keep it."""
    kept = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
    form = serialization.PrivateFormat.PKCS8
    return private.private_bytes(serialization.Encoding.PEM, form, kept)  # type: ignore[attr-defined, no-any-return]


@cache
def keys() -> tuple[Key, ...]:
    """One of each kind."""
    made = rsa.generate_private_key(65537, 2048), ed25519.Ed25519PrivateKey.generate()
    return read_key("big2024", pem(made[0])), read_key("small.2024", pem(made[1]))


@cache
def zone() -> dict[str, str]:
    """What stands in DNS."""
    return {f"{key.selector}._domainkey.{DOMAIN}": record(key) for key in keys()}


def written(subject: str = "通知", sender: str = "江澜市政策直达", value: str = "张三", url: str = URL) -> Mail:
    """A mail as the service makes it."""
    title, body = compile_template("{{ title }}"), compile_template("您好 {{ name }}\n{{ title }}")
    page = compile_template("<p>{{ name }}</p>\n  <b>{{ title }}</b>")
    made = build_skeleton(title, body, page, sender=f'"{sender}" <policy@{DOMAIN}>', values={"title": subject})
    return fill(made, Letter("a@b.example", "k1", AT, url, {"name": value}))


class Verifier:
    """Ed25519 as dkimpy asks PyNaCl for it, by cryptography."""

    def __init__(self, text: bytes, encoder: object) -> None:
        self._key = ed25519.Ed25519PublicKey.from_public_bytes(b64decode(text))

    def verify(self, data: bytes, signature: bytes) -> None:
        """As PyNaCl: raises for a wrong one."""
        self._key.verify(signature, data)


@pytest.fixture(autouse=True, scope="module")
def _ed25519() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        parts = {"signing": SimpleNamespace(VerifyKey=Verifier), "encoding": SimpleNamespace(Base64Encoder=None)}
        wrong = SimpleNamespace(ValueError=ValueError, BadSignatureError=InvalidSignature)
        patch.setattr(reference, "nacl", SimpleNamespace(**parts, exceptions=wrong), raising=False)
        yield


def good(raw: bytes, number: int) -> bool:
    """dkimpy's word on the signature at this place."""
    named = {f"{name}.".encode(): text.encode() for name, text in zone().items()}
    try:
        return bool(reference.DKIM(raw).verify(number, dnsfunc=lambda name, timeout=5: named.get(name)))
    except reference.ValidationError:
        return False


def signed(raw: bytes, some: Sequence[Key] | None = None) -> bytes:
    return sign(raw, keys() if some is None else some, domain=DOMAIN, at=AT)


@settings(deadline=None, max_examples=60)
@given(TITLES, PLAIN.filter(lambda text: '"' not in text and "\\" not in text), st.text(max_size=200))
def test_any_subject_name_and_value_verifies(subject: str, sender: str, value: str) -> None:
    raw = written(subject, sender, value)
    ours = signed(raw)
    assert isinstance(ours, Mail)
    assert ours.endswith(raw)
    assert wire_form(ours) == wire_form(bytes(ours))
    assert [good(ours, 0), good(ours, 1)] == [True, True]
    assert all(len(line) <= 78 for line in ours.removesuffix(raw).split(b"\r\n"))


ODD = st.lists(
    st.sampled_from(
        [b"a", b" ", b"\t", b"\r\n", b"\n", b"\r", b".", b"\r\n\r\n", b"x: y", b"\xe9", b"Subject: a", b"To", b"\r\n "]
    ),
    max_size=30,
).map(b"".join)


@settings(deadline=None, max_examples=100)
@given(ODD, ODD)
def test_bytes_of_any_shape_verify_as_they_stand_on_the_wire(value: bytes, body: bytes) -> None:
    folded = b" ".join(value.split())
    raw = b"From:  a@b.example\r\nSUBJECT: x \t %b\r\n\ty\r\nSubject: second\r\n\r\n%b" % (folded, body)
    ours = wire_form(signed(raw)).removesuffix(b".\r\n").replace(b"\r\n..", b"\r\n.")
    assert [good(ours, 0), good(ours, 1)] == [True, True]


@given(ODD)
def test_a_body_is_relaxed_as_dkimpy_relaxes_it(body: bytes) -> None:
    lined = re.sub(rb"\r\n|\r|\n", b"\r\n", body)
    lined += b"" if lined.endswith(b"\r\n") else b"\r\n"  # as it ends on the wire
    theirs = reference.canonicalization.Relaxed.canonicalize_body(lined)
    assert relaxed_body(lined) == theirs


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"abc>", b"abd>"),  # List-Unsubscribe
        (b"One-Click", b"Two-Click"),
        (b"To: a@", b"To: c@"),
        (b"<k1@", b"<k2@"),
        (b"Date: Mon", b"Date: Tue"),
        (b"From: ", b"From: =?utf-8?b?eA==?= "),
        (b"Subject: ", b"Subject: x"),
        (b"multipart/alternative", b"multipart/mixed"),
        (b"MIME-Version: 1.0", b"MIME-Version: 1.1"),
        (b"base64\r\n\r\n", b"base64\r\n\r\nAAAA"),  # a body
        (b"--\r\n", b"--\r\nmore"),
    ],
)
def test_a_change_of_what_is_covered_breaks_both(old: bytes, new: bytes) -> None:
    ours = signed(written())
    assert old in ours
    changed = ours.replace(old, new)
    assert [good(changed, 0), good(changed, 1)] == [False, False]


@pytest.mark.parametrize("name", [name.decode() for name in SIGNED])
@pytest.mark.parametrize("url", [URL, ""])
def test_a_second_header_of_a_name_breaks_both_also_where_there_was_none(name: str, url: str) -> None:
    ours = signed(written(url=url))
    added = f"{name.title()}: <https://evil.example>\r\n".encode() + ours
    assert [good(ours, 0), good(ours, 1), good(added, 0), good(added, 1)] == [True, True, False, False]


def test_a_relay_may_fold_and_pad() -> None:
    ours = signed(written("policy news"))
    padded = ours.replace(b"Subject: policy news", b"SUBJECT:   policy\r\n\t news  ").replace(b"=\r\n", b"= \t\r\n")
    assert padded != ours
    assert [good(padded, 0), good(padded + b"\r\n\r\n", 1)] == [True, True]


def test_without_keys_nothing_is_added() -> None:
    raw = written()
    assert signed(raw, ()) is raw


def test_a_key_shows_nothing_of_itself() -> None:
    assert "RSAPrivateKey" not in repr(keys()[0])
    assert [key.algorithm for key in keys()] == ["rsa-sha256", "ed25519-sha256"]


def wrong_keys() -> dict[str, bytes]:
    """Files that operators give by mistake."""
    private = ed25519.Ed25519PrivateKey.generate()
    public = private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return {
        "empty": b"",
        "no pem": b"\x00\xff" * 50,
        "public": public,
        "with a password": pem(private, password=b"secret"),
        "elliptic": pem(ec.generate_private_key(ec.SECP256R1())),
        "cut": pem(private)[:60],
    }


@pytest.mark.parametrize("kind", list(wrong_keys()))
def test_a_file_that_holds_no_such_key_is_refused(kind: str) -> None:
    with pytest.raises(ChannelError) as caught:
        read_key("s", wrong_keys()[kind])
    assert caught.value.code == "bad_key"


def test_an_rsa_key_is_neither_too_small_nor_too_large_for_verifiers(monkeypatch: pytest.MonkeyPatch) -> None:
    file = pem(rsa.generate_private_key(65537, 1024))
    assert read_key("s", file).algorithm == "rsa-sha256"
    for bits in (range(1025, 4097), range(512, 1024)):
        monkeypatch.setattr("channels.dkim.BITS", bits)
        with pytest.raises(ChannelError, match="bits"):
            read_key("s", file)


@pytest.mark.parametrize("selector", ["", "a b", "a;b", "-a", "a.", "长", "a" * 64, "a\r\n"])
def test_a_selector_is_a_name_in_dns(selector: str) -> None:
    with pytest.raises(ChannelError, match="selector"):
        read_key(selector, pem(ed25519.Ed25519PrivateKey.generate()))


def heard_by_node(mails: Sequence[bytes], folder: Path) -> list[dict[str, str]]:
    """mailauth's word on every signature of these mails."""
    for number, raw in enumerate(mails):
        (folder / f"{number}.eml").write_bytes(raw)
    (folder / "zone.json").write_text(json.dumps(zone()), encoding="utf-8")
    node = shutil.which("node")
    assert node is not None
    command = [node, str(NODE / "mailauth.mjs"), str(folder)]
    said = subprocess.run(command, check=True, capture_output=True, timeout=120)
    found: list[dict[str, str]] = json.loads(said.stdout)
    return found


@pytest.mark.node
def test_mailauth_agrees(tmp_path: Path) -> None:
    subjects = ("通知", "x" * 200, "长" * 80, "a =?utf-8?q?b?=", "👍 &<>")
    mails = [signed(written(subject)) for subject in subjects]
    broken = [mails[0].replace(b"abc>", b"abd>"), mails[0].replace(b"--\r\n", b"--\r\nmore")]
    said = heard_by_node([*mails, *broken], tmp_path)
    assert [row["result"] for row in said] == ["pass"] * 2 * len(mails) + ["fail"] * 2 + [
        "neutral"
    ] * 2  # neutral: the body's hash
    assert {(row["algorithm"], row["domain"]) for row in said} == {
        ("rsa-sha256", DOMAIN),
        ("ed25519-sha256", DOMAIN),
    }
    assert all("list-unsubscribe" in row["covered"].lower() for row in said)
