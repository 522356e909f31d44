"""Campaigns over the API: the figures of one."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify

from pushsvc.pipeline.campaigns import CampaignError
from pushsvc.pipeline.coverage import full_report
from pushsvc.web.access import api_key
from pushsvc.web.current import context
from pushsvc.web.errors import ApiError

blueprint = Blueprint("campaigns", __name__)


@blueprint.get("/campaigns/<id:campaign_id>")
@api_key("read")
def show(campaign_id: int) -> Response:
    """State, selections by door, refusals by code, deliveries by channel and state, ever accepted by channel.

    `coverage`: how much of each group was chosen and reached.
    """
    try:
        return jsonify(full_report(context(), campaign_id))
    except CampaignError as error:
        raise ApiError(404, error.code, place="id", sentence=str(error)) from error
