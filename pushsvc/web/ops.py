"""For machines that watch us: alive, ready, and counts."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from pushsvc.store import health
from pushsvc.store.session import transaction
from pushsvc.web.access import public
from pushsvc.web.current import context

blueprint = Blueprint("ops", __name__)


@blueprint.get("/healthz")
@public("says only that the process answers")
def healthz() -> Response:
    """This process answers."""
    return Response("ok\n", mimetype="text/plain")


@blueprint.get("/readyz")
@public("says only which servers answer")
def readyz() -> tuple[Response, int]:
    """Whether work can be done: the database must answer; without Redis the service is slower, not down."""
    database, redis = _database(), _redis()
    state = "ready" if database == redis == "ok" else "degraded" if database == "ok" else "not_ready"
    return jsonify(state=state, database=database, redis=redis), 200 if database == "ok" else 503


@blueprint.get("/metrics")
@public("counts only: nothing of anybody")
def metrics() -> Response:
    """Counts in the Prometheus text format."""
    with transaction(context().engine) as connection:
        counts = health.counts(connection, context().clock())
    lines = [f"# TYPE {name} gauge\n" + "".join(_line(name, *row) for row in rows) for name, rows in counts.items()]
    return Response("".join(lines), mimetype="text/plain; version=0.0.4")


def _line(name: str, labels: dict[str, str], value: float) -> str:
    inside = ",".join(f'{key}="{text}"' for key, text in labels.items())
    return f"{name}{{{inside}}} {value:g}\n" if inside else f"{name} {value:g}\n"


def _database() -> str:
    try:
        with transaction(context().engine) as connection:
            health.ping(connection)
    except SQLAlchemyError:
        return "away"
    return "ok"


def _redis() -> str:
    redis = context().redis
    if redis is None:
        return "none"
    try:
        redis.ping()
    except (RedisError, OSError):
        return "away"
    return "ok"
