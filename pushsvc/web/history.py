"""Message history: all that was sent to the reader, and what was not, each with why; as a page and as a table."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence

from flask import Blueprint, Response, abort, render_template, request
from flask.typing import ResponseReturnValue

from pushsvc.pipeline.offline import safe_cell
from pushsvc.store import access as accounts
from pushsvc.store import messages
from pushsvc.store.messages import Message, Wanted
from pushsvc.store.session import Connection, transaction
from pushsvc.store.subscriptions import Wish, subscriptions_of
from pushsvc.web.access import acting, current_person, resident
from pushsvc.web.current import context
from pushsvc.web.history_words import GROUPS, Line, line
from pushsvc.web.i18n import t
from pushsvc.web.labels import CHANNELS

blueprint = Blueprint("history", __name__)

SIZE = 30
MOST = 10_000  # rows of a table
_PIECE = 1_000


@blueprint.get("/m/history")
@acting("read")
def show() -> ResponseReturnValue:
    """The reader's own messages by every channel, newest first."""
    wanted = _wanted()
    told = request.args.get("after", "")
    after = messages.place_of(told) if told else None
    if told and after is None:
        abort(404)
    with transaction(context().engine) as connection:
        found = messages.messages(connection, current_person().id, wanted, after=after, limit=SIZE + 1)
        lines = _lines(connection, found[:SIZE], wanted.about)
    older = found[SIZE - 1].place.text() if len(found) > SIZE else None
    page: dict[str, object] = {"group": wanted.group, "channel": wanted.channel, "first": after is None}
    page |= {"groups": GROUPS, "channels": CHANNELS}
    return render_template("m/history.html", lines=lines, older=older, **page)


@blueprint.get("/m/history.csv")
@resident
def table() -> Response:
    """The same as a table for a spreadsheet, up to MOST rows."""
    text = io.StringIO()
    text.write("\ufeff")  # the mark tells spreadsheets that it is Chinese
    out = csv.writer(text)
    out.writerow([t("时间"), t("标题"), t("为什么"), t("渠道"), t("联系方式"), t("状态"), t("说明")])
    with transaction(context().engine) as connection:
        for one in _all(connection, _wanted()):
            title = "；".join([one.title, *one.parts]) if one.parts else one.title
            cells = [one.at.isoformat(), title, one.why, one.channel, one.mask, one.state, one.detail]
            out.writerow([safe_cell(cell) for cell in cells])
    response = Response(text.getvalue(), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="my-messages.csv"'
    return response


def _all(connection: Connection, wanted: Wanted) -> Iterator[Line]:
    after, left = None, MOST
    while left > 0:
        size = min(_PIECE, left)
        found = messages.messages(connection, current_person().id, wanted, after=after, limit=size)
        yield from _lines(connection, found, wanted.about)
        if len(found) < size:
            return
        after, left = found[-1].place, left - size


def _lines(connection: Connection, found: Sequence[Message], about: int | None) -> list[Line]:
    digests = [row.delivery_id for row in found if row.delivery_id is not None and row.policy_id is None]
    held = messages.items(connection, digests, about)
    asked, who = {row.profile_id for row in found if row.door == "subscribed"}, current_person().id
    wishes: dict[int, Wish] = {}
    # What a firm wishes now is none of the business of somebody who left it.
    for profile_id in asked & {who, *(firm.profile_id for firm in accounts.firms(connection, who))}:
        wishes |= {one.id: one.wish for one in subscriptions_of(connection, profile_id)}
    return [line(row, held.get(row.delivery_id or 0, ()), wishes) for row in found]


def _wanted() -> Wanted:
    """What the address asks for; a leave covers nothing that the one acted for heard as a member of a firm."""
    who = current_person()
    about = None if who.by is None else who.id
    return Wanted(_asked("state", GROUPS), _asked("channel", CHANNELS), about)


def _asked(name: str, known: dict[str, str]) -> str | None:
    """One of what is known; None for all; anything else is not there."""
    wanted = request.args.get(name) or None
    if wanted is not None and wanted not in known:
        abort(404)
    return wanted
