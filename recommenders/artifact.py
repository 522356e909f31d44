"""A model as bytes: an .npz archive without pickle, its vocabularies and card as JSON, and a checksum over it all."""

import hashlib
import io
import json
import struct
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import asdict, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommenders.content import Space
from recommenders.errors import ArtifactError, FeatureError
from recommenders.matrix import Csr
from recommenders.model import Model, Past, Side
from recommenders.recipe import Blend, Recipe
from recommenders.vocabulary import Vocabulary

__all__ = ["Model", "checksum", "dump", "load", "with_card"]

FORMAT = 2
SIDES = ("audience", "feed")
Arrays = dict[str, NDArray[Any]]
# A flipped bit may also say "encrypted" or "patched": a RuntimeError of the archive reader.
_ARCHIVE = (zipfile.BadZipFile, zlib.error, struct.error, RuntimeError)
_UNREADABLE = (*_ARCHIVE, ValueError, OSError, EOFError, LookupError, AttributeError, MemoryError, OverflowError)
_UNFIT = (KeyError, TypeError, ValueError, IndexError, RecursionError, FeatureError)


def checksum(data: bytes) -> str:
    """SHA-256 of the stored bytes, in hex: what a database keeps beside them."""
    return hashlib.sha256(data).hexdigest()


def with_card(model: Model, more: Mapping[str, object]) -> Model:
    """The same model with these entries added to its card, e.g. how well it did and when it was made."""
    return replace(model, card={**model.card, **more})


def dump(model: Model) -> bytes:
    """The model as an .npz archive. Equal models give equal bytes."""
    rows = model.past.rows.sorted_indices()
    arrays: Arrays = {
        "format": np.array(FORMAT),
        "policy_vocab": _packed(list(model.policy_vocab.levels)),
        "policy_weight": model.policies.weight,
        "profile_vocab": _packed(list(model.profile_vocab.levels)),
        "past_ids": model.past.ids,
        "past_data": rows.data.astype(np.float32),
        "past_indices": rows.indices.astype(np.int32),
        "past_indptr": rows.indptr.astype(np.int64),
        "recipe": _packed(asdict(model.recipe)),
        "own_ids": model.own_ids,
        "own_weight": np.array(model.own_weight),
        "card": _packed(dict(model.card)),
    }
    for name in SIDES:
        side = getattr(model, name)
        arrays |= {f"{name}.{one.name}": getattr(side, one.name) for one in fields(Side)}
    arrays["digest"] = np.frombuffer(_digest(arrays), dtype=np.uint8)
    target = io.BytesIO()
    np.savez(target, **arrays)  # type: ignore[arg-type]  # numpy's own keyword stands among the arrays' names
    return target.getvalue()


def load(data: bytes) -> Model:
    """The model in these bytes.

    Raises ArtifactError: `damaged` (unreadable, or its checksum differs), `wrong_format`, `not_finite`, `bad_recipe`,
    `vocabulary_mismatch` (sizes disagree with the vocabularies), `not_rising`.
    """
    arrays = _read(data)
    told = arrays.pop("digest", np.zeros(0, dtype=np.uint8))
    if told.tobytes() != _digest(arrays):
        raise ArtifactError("damaged", "The stored model is damaged: its checksum is not that of its content.")
    if "format" not in arrays or arrays["format"].tolist() != FORMAT:
        raise ArtifactError("wrong_format", f"This is not a model of format {FORMAT}: train one anew.")
    try:
        return _model(arrays)
    except _UNFIT as exc:
        raise ArtifactError("damaged", "The stored model lacks a part, or one of its parts cannot be read.") from exc


def _model(arrays: Arrays) -> Model:
    space = Space(Vocabulary(tuple(_unpacked(arrays["policy_vocab"]))), arrays["policy_weight"].astype(np.float32))
    recipe = _unpacked(arrays["recipe"])
    audience, feed = (_side(arrays, name) for name in SIDES)
    return Model(
        policies=space,
        profile_vocab=Vocabulary(tuple(_unpacked(arrays["profile_vocab"]))),
        audience=audience,
        feed=feed,
        past=Past(arrays["past_ids"].astype(np.int64), _past_rows(arrays, len(space.vocabulary))),
        recipe=Recipe(Blend(**recipe["audience"]), Blend(**recipe["feed"])),
        own_ids=arrays["own_ids"].astype(np.int64),
        own_weight=float(arrays["own_weight"].tolist()),
        card=dict(_unpacked(arrays["card"])),
    )


def _side(arrays: Arrays, name: str) -> Side:
    return Side(**{one.name: arrays[f"{name}.{one.name}"].astype(np.float32) for one in fields(Side)})


def _past_rows(arrays: Arrays, width: int) -> Csr:
    from scipy.sparse import csr_matrix

    parts = (arrays["past_data"].astype(np.float32), arrays["past_indices"], arrays["past_indptr"])
    rows: Csr = csr_matrix(parts, shape=(len(arrays["past_ids"]), width))
    rows.check_format(full_check=True)  # else a wrong index reads beyond the arrays, and takes the process along
    return rows


def _read(data: bytes) -> Arrays:
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as archive:
            return {name: archive[name] for name in archive.files}
    except _UNREADABLE as exc:
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
