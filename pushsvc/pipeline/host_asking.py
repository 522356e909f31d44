"""One question to a host app or a provider: over TLS, answered at once or not at all, never somewhere else."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from pushsvc.pipeline.errors import PipelineError

SECONDS = 5.0  # somebody is waiting for the page
LARGEST = 256 * 1024  # bytes of an answer


class HostError(PipelineError):
    """Nobody vouches: `code` is away (no usable answer) or refused (the answer is no)."""


def ask_json(method: str, url: str, *, body: bytes = b"", headers: Mapping[str, str] | None = None) -> dict[str, Any]:
    """The JSON object that is answered. Raises HostError: refused for 400, 401, 403, 404, 409 and 410; else away."""
    import httpx

    sent = {"Accept": "application/json", "Accept-Encoding": "identity", **(headers or {})}
    content = bytearray()
    try:
        with (
            httpx.Client(timeout=SECONDS, trust_env=False, follow_redirects=False) as client,
            client.stream(method, url, content=body, headers=sent) as answer,
        ):
            for part in answer.iter_raw():
                content += part
                if len(content) > LARGEST:
                    raise HostError("away", "The answer is too large.")
    except (httpx.HTTPError, httpx.InvalidURL) as exc:
        raise HostError("away", f"No answer: {type(exc).__name__}.") from exc
    if answer.status_code in (400, 401, 403, 404, 409, 410):
        raise HostError("refused", f"It was refused with {answer.status_code}.")
    if answer.status_code != 200:
        raise HostError("away", f"The answer was {answer.status_code}.")
    try:
        found = json.loads(bytes(content))
    except (ValueError, RecursionError) as exc:
        raise HostError("away", "The answer is no JSON.") from exc
    if not isinstance(found, dict):
        raise HostError("away", "The answer is no object.")
    return found


def text_of(found: Mapping[str, Any], name: str, *, longest: int = 200) -> str:
    """A text of the answer, "" where there is none. Raises HostError for anything else."""
    value = found.get(name)
    if value is None:
        return ""
    if not isinstance(value, str) or len(value) > longest or "\0" in value:
        raise HostError("away", f"{name} is no text that could be one.")
    return value.strip()
