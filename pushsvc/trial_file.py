"""The file of a trial: who may be written to, one a line; an address, or `ref:` and a profile's reference."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from profiles.address import AddressError, parse_address

CHANNELS = ("sms", "email")
MOST = 10_000  # lines: a longer list is no trial


class TrialFileError(ValueError):
    """The file cannot be used; the sentence names the line, and repeats nothing of it."""


@dataclass(frozen=True)
class Listed:
    """Whom a trial may reach: references of profiles, and addresses as (channel, value)."""

    refs: tuple[str, ...] = ()
    addresses: tuple[tuple[str, str], ...] = ()


def read_trial(path: str) -> Listed:
    """The list; empty lines and those that begin with # say nothing. One bad line refuses the file whole: with a
    slip in it, nobody knows who is left out. Raises TrialFileError."""
    try:
        lines = Path(path).read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as exc:
        raise TrialFileError(f"{path} cannot be read as UTF-8 text.") from exc
    said = [(number, line.strip()) for number, line in enumerate(lines, 1) if line.strip() and line.strip()[0] != "#"]
    if len(said) > MOST:
        raise TrialFileError(f"{path} lists {len(said):,} recipients, {MOST:,} at most are a trial.")
    refs = [line.removeprefix("ref:").strip() for _, line in said if line.startswith("ref:")]
    found = [_address(path, number, line) for number, line in said if not line.startswith("ref:")]
    return Listed(tuple(refs), tuple(found))


def _address(path: str, number: int, line: str) -> tuple[str, str]:
    channel = "email" if "@" in line or "＠" in line else "sms"
    try:
        return channel, parse_address(channel, line).value
    except AddressError as exc:
        raise TrialFileError(f"{path}, line {number}: {exc.sentence}") from exc
