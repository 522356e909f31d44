"""Ciphertext at rest and keyed hashes: AES-256-GCM (NIST SP 800-38D) and HMAC-SHA256."""

from __future__ import annotations

import hashlib
import hmac
import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from numpy.typing import NDArray

CHANNELS = ("app", "sms", "email")
_NONCE = 12


class KeyringError(ValueError):
    """A ciphertext fits none of our keys, or was moved from the place it belongs to."""


@dataclass(frozen=True)
class Keyring:
    """`data_keys`: 32 bytes each, newest first; `secret`: any length, for lookups and wire keys."""

    data_keys: tuple[bytes, ...]
    secret: bytes

    def encrypt(self, plain: str, place: str) -> bytes:
        """Ciphertext bound to `place` (e.g. "address:sms"): it does not decrypt anywhere else."""
        return self.encrypt_all([plain], place)[0]

    def encrypt_all(self, plain: Sequence[str], place: str) -> list[bytes]:
        """`encrypt` for many values of one place."""
        box, about = AESGCM(self.data_keys[0]), place.encode()
        nonces = os.urandom(_NONCE * len(plain))
        made = []
        for start, text in zip(range(0, len(nonces), _NONCE), plain, strict=True):
            nonce = nonces[start : start + _NONCE]
            made.append(nonce + box.encrypt(nonce, text.encode(), about))
        return made

    def decrypt(self, cipher: bytes, place: str) -> str:
        """The plain text. Raises KeyringError."""
        return self.decrypt_all([cipher], place)[0]

    def decrypt_all(self, ciphers: Sequence[bytes], place: str) -> list[str]:
        """Many at once; older keys are tried where the newest does not fit."""
        boxes = [AESGCM(key) for key in self.data_keys]
        return [_open(boxes, bytes(cipher), place.encode()) for cipher in ciphers]

    def lookup(self, channel: str, value: str) -> bytes:
        """32 bytes by which an address is found again without storing it plain."""
        return self.lookups(channel, [value])[0]

    def lookups(self, channel: str, values: Sequence[str]) -> list[bytes]:
        """`lookup` for many values of one channel."""
        begun = hmac.new(hmac.digest(self.secret, b"lookup", hashlib.sha256), digestmod="sha256")
        begun.update(f"{channel}\0".encode())
        made = []
        for value in values:
            one = begun.copy()
            one.update(value.encode())
            made.append(one.digest())
        return made

    def wire_key(self, run_id: int, recipient_id: int, channel: str, step: int) -> str:
        """The opaque key of one message, 32 hex digits: the same for every attempt, meaningless outside."""
        key = self.wire_keys(run_id, np.array([recipient_id]), np.array([CHANNELS.index(channel)]), step)[0]
        return bytes(key).decode()

    def wire_keys(
        self,
        run_id: int | NDArray[np.uint64],
        recipient_ids: NDArray[np.int64],
        channels: NDArray[Any],
        step: int | NDArray[np.uint64],
    ) -> NDArray[np.bytes_]:
        """`wire_key` of n messages of one run and step, or one of each, as ASCII; `channels` are indices into CHANNELS.

        AES-256 of one block that holds the four numbers: a keyed permutation, so two messages never share a key
        (NIST SP 800-38A, 6.1: each block is another, which is where ECB is sound), and one call does for all.
        """
        blocks = np.zeros((len(recipient_ids), 2), dtype=">u8")
        blocks[:, 0] = recipient_ids
        blocks[:, 1] = (run_id << 16) | (channels.astype(np.uint64) << np.uint64(8)) | np.asarray(step, np.uint64)
        box = Cipher(algorithms.AES256(hmac.digest(self.secret, b"wire", hashlib.sha256)), modes.ECB()).encryptor()
        digits = (box.update(blocks.tobytes()) + box.finalize()).hex().encode()
        return np.frombuffer(digits, dtype="S32")


def _open(boxes: Sequence[AESGCM], cipher: bytes, place: bytes) -> str:
    for box in boxes:
        try:
            return box.decrypt(cipher[:_NONCE], cipher[_NONCE:], place).decode()
        except InvalidTag:
            continue
    raise KeyringError("A ciphertext fits none of the data keys.")
