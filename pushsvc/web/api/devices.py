"""A person's devices over the API: the backend of a government app registers them, for it knows who is signed in."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, g, jsonify

from pushsvc.pipeline import devices
from pushsvc.store.audit import record
from pushsvc.store.devices import Device
from pushsvc.store.session import transaction
from pushsvc.web.access import api_key
from pushsvc.web.api.bodies import only, read_object
from pushsvc.web.api.people import person_behind
from pushsvc.web.current import context
from pushsvc.web.errors import ApiError

blueprint = Blueprint("devices", __name__)


@blueprint.get("/people/<ref>/devices")
@api_key("devices:write")
def index(ref: str) -> Response:
    """The person's live devices, the one seen last first; no tokens."""
    return jsonify(devices=[_plain(one) for one in devices.devices_of(context(), _who(ref))])


@blueprint.post("/people/<ref>/devices")
@api_key("devices:write")
def register(ref: str) -> Response:
    """Register a device (`platform`, `token`), or see it again; a token that was somebody else's is theirs no more."""
    body = read_object()
    only(body, "platform", "token")
    platform, token = (_text(body, name) for name in ("platform", "token"))
    who = _who(ref)
    try:
        found = devices.register(context(), who, platform, token)
    except devices.DeviceError as error:
        place = "platform" if error.code == "unknown_platform" else "token"
        raise ApiError(422, error.code, place=place, sentence=error.sentence) from error
    _note("device.register", who, {"device": found.id, "platform": found.platform})
    return jsonify(_plain(found))


@blueprint.delete("/people/<ref>/devices/<id:device_id>")
@api_key("devices:write")
def forget(ref: str, device_id: int) -> Response:
    """Forget one of the person's own devices."""
    who = _who(ref)
    if not devices.forget_device(context(), who, device_id):
        raise ApiError(404, "unknown_device", place="id", sentence="This person has no device of this number.")
    _note("device.forget", who, {"device": device_id})
    return jsonify(forgotten=True)


def _who(ref: str) -> int:
    with transaction(context().engine) as connection:
        return person_behind(connection, ref)


def _text(body: dict[str, Any], name: str) -> str:
    value = body.get(name)
    if value is None:
        raise ApiError(422, "missing", place=name, sentence=f"{name} is missing.")
    if not isinstance(value, str):
        raise ApiError(422, "wrong_type", place=name, sentence=f"{name} is a text.")
    return value


def _plain(one: Device) -> dict[str, object]:
    seen = {"created_at": one.created_at.isoformat(), "last_seen_at": one.last_seen_at.isoformat()}
    return {"id": one.id, "platform": one.platform, **seen}


def _note(action: str, who: int, detail: dict[str, Any]) -> None:
    ctx, actor = context(), f"key:{g.api_key}"
    with transaction(ctx.engine) as connection:
        record(connection, at=ctx.clock(), actor=actor, action=action, object=f"profile:{who}", detail=detail)
