"""Phones: the app around the webview registers the device it runs on, for whoever is signed in there."""

from __future__ import annotations

from flask import Blueprint, abort, request
from flask.typing import ResponseReturnValue

from pushsvc.pipeline import devices
from pushsvc.web.access import current_person, resident
from pushsvc.web.current import context
from pushsvc.web.limits import Limit, allow

blueprint = Blueprint("phones", __name__)

# What names this very device. An openid or a user id names a person: who that is, a backend proves by its key.
PLATFORMS = ("jpush", "gateway")
OFTEN = Limit("phones", times=60, seconds=3600)


@blueprint.post("/m/phone")
@resident
def join() -> ResponseReturnValue:
    """Register this phone, or see it again: `platform` and `token`, what the vendor's library gave the app."""
    who, (platform, token) = current_person(), _given()
    if not allow(OFTEN, str(who.id)):
        return {"code": "too_often"}, 429
    try:
        device = devices.register(context(), who.id, platform, token)
    except devices.DeviceError as exc:
        return {"code": exc.code}, 422
    return {"id": device.id}, 200


@blueprint.post("/m/phone/leave")
@resident
def leave() -> ResponseReturnValue:
    """Forget this phone, as whoever signs out of the app wants; one that is not the reader's is left alone."""
    return {"forgotten": devices.forget(context(), current_person().id, *_given())}, 200


def _given() -> tuple[str, str]:
    platform, token = request.form.get("platform", ""), request.form.get("token", "")
    if platform not in PLATFORMS:
        abort(400)
    if len(token) > devices.LONGEST:
        abort(413)
    return platform, token
