"""Receipts of the providers. The raw body goes on as it came; the channel that knows its signature verifies it."""

from __future__ import annotations

from typing import cast

from flask import Blueprint, Response, abort, current_app, jsonify, request

from channels.base import Channel, ChannelError
from pushsvc.context import Context
from pushsvc.pipeline import receipt
from pushsvc.pipeline.outside import open_channels
from pushsvc.web.access import public
from pushsvc.web.csrf import csrf_exempt
from pushsvc.web.current import context
from pushsvc.web.errors import ApiError

blueprint = Blueprint("callbacks", __name__)
_KEY = "pushsvc.channels"


@blueprint.post("/hooks/<provider>")
@public("the provider's signature is the proof")
@csrf_exempt("the provider's signature is the proof")
def hook(provider: str) -> Response:
    """Store what a provider says later about messages. 403 for a forged one, 400 for a broken one."""
    ctx = context()
    channel = _channels(ctx).get(provider)
    if channel is None:
        abort(404)
    try:
        new = receipt.accept(ctx, channel, request.get_data(cache=False), dict(request.headers))
    except ChannelError as error:
        status = 403 if error.code == "bad_signature" else 400
        raise ApiError(status, error.code, place="body", sentence=error.sentence) from error
    return jsonify(new=new)


def _channels(ctx: Context) -> dict[str, Channel]:
    """The channels as the settings name them, made once an application."""
    held = current_app.extensions.setdefault(_KEY, {})
    if not held:
        held.update(open_channels(ctx))
    return cast(dict[str, Channel], held)
