"""Frames made from plain dictionaries, and a day to stand on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from profiles.building import build_frame
from profiles.columns import Frame
from profiles.errors import ProfilesError

TODAY = date(2026, 6, 24)


BESIDE = ("interests", "dependants", "qualifications", "objectives", "benefits")


def frame_of(people: Sequence[dict[str, Any]]) -> Frame:
    """A frame of these people; the lists, "dependants" and "qualifications" beside the facts (`revenue@2025` too)."""
    names = sorted({name for one in people for name in one}.difference(BESIDE))
    return build_frame(
        list(range(1, len(people) + 1)),
        {name: [one.get(name) for one in people] for name in names},
        interests=[one.get("interests", ()) for one in people],
        dependants=[one.get("dependants", ()) for one in people],
        lists={name: [one.get(name) for one in people] for name in ("objectives", "benefits")},
        qualifications=[one.get("qualifications", ()) for one in people],
    )


def credit_code(first8: str, body: str) -> str:
    """A valid credit code from its first eight characters and the organisation's eight."""
    from profiles.standards.identifiers import check_letter, inner_check_letter

    first17 = first8 + body + inner_check_letter(body)
    return first17 + check_letter(first17)


def refusal(call: Callable[..., object], *arguments: object) -> ProfilesError | None:
    """The error the call answers with, None where it answers; anything but a ProfilesError goes through."""
    try:
        call(*arguments)
    except ProfilesError as exc:
        return exc
    return None
