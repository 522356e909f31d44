"""A line that says what was done, with a way to undo it, shown on the next page until the next action."""

from __future__ import annotations

from flask import flash


def toast(text: str, *, undo: str | None = None, **hidden: str) -> None:
    """Say `text` (already in the reader's language); `undo` is where a POST with `hidden` takes it back."""
    flash({"text": text, "undo": undo, "hidden": hidden}, "toast")  # type: ignore[arg-type]  # Flask keeps any JSON
