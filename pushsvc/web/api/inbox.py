"""A person's inbox over the API: a government app shows it, and says what was read there and put away."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Response, jsonify, request

from pushsvc.pipeline import own_letters
from pushsvc.store import inbox
from pushsvc.store.inbox import VIEWS
from pushsvc.store.session import transaction
from pushsvc.web.access import api_key
from pushsvc.web.api.bodies import whole_number
from pushsvc.web.api.people import person_behind
from pushsvc.web.current import context
from pushsvc.web.errors import ApiError
from pushsvc.web.letters import MOST, letter_json, not_modified, tagged

blueprint = Blueprint("inbox", __name__)
_SIZE = 30


@blueprint.get("/people/<ref>/inbox")
@api_key("inbox")
def show(ref: str) -> Response:
    """The newest letters of a `view` (inbox, unread, archived), `limit` of them older than `before`, with the figures.

    304 while the inbox is as the ETag of the caller says.
    """
    view = request.args.get("view", "inbox")
    if view not in VIEWS:
        raise ApiError(400, "unknown_view", place="view", sentence=f"view is one of {', '.join(VIEWS)}.")
    size = min(max(1, whole_number("limit", _SIZE)), MOST)
    before = whole_number("before", 0, digits=18) or None
    with transaction(context().engine) as connection:
        who = person_behind(connection, ref)
        counts = inbox.counts(connection, who)
        if not_modified(counts):
            return tagged(Response(status=304), counts)
        found = inbox.letters(connection, who, view=view, before=before, limit=size + 1)
    told = {"unread": counts.unread, "archived": counts.archived, "older": found[size - 1].id if found[size:] else None}
    return tagged(jsonify(**told, letters=[letter_json(one) for one in found[:size]]), counts)


@blueprint.post("/people/<ref>/inbox/read")
@api_key("inbox")
def read_all(ref: str) -> Response:
    """All letters that are not put away are read from now on."""
    who = _who(ref)
    own_letters.read_all(context(), who)
    return _figures(who)


@blueprint.post("/people/<ref>/inbox/<id:letter_id>/<action>")
@api_key("inbox")
def act(ref: str, letter_id: int, action: str) -> Response:
    """One of the person's own letters: `read`, `archive`, `unarchive`. Again changes nothing."""
    verb, who = _ACTIONS.get(action), _who(ref)
    if verb is None:
        raise ApiError(404, "unknown_action", place="action", sentence=f"There are {', '.join(_ACTIONS)}.")
    if not verb(who, letter_id):
        raise ApiError(404, "unknown_letter", place="id", sentence="This person has no letter of this number.")
    return _figures(who)


_ACTIONS: dict[str, Callable[[int, int], bool]] = {
    "read": lambda who, letter: own_letters.read_letter(context(), who, letter),
    "archive": lambda who, letter: own_letters.put_away(context(), who, letter, away=True),
    "unarchive": lambda who, letter: own_letters.put_away(context(), who, letter, away=False),
}


def _who(ref: str) -> int:
    with transaction(context().engine) as connection:
        return person_behind(connection, ref)


def _figures(who: int) -> Response:
    with transaction(context().engine) as connection:
        counts = inbox.counts(connection, who)
    return jsonify(unread=counts.unread, archived=counts.archived)
