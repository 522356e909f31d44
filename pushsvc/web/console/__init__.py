"""The console: where operators see campaigns, approve each other's, and let them run."""

from flask import Blueprint

from pushsvc.web.console import (
    audience,
    campaigns,
    corrections,
    offline,
    queue,
    records,
    rule,
    signin,
    standing,
    templates,
)

blueprint = Blueprint("console", __name__, url_prefix="/console")
for _room in (signin, campaigns, rule, standing, audience, queue, corrections, records, offline, templates):
    blueprint.register_blueprint(_room.blueprint)
