"""Alone: a step of several that belong to nobody else's trouble: it fails by itself, and the others are taken."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TypeVar

log = logging.getLogger(__name__)
T = TypeVar("T")


def alone(what: str, step: Callable[[], T], otherwise: T) -> T:
    """What the step gives; where it fails, that is logged under its name, and `otherwise` stands for it."""
    try:
        return step()
    except Exception:
        log.exception("%s failed; what is beside it goes on", what)
        return otherwise
