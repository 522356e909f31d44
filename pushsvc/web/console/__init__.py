"""The console: where operators see campaigns, approve each other's, and let them run."""

from flask import Blueprint

from pushsvc.web.console import (
    audience,
    campaigns,
    corrections,
    editing,
    faq,
    memberships,
    offline,
    questions,
    queue,
    records,
    rule,
    signin,
    standing,
    templates,
)

blueprint = Blueprint("console", __name__, url_prefix="/console")
_ROOMS = (
    signin,
    campaigns,
    rule,
    standing,
    audience,
    queue,
    corrections,
    editing,
    memberships,
    questions,
    faq,
    records,
    offline,
    templates,
)
for _room in _ROOMS:
    blueprint.register_blueprint(_room.blueprint)
