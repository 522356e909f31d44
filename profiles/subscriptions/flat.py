"""Nested frozen values of plain arrays <-> one flat dict by dotted names, as .npy files are kept and mapped."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any, TypeVar, get_type_hints

import numpy as np
from numpy.typing import NDArray

from profiles.snapshot.manifest import SnapshotError

Arrays = Mapping[str, NDArray[Any]]
T = TypeVar("T")


def flattened(value: object, prefix: str = "") -> dict[str, NDArray[Any]]:
    """The arrays of a dataclass whose fields are arrays or such dataclasses: {"themes.codes": …}."""
    found: dict[str, NDArray[Any]] = {}
    for field in fields(value):  # type: ignore[arg-type]  # a dataclass, by what this is for
        part = getattr(value, field.name)
        found |= flattened(part, f"{prefix}{field.name}.") if is_dataclass(part) else {prefix + field.name: part}
    return found


def restored(kind: type[T], arrays: Arrays, prefix: str = "") -> T:
    """The dataclass again, around the very same arrays. Raises SnapshotError "missing_array" with its name."""
    found: dict[str, object] = {}
    for name, hint in get_type_hints(kind).items():
        if is_dataclass(hint) and isinstance(hint, type):
            found[name] = restored(hint, arrays, f"{prefix}{name}.")
        elif (array := arrays.get(prefix + name)) is None:
            raise SnapshotError("missing_array", prefix + name, f"The array {prefix + name} is missing.")
        else:
            # Asked thousands of times for a few items each: a plain view of the same memory is quicker than a memmap.
            found[name] = np.asarray(array)
    return kind(**found)
