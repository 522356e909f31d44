"""Signing mails: `python -m benchmarks.dkim [--mails N] [--runs R] [--json]`.

ours: `channels.dkim.sign` with an RSA key of 2,048 bits over mails as the service composes them, nine headers covered.
baseline: dkimpy over a sample of the same mails and the same headers. limit: bare signatures by `cryptography` with the
same key, of data that is ready.

In the same run dkimpy verifies a sample of ours: `verified`. `cost` is what a signed mail takes in bare signatures;
`ed25519` is our rate with that kind of key.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dkim as dkimpy
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from tqdm import tqdm

from benchmarks.measuring import Measured, Peak, rate, show, watching_memory
from channels.dkim import SIGNED, Key, record, sign
from channels.mime import Letter, fill
from channels.wire import Mail
from pushsvc.pipeline import wording
from pushsvc.settings import Settings

DOMAIN, SELECTOR = "jianglan.example", "bench"
AT = datetime(2024, 6, 24, 1, 30, tzinfo=UTC)  # behind every clock: a verifier refuses what is to come
SAMPLE = 40  # mails of the baseline, and of ours that are verified
SUMMARY = "凡在本区依法缴纳社会保险满一年、无自有住房并租住商品住房的各类人才，均可按学历和职称申领安居补贴。" * 3
ITEM = {"title": "关于申报2026年度云湾区人才安居补贴（第三批）的通知", "agency": "江澜市云湾区人力资源和社会保障局"}


def main() -> None:
    """Measure, and print one object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mails", type=int, default=2_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    show(measure(asked.mails, asked.runs), as_json=asked.json)


def measure(mails: int, runs: int) -> dict[str, Any]:
    """So many mails signed `runs` times over."""
    found, peak, start = Measured("dkim", mails, "mails/s"), Peak(), time.perf_counter()
    private = generate_private_key(65537, 2048)
    key, small = Key(SELECTOR, private), Key(SELECTOR, Ed25519PrivateKey.generate())
    made = composed(mails)
    sample = made[:SAMPLE]
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
    quick = list[float]()
    for _ in tqdm(range(runs), desc="dkim", unit="run", disable=None, file=sys.stderr):
        with watching_memory(peak):
            found.ours.append(rate(mails, lambda: signed(made, key)))
        found.limit.append(rate(mails, lambda: bare(private, mails)))
        found.baseline.append(rate(len(sample), lambda: theirs(sample, pem)))
        quick.append(rate(mails, lambda: signed(made, small)))
    more = {"verified": verified(signed(sample, key), key), "bytes": sum(map(len, made)) // mails}
    said = found.result(seconds=time.perf_counter() - start, peak_mb=peak.mb)
    return said | more | {"cost": round(1 / said["to_limit"], 2), "ed25519": round(sorted(quick)[len(quick) // 2], 1)}


def composed(mails: int) -> list[Mail]:
    """So many mails about one policy, as the service makes them."""
    settings = Settings(Path("var"), b"benchmark", (bytes(32),))
    item = {**ITEM, "short_title": ITEM["title"], "until": "，6月30日截止", "summary": SUMMARY}
    item |= {"url": "https://policy.jianglan.example/s/abcd2345", "opens": "", "closes": ""}
    told = wording.Words("zh", "subscribed", (item,), ITEM["title"], item["until"], "", {})
    skeleton = wording.render_email(settings, told)
    values = {"check": "ABC123"}
    url = "https://policy.jianglan.example/u/" + "x" * 80
    return [
        fill(skeleton, Letter(f"reader{n}@city.example", f"{n:032x}", AT, f"{url}{n}", values)) for n in range(mails)
    ]


def signed(mails: Sequence[bytes], key: Key) -> list[bytes]:
    """Ours."""
    return [sign(mail, (key,), domain=DOMAIN, at=AT) for mail in mails]


def bare(private: RSAPrivateKey, times: int) -> None:
    """Nothing but the arithmetic."""
    data = b"x" * 1_000
    for _ in range(times):
        private.sign(data, padding.PKCS1v15(), hashes.SHA256())


def theirs(mails: Sequence[bytes], pem: bytes) -> None:
    """dkimpy's."""
    names = [*SIGNED, *SIGNED]  # each once more than it stands there
    for mail in mails:
        dkimpy.sign(
            mail, SELECTOR.encode(), DOMAIN.encode(), pem, canonicalize=(b"relaxed", b"relaxed"), include_headers=names
        )


def verified(mails: Sequence[bytes], key: Key) -> int:
    """How many mails dkimpy finds well signed. Raises ValueError where it does not."""
    zone = {f"{SELECTOR}._domainkey.{DOMAIN}.".encode(): record(key).encode()}
    for mail in mails:
        if not dkimpy.DKIM(mail).verify(dnsfunc=lambda name, timeout=5: zone[name]):
            raise ValueError("A signature of ours does not verify.")
    return len(mails)


if __name__ == "__main__":
    main()
