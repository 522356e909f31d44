"""Links in messages: the short way to a policy, and the way to stop.

GET shows, POST acts (mail scanners open every link). A mail program's one-click POST (RFC 8058) acts at once.
The token is the proof: it stands for one person and one message, and lives as long as the key that signed it.
"""

from __future__ import annotations

from flask import Blueprint, abort, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from pushsvc.links import LinkError, Unsubscribe, read_unsubscribe
from pushsvc.pipeline import unsubscribe
from pushsvc.store import access as accounts
from pushsvc.store.session import transaction
from pushsvc.store.short_links import policy_of_code
from pushsvc.web.access import public
from pushsvc.web.csrf import csrf_exempt
from pushsvc.web.current import context
from pushsvc.web.i18n import t
from pushsvc.web.wish_words import wish_name

blueprint = Blueprint("links", __name__)

_PROOF = "the signed token is the proof"


@blueprint.get("/s/<code>")
@public("leads to a published policy")
def short(code: str) -> ResponseReturnValue:
    """A message's short link."""
    with transaction(context().engine) as connection:
        policy_id = policy_of_code(connection, code.lower())
    if policy_id is None:
        abort(404)
    return redirect(url_for("library.policy", policy_id=policy_id), 302)


@blueprint.get("/u/<token>")
@public(_PROOF)
def show(token: str) -> ResponseReturnValue:
    """Ask whether to stop, and say what."""
    return _page(token, _read(token))


@blueprint.post("/u/<token>")
@public(_PROOF)
@csrf_exempt(_PROOF)
def stop(token: str) -> ResponseReturnValue:
    """Stop, from the page's button or a mail program's one-click; again is harmless."""
    link = _read(token)
    unsubscribe.stop(context(), link)
    return _page(token, link, stopped=True)


@blueprint.post("/u/<token>/undo")
@public(_PROOF)
@csrf_exempt(_PROOF)
def undo(token: str) -> ResponseReturnValue:
    """Take the stop back."""
    link = _read(token)
    return _page(token, link, resumed=unsubscribe.undo(context(), link))


def _page(token: str, link: Unsubscribe, *, stopped: bool = False, resumed: bool = False) -> str:
    about = unsubscribe.about(context(), link)
    states = {"stopped": stopped and not about.mandatory, "resumed": resumed and not about.mandatory}
    return render_template("m/unsubscribe.html", token=token, what=_what(about), mandatory=about.mandatory, **states)


def _what(about: unsubscribe.About) -> str:
    """The subscription by its names, or what the door is called."""
    if about.wishes:
        return t("“{names}”的订阅", names=t("、").join(wish_name(wish) for wish in about.wishes))
    if about.firm:
        return t("这家企业的通知")
    return {"recommended": t("“为我推荐”"), "entitled": t("非必要的依规定告知")}.get(about.door, t("这类通知"))


def _read(token: str) -> Unsubscribe:
    try:
        link = read_unsubscribe(context().settings.secret_key, token)
    except LinkError:
        abort(404)
    with transaction(context().engine) as connection:
        g.reader_locale = accounts.locale_of(connection, link.recipient_id)
    return link
