"""Stages of life: which the reader is in, by which facts, and the way to those facts where a stage is wrong."""

from __future__ import annotations

from flask import Blueprint, abort, render_template
from flask.typing import ResponseReturnValue

from pushsvc.pipeline import own_word
from pushsvc.pipeline.corrections import correctable
from pushsvc.pipeline.stages_said import stages_for
from pushsvc.web.access import acting, current_person
from pushsvc.web.current import context
from pushsvc.web.i18n import locale

blueprint = Blueprint("stages", __name__)


@blueprint.get("/m/stages")
@acting("read")
def show() -> ResponseReturnValue:
    """Every stage the reader, or the firm they act for, may be in: those they are in first."""
    who = current_person()
    found = stages_for(context(), who.profile_id, locale()) or abort(404)
    askable = correctable(who.kind, agrees=False) if who.may("ask") else []
    ways = own_word.ways_of(context(), who.profile_id)
    return render_template("m/stages.html", stages=found, askable=askable, ways=ways)
