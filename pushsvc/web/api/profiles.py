"""Profiles over the API: one at a time, by outside reference. Addresses come back as masks, names not at all."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Blueprint, Response, jsonify, request

from pushsvc.pipeline.fits import FitsError, as_json, fits_of
from pushsvc.pipeline.ingest_profiles import upsert_profile
from pushsvc.store import facts
from pushsvc.store.addresses import reachable
from pushsvc.store.facts import CertificateRow, YearFact
from pushsvc.store.people import profile_by_ref
from pushsvc.store.session import transaction
from pushsvc.web.access import api_key
from pushsvc.web.api.bodies import read_object, refuse, whole_number
from pushsvc.web.api.profile_body import columns_of
from pushsvc.web.current import context
from pushsvc.web.errors import ApiError
from pushsvc.web.i18n import LOCALES

blueprint = Blueprint("profiles", __name__)
_LISTED, _MOST = 100, 1000  # policies of each list


@blueprint.put("/profiles/<ref>")
@api_key("profiles:write")
def put(ref: str) -> tuple[Response, int] | Response:
    """Create or change one profile; fields not sent stay. 201 new, 200 changed or unchanged, 422 with the errors."""
    body = read_object()
    if body.get("ref", ref) != ref:
        raise ApiError(422, "other_ref", place="ref", sentence="The ref in the body is not the one in the address.")
    outcome = upsert_profile(context(), {**columns_of(body), "ref": ref})
    if isinstance(outcome, list):
        return refuse(outcome)
    return jsonify(ref=ref, outcome=outcome.outcome), 201 if outcome.outcome == "new" else 200


@blueprint.get("/profiles/<ref>")
@api_key("read")
def show(ref: str) -> Response:
    """One profile: its facts with their sources, years, certificates, lists, and where it is reached (masked)."""
    with transaction(context().engine) as connection:
        found = profile_by_ref(connection, ref)
        if found is None or found.erased:
            raise ApiError(404, "unknown_profile", place="ref", sentence="There is no profile with this reference.")
        addresses = reachable(connection, found.id)
        lists = facts.lists_of(connection, found.id)
        yearly, papers = facts.yearly_of(connection, found.id), facts.certificates_of(connection, found.id)
    return jsonify(
        ref=found.ref,
        kind=found.kind,
        locale=found.locale,
        zone=found.zone,
        facts={name: _plain(value) for name, value in found.facts.items()},
        # Behind the tags' source and day stand those it named last: deleted ones too, which are nobody's business.
        sources={name: list(source)[:2] for name, source in found.sources.items()},
        yearly=[_dated(one) for one in yearly],
        qualifications=[_dated(one) for one in papers],
        interests=list(found.interests),
        **lists,
        stages=list(found.stages),
        addresses=[{"channel": one.channel, "mask": one.mask, "verified": one.verified} for one in addresses],
    )


@blueprint.get("/profiles/<ref>/fits")
@api_key("read")
def fits(ref: str) -> Response:
    """What is in force for the profile: what fits, what might and lacks what, and the answers that would tell.

    `limit` cuts each list (the counts are of all), `locale` (zh or en) chooses the words.
    """
    try:
        found = fits_of(context(), ref)
    except FitsError as error:
        raise ApiError(404, error.code, place="ref", sentence=error.sentence) from error
    locale = request.args.get("locale", "zh")
    if locale not in LOCALES:
        raise ApiError(400, "unknown_locale", place="locale", sentence="locale is zh or en.")
    limit = min(max(1, whole_number("limit", _LISTED)), _MOST)
    return jsonify(as_json(found, locale, limit))


def _dated(row: YearFact | CertificateRow) -> dict[str, Any]:
    return {name: _plain(value) for name, value in row.__dict__.items()}


def _plain(value: object) -> Any:
    return value.isoformat() if isinstance(value, date) else value
