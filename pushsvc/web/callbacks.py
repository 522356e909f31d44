"""What providers call back with: receipts, and what people answer to an SMS.

The raw body goes on as it came; the channel that knows its signature, or the secret of its hook, verifies it.
"""

from __future__ import annotations

from typing import cast

from flask import Blueprint, Response, abort, current_app, jsonify, request

from channels.base import Channel, ChannelError
from pushsvc.context import Context
from pushsvc.pipeline import receipt
from pushsvc.pipeline.outside import open_hooks
from pushsvc.pipeline.pushers import PusherHook
from pushsvc.pipeline.replies import hear
from pushsvc.web.access import public
from pushsvc.web.csrf import csrf_exempt
from pushsvc.web.current import context
from pushsvc.web.errors import ApiError

blueprint = Blueprint("callbacks", __name__)
TOKEN = "X-Pushsvc-Token"  # how the last step of a hook's address reaches the adapter; nobody outside can set it
QUERY = "X-Pushsvc-Query"  # and its query, in which some vendors sign
_KEY = "pushsvc.channels"
_PROOF = "the provider's signature, or the secret in the address, is the proof"


@blueprint.post("/hooks/<route>")
@blueprint.post("/hooks/<route>/<token>")
@public(_PROOF)
@csrf_exempt(_PROOF)
def hook(route: str, token: str = "") -> Response:
    """Store what a provider says later about messages. 403 for a forged one, 400 for a broken one."""
    ctx, channel = context(), _channel(route)
    try:
        by = None if isinstance(channel, PusherHook) else route  # a vendor of devices is no route
        new = receipt.accept(ctx, channel, request.get_data(cache=False), _headers(token), route=by)
    except ChannelError as error:
        raise _refused(error) from error
    return _thanks(channel, new)


@blueprint.post("/hooks/<route>/replies")
@blueprint.post("/hooks/<route>/<token>/replies")
@public(_PROOF)
@csrf_exempt(_PROOF)
def replies(route: str, token: str = "") -> Response:
    """Store what people answered, and act on it. 403 for a forged one, 400 for a broken one."""
    ctx, channel = context(), _channel(route)
    try:
        new = hear(ctx, channel, request.get_data(cache=False), _headers(token), route=route)
    except ChannelError as error:
        raise _refused(error) from error
    return _thanks(channel, new)


@blueprint.get("/hooks/<route>")
@blueprint.get("/hooks/<route>/<token>")
@public(_PROOF)
def echo(route: str, token: str = "") -> Response:
    """What a vendor wants to hear that tries the address before it calls back. 403 for whoever cannot sign."""
    channel = _channel(route)
    if not isinstance(channel, PusherHook):
        abort(404)
    try:
        return Response(channel.echo(_headers(token)), mimetype="text/plain")
    except ChannelError as error:
        raise _refused(error) from error


def _channel(route: str) -> Channel:
    channel = _channels(context()).get(route)
    if channel is None:
        abort(404)
    return channel


def _headers(token: str) -> dict[str, str]:
    """The request's headers, with the address's token and query in the place of whatever its sender called so."""
    ours = {TOKEN: token, QUERY: request.query_string.decode("latin-1")}
    names = {name.lower() for name in ours}
    given = {name: value for name, value in request.headers.items() if name.replace("_", "-").lower() not in names}
    return given | {name: value for name, value in ours.items() if value}


def _refused(error: ChannelError) -> ApiError:
    status = 403 if error.code == "bad_signature" else 400
    return ApiError(status, error.code, place="body", sentence=error.sentence)


def _thanks(channel: Channel, new: int) -> Response:
    """What the provider wants to read: any other answer makes some of them call again."""
    said = getattr(channel, "thanks", None)
    if isinstance(said, str):
        return Response(said, mimetype="text/plain")
    return jsonify(said if isinstance(said, dict) and said else {"new": new})


def _channels(ctx: Context) -> dict[str, Channel]:
    """The channels as the settings name them, made once an application."""
    held = current_app.extensions.setdefault(_KEY, {})
    if not held:
        held.update(open_hooks(ctx))
    return cast(dict[str, Channel], held)
