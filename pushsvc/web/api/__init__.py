"""The API: publish policies, upsert profiles one at a time, count an audience, read; a person's inbox,
devices and sign-in.

Keys have scopes; errors name code and place.
"""

from flask import Blueprint

from pushsvc.web.api import audience, description, devices, inbox, policies, profiles, reports, tickets

blueprint = Blueprint("api", __name__, url_prefix="/api/v1")
for _room in (description, policies, profiles, audience, reports, inbox, devices, tickets):
    blueprint.register_blueprint(_room.blueprint)
