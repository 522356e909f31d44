"""Where the reader is signed in, and by whose word they may be; all of it can be ended here, at once."""

from __future__ import annotations

from flask import Blueprint, abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from pushsvc.pipeline import sign_ins
from pushsvc.store import identities
from pushsvc.store import sessions as rows
from pushsvc.store.session import transaction
from pushsvc.web import arriving
from pushsvc.web import session as sessions
from pushsvc.web.access import current_person, resident
from pushsvc.web.current import context
from pushsvc.web.i18n import t
from pushsvc.web.toast import toast

blueprint = Blueprint("signed_in", __name__)

DEVICES = {"wechat": "微信", "alipay": "支付宝", "phone": "手机浏览器或应用", "computer": "电脑浏览器"}
HOW = {
    "code": "验证码",
    "link": "专属链接",
    "ticket": "政务服务应用",
    "host": "政务服务应用",
    "oidc": "统一身份认证",
    "demo": "演示",
}


@blueprint.get("/m/sessions")
@resident
def show() -> ResponseReturnValue:
    """Where the reader is signed in."""
    ctx, who, here = context(), current_person(), sessions.reader()
    with transaction(ctx.engine) as connection:
        places = sign_ins.places(connection, ctx, who.id)
        linked = identities.of_person(connection, who.id)
    accounts = [(one, arriving.issuer_name(one.issuer)) for one in linked]
    words = {"devices": {key: t(word) for key, word in DEVICES.items()}, "how": {key: t(w) for key, w in HOW.items()}}
    return render_template(
        "m/sessions.html", places=places, here=here.session_id if here else 0, accounts=accounts, **words
    )


@blueprint.post("/m/sessions/<id:session_id>/end")
@resident
def end_one(session_id: int) -> ResponseReturnValue:
    """Sign out at one place; where that was done before, nothing is left to do."""
    ctx = context()
    if not sign_ins.end_own(ctx, current_person().id, session_id):
        with transaction(ctx.engine) as connection:
            if rows.exists(connection, session_id):
                abort(404)
    toast(t("已在那台设备上退出登录"))
    return redirect(url_for("signed_in.show"), 303)


@blueprint.post("/m/sessions/end-others")
@resident
def end_others() -> ResponseReturnValue:
    """Sign out everywhere but here."""
    n = sign_ins.end_others(context(), current_person().id, keep=sessions.token())
    toast(t("已在其他 {n} 处退出登录", n=n) if n else t("没有在其他地方登录"))
    return redirect(url_for("signed_in.show"), 303)


@blueprint.post("/m/sessions/accounts/<id:number>/unlink")
@resident
def unlink(number: int) -> ResponseReturnValue:
    """From now on that account elsewhere signs nobody in here."""
    with transaction(context().engine) as connection:
        if not identities.unlink(connection, current_person().id, number) and identities.exists(connection, number):
            abort(404)
    toast(t("已解除关联。下次用验证码登录"))
    return redirect(url_for("signed_in.show"), 303)
