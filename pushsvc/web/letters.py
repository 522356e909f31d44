"""Letters as JSON tells them, with the ETag of an inbox: for the page that stays open, and for programs."""

from __future__ import annotations

from flask import Response, request

from pushsvc.store.inbox import Counts, Letter

MOST = 100


def letter_json(one: Letter) -> dict[str, object]:
    """One letter; `profile` is whom it is about, as a number."""
    return {
        "id": one.id,
        "title": one.title,
        "text": one.body,
        "at": one.at.isoformat(),
        "read": one.read_at is not None,
        "archived": one.archived_at is not None,
        "policy": one.policy_id,
        "profile": one.profile_id,
    }


def not_modified(counts: Counts) -> bool:
    """Whether the caller has what stands."""
    return request.if_none_match.contains(counts.tag)


def tagged(response: Response, counts: Counts) -> Response:
    """The response under the inbox's tag; no cache that others share may keep it."""
    response.set_etag(counts.tag)
    response.headers["Cache-Control"] = "private, no-cache"
    return response
