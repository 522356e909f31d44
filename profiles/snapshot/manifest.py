"""The manifest of a snapshot's folder: what it is, and every file with its size, type and checksum."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from profiles.errors import ProfilesError
from profiles.facts import KINDS, Fact
from profiles.snapshot.vocabulary import differing, fingerprint

FORMAT = 1
NAME = "manifest.json"
VERSIONS = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")  # no path, and no folder that is still being written
EXTRAS = re.compile(r"[A-Za-z0-9_.@-]+")
_FILES = re.compile(rf"(levels|extra|segment-[0-9]{{1,6}}-({'|'.join(KINDS)}))/[A-Za-z0-9_.@-]+\.npy")


def is_file_name(name: str) -> bool:
    """Whether a snapshot may have a file of this name: it leads nowhere out of the folder."""
    return name == NAME or _FILES.fullmatch(name) is not None


class SnapshotError(ProfilesError):
    """A snapshot that cannot be used: no_snapshot, damaged, cut_short, missing_shard, vocabulary_skew, version_skew,
    wrong_format; or not be written: bad_name, exists. `place` is the version, or a file of it.
    """


@dataclass(frozen=True)
class Entry:
    """One file: its bytes, their checksum, and the array in it."""

    size: int
    sha256: str
    dtype: str
    shape: tuple[int, ...]


@dataclass(frozen=True)
class Edition:
    """What a snapshot is of. `on`: the day of its stages. `watermark`: the first transaction that is not in it."""

    version: str
    on: date
    shards: int = 1
    watermark: int = 0


@dataclass(frozen=True)
class Manifest:
    """`facts`: what each was when the snapshot was made. `levels`: kind by name. `segments`: shard and kind of each."""

    edition: Edition
    profiles: int
    vocabulary: str
    facts: Mapping[str, str]
    levels: Mapping[str, str]
    segments: tuple[tuple[int, str], ...]
    files: Mapping[str, Entry]


def manifest_bytes(manifest: Manifest) -> bytes:
    """The manifest as JSON, with a digest over the rest of it."""
    told = asdict(manifest)
    told["edition"]["on"] = manifest.edition.on.isoformat()
    return signed({**told, "format": FORMAT})


def signed(told: Mapping[str, Any]) -> bytes:
    """What a manifest tells, as JSON with a digest over it."""
    digest = hashlib.sha256(json.dumps(told, ensure_ascii=False, sort_keys=True).encode()).hexdigest()
    return json.dumps({**told, "digest": digest}, ensure_ascii=False, indent=1).encode()


def read_manifest(folder: Path, facts: Mapping[str, Fact]) -> Manifest:
    """The manifest of a folder, for a program that knows these facts.

    Raises SnapshotError: no_snapshot, cut_short (no manifest), damaged, wrong_format, version_skew, vocabulary_skew.
    """
    version = folder.name
    if not folder.is_dir() or not VERSIONS.fullmatch(version):
        raise SnapshotError("no_snapshot", version, "There is no such snapshot.")
    told = _read(folder / NAME, version)
    if told.get("format") != FORMAT:
        raise SnapshotError("wrong_format", version, f"The snapshot is not of format {FORMAT}.")
    try:
        manifest = _manifest(told)
    except (KeyError, TypeError, ValueError, AttributeError) as exc:
        raise SnapshotError("damaged", version, f"The manifest lacks something: {exc!r}.") from exc
    if manifest.edition.version != version:
        sentence = f"The folder holds another version, {manifest.edition.version}."
        raise SnapshotError("version_skew", version, sentence)
    if manifest.vocabulary != fingerprint(facts):
        named = ", ".join(differing(manifest.facts, facts))
        raise SnapshotError("vocabulary_skew", version, f"The snapshot was made by other facts; these differ: {named}.")
    return manifest


def _read(path: Path, version: str) -> dict[str, Any]:
    try:
        data = path.read_bytes()
        told = json.loads(data)
    except FileNotFoundError as exc:
        raise SnapshotError("cut_short", version, "The snapshot has no manifest.") from exc
    except (OSError, ValueError, RecursionError) as exc:
        raise SnapshotError("damaged", version, "The manifest cannot be read.") from exc
    if not isinstance(told, dict) or not told.pop("digest", None) or signed(told) != data:
        raise SnapshotError("damaged", version, "The manifest is damaged: its digest is not that of its content.")
    return told


def _manifest(told: Mapping[str, Any]) -> Manifest:
    files = {name: Entry(**{**entry, "shape": tuple(entry["shape"])}) for name, entry in told["files"].items()}
    strangers = [name for name in files if not is_file_name(name)]
    if strangers:
        raise ValueError(f"no file of a snapshot is named {strangers[0]}")
    edition = Edition(**{**told["edition"], "on": date.fromisoformat(told["edition"]["on"])})
    segments = tuple((int(shard), str(kind)) for shard, kind in told["segments"])
    return Manifest(edition, told["profiles"], told["vocabulary"], told["facts"], told["levels"], segments, files)
