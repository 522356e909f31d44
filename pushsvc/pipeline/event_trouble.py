"""Events whose answer goes wrong: tried again after growing pauses, then left to people, who see why."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from pushsvc.context import Context
from pushsvc.pipeline.errors import PipelineError
from pushsvc.pipeline.four_eyes import is_name
from pushsvc.pipeline.policy_gate import clean
from pushsvc.store import event_answers as store
from pushsvc.store.audit import record
from pushsvc.store.session import transaction

FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=6)
GROWS = 4.0
MOST_TRIES = 10  # thirty hours in all: what breaks in the evening may be mended the next day
SENTENCE = 300  # characters kept of an error


class EventError(PipelineError):
    """An event cannot be tried again; `code` says why."""


def pause(tries: int) -> timedelta | None:
    """How long to wait after so many tries that went wrong; None for no longer: from now on people decide."""
    if tries >= MOST_TRIES:
        return None
    return min(FIRST_PAUSE * GROWS ** (max(tries, 1) - 1), LONGEST_PAUSE)


def said(exc: Exception) -> tuple[str, str]:
    """What an error says: its code and sentence, or its kind and first line where nobody foresaw it (the other lines
    of a database's error hold values)."""
    sentence = getattr(exc, "sentence", None)
    if isinstance(sentence, str):
        return str(getattr(exc, "code", "")) or "failed", _short(sentence)
    line = (str(exc).strip().splitlines() or [""])[0]
    kind = type(exc).__name__
    return "unforeseen", _short(f"Nobody foresaw this ({kind}{': ' if line else ''}{line}); the log says more.")


def note(ctx: Context, event_id: int, exc: Exception) -> None:
    """Its answer went wrong: the others go first, and it waits for its next try, if it gets one."""
    with transaction(ctx.engine) as conn:
        before = store.tries_of(conn, event_id)
        if before is None:  # another pass answered it meanwhile
            return
        wait = pause(before + 1)
        again_at = None if wait is None else ctx.clock() + wait
        store.set_failure(conn, event_id, before + 1, again_at, said(exc))


def start_anew(ctx: Context, event_id: int, *, by: str) -> None:
    """Give an event all its tries anew, and write down who did. Raises EventError: no_name, unknown_event, answered."""
    if not is_name(by):
        raise EventError("no_name", "Who tries an event again needs a name.")
    with transaction(ctx.engine) as conn:
        tries = store.tries_of(conn, event_id)
        if tries is None and store.exists(conn, event_id):
            raise EventError("answered", f"Event {event_id} was answered: there is nothing to try again.")
        if tries is None:
            raise EventError("unknown_event", f"There is no event {event_id}.")
        store.start_anew(conn, event_id)
        object_ = f"event:{event_id}"
        record(conn, at=ctx.clock(), actor=by.strip(), action="event.retry", object=object_, detail={"tries": tries})


def troubled(ctx: Context, limit: int = 100) -> list[dict[str, Any]]:
    """Events whose answer went wrong, those given up first, each with its error and when it is tried again."""
    with transaction(ctx.engine) as conn:
        return store.troubled(conn, limit)


def _short(text: str) -> str:
    text = str(clean(" ".join(text.split())))
    return text if len(text) <= SENTENCE else f"{text[: SENTENCE - 1]}…"
