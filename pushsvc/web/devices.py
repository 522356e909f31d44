"""Push to this device: a browser subscribes and leaves by script; the list of one's devices works without any."""

from __future__ import annotations

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from pushsvc.pipeline import devices
from pushsvc.pipeline.web_push import public_key
from pushsvc.web.access import current_person, public, resident
from pushsvc.web.current import context
from pushsvc.web.i18n import t
from pushsvc.web.limits import Limit, allow
from pushsvc.web.static_files import FOLDER
from pushsvc.web.toast import toast

blueprint = Blueprint("devices", __name__)

OFTEN = Limit("devices", times=60, seconds=3600)
LONGEST = devices.LONGEST  # bytes of a subscription


@blueprint.get("/m/devices")
@resident
def show() -> ResponseReturnValue:
    """The switch for this browser, and all devices that are told."""
    ctx = context()
    mine = devices.devices_of(ctx, current_person().id)
    return render_template("m/devices.html", mine=mine, names=_names(), key=public_key(ctx.settings))


@blueprint.post("/m/devices")
@resident
def subscribe() -> ResponseReturnValue:
    """Register this browser, or see it again: `subscription` is what its push service gave it, as JSON."""
    who, given = current_person(), _given()
    if not allow(OFTEN, str(who.id)):
        return {"code": "too_often"}, 429
    try:
        device = devices.register(context(), who.id, "web", given)
    except devices.DeviceError as exc:
        return {"code": exc.code}, 422
    return {"id": device.id}, 200


@blueprint.post("/m/devices/leave")
@resident
def leave() -> ResponseReturnValue:
    """Forget this browser, by its `subscription`; one that is not the reader's is left alone."""
    return {"forgotten": devices.forget(context(), current_person().id, "web", _given())}, 200


@blueprint.post("/m/devices/<id:device_id>/forget")
@resident
def forget(device_id: int) -> ResponseReturnValue:
    """Forget one of the reader's devices, from the list."""
    if not devices.forget_device(context(), current_person().id, device_id):
        abort(404)
    toast(t("已移除。这台设备不再收到推送"))
    return redirect(url_for("devices.show"), 303)


@blueprint.get("/m/service-worker.js")
@public("one script for every browser, which holds nothing of anybody")
def worker() -> Response:
    """The script that shows what is pushed. It lies here because its scope is the path below it (W3C Service Workers);
    browsers ask whether it changed, so that a mended one is at work within a day."""
    response = Response((FOLDER / "service-worker.js").read_bytes(), mimetype="text/javascript")
    response.headers["Cache-Control"] = "no-cache"
    response.add_etag()
    response.make_conditional(request)
    return response


def _given() -> str:
    text = request.form.get("subscription", "")
    if len(text) > LONGEST:
        abort(413)
    return text


def _names() -> dict[str, str]:
    """What the platforms of devices are called."""
    return {
        "web": t("浏览器"),
        "jpush": t("手机应用"),
        "gateway": t("手机应用"),
        "wechat": t("微信"),
        "webhook": t("政务服务应用"),
    }
