"""A model as bytes: an .npz archive without pickle, its vocabularies and card as JSON, and a checksum over it all."""

import hashlib
import io
import json
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommenders.content import Space
from recommenders.errors import ArtifactError
from recommenders.model import Model
from recommenders.vocabulary import Vocabulary

__all__ = ["Model", "checksum", "dump", "load", "with_card"]

FORMAT = 1
Arrays = dict[str, NDArray[Any]]


def checksum(data: bytes) -> str:
    """SHA-256 of the stored bytes, in hex: what a database keeps beside them."""
    return hashlib.sha256(data).hexdigest()


def with_card(model: Model, more: Mapping[str, object]) -> Model:
    """The same model with these entries added to its card, e.g. how well it did and when it was made."""
    return replace(model, card={**model.card, **more})


def dump(model: Model) -> bytes:
    """The model as an .npz archive. Equal models give equal bytes."""
    arrays: Arrays = {
        "format": np.array(FORMAT),
        "policy_vocab": _packed(list(model.policy_vocab.levels)),
        "policy_weight": model.policies.weight,
        "profile_vocab": _packed(list(model.profile_vocab.levels)),
        "E_policy": model.E_policy,
        "E_profile": model.E_profile,
        "b_profile": model.b_profile,
        "own_ids": model.own_ids,
        "own_vectors": model.own_vectors,
        "own_bias": model.own_bias,
        "own_weight": np.array(model.own_weight),
        "card": _packed(dict(model.card)),
    }
    arrays["digest"] = np.frombuffer(_digest(arrays), dtype=np.uint8)
    target = io.BytesIO()
    np.savez(target, **arrays)  # type: ignore[arg-type]  # numpy's own keyword stands among the arrays' names
    return target.getvalue()


def load(data: bytes) -> Model:
    """The model in these bytes.

    Raises ArtifactError: `damaged` (unreadable, or its checksum differs), `wrong_format`, `not_finite`,
    `vocabulary_mismatch` (sizes disagree with the vocabularies).
    """
    arrays = _read(data)
    told = arrays.pop("digest", np.zeros(0, dtype=np.uint8))
    if told.tobytes() != _digest(arrays):
        raise ArtifactError("damaged", "The stored model is damaged: its checksum is not that of its content.")
    if "format" not in arrays or arrays["format"].tolist() != FORMAT:
        raise ArtifactError("wrong_format", f"This is not a model of format {FORMAT}.")
    return _model(arrays)


def _model(arrays: Arrays) -> Model:
    return Model(
        policies=Space(
            Vocabulary(tuple(_unpacked(arrays["policy_vocab"]))), arrays["policy_weight"].astype(np.float32)
        ),
        profile_vocab=Vocabulary(tuple(_unpacked(arrays["profile_vocab"]))),
        E_policy=arrays["E_policy"].astype(np.float32),
        E_profile=arrays["E_profile"].astype(np.float32),
        b_profile=arrays["b_profile"].astype(np.float32),
        own_ids=arrays["own_ids"].astype(np.int64),
        own_vectors=arrays["own_vectors"].astype(np.float32),
        own_bias=arrays["own_bias"].astype(np.float32),
        own_weight=float(arrays["own_weight"].tolist()),
        card=_unpacked(arrays["card"]),
    )


def _read(data: bytes) -> Arrays:
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as archive:
            return {name: archive[name] for name in archive.files}
    except (zipfile.BadZipFile, ValueError, OSError, EOFError, KeyError, AttributeError, zlib.error) as exc:
        raise ArtifactError("damaged", "The stored model is damaged: it cannot be read as an archive.") from exc


def _digest(arrays: Arrays) -> bytes:
    digest = hashlib.sha256()
    for name in sorted(arrays):
        values = np.ascontiguousarray(arrays[name])
        digest.update(f"{name} {values.dtype.str} {values.shape}\n".encode())
        digest.update(values.tobytes())
    return digest.digest()


def _packed(value: object) -> NDArray[np.uint8]:
    text = json.dumps(value, ensure_ascii=False, sort_keys=True)
    return np.frombuffer(text.encode(), dtype=np.uint8)


def _unpacked(values: NDArray[Any]) -> Any:
    return json.loads(values.tobytes())
