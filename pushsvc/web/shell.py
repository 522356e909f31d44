"""The shell of a government app, served from here. It is there only where the settings name the host's bridge."""

from __future__ import annotations

from flask import Blueprint, Response, abort

from pushsvc.pipeline.shell import shell_page, shell_policy
from pushsvc.web.access import public
from pushsvc.web.current import context
from pushsvc.web.static_files import asset

blueprint = Blueprint("shell", __name__)


@blueprint.get("/m/shell/")
@public("it holds nothing of anybody and goes on to pages that ask who it is")
def show() -> Response:
    """The one page that may load a script from elsewhere: the host's bridge."""
    settings = context().settings
    if not settings.host_bridge:
        abort(404)
    response = Response(shell_page(settings, service="", script=asset("shell.js")), mimetype="text/html")
    response.headers["Content-Security-Policy"] = shell_policy(settings) + "; frame-ancestors 'none'"
    return response
