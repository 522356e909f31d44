"""The registry: a trained model is stored, judged by the gate, and serves until another does or it is taken back."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from pushsvc.context import Context
from pushsvc.pipeline.days import CITY_ZONE, city_day
from pushsvc.pipeline.errors import PipelineError
from pushsvc.pipeline.four_eyes import is_name
from pushsvc.pipeline.gate import Check, is_learnt, judge, passed, said, version_of
from pushsvc.store import models
from pushsvc.store.assessments import Assessment, assessment_by_id, covering
from pushsvc.store.audit import record
from pushsvc.store.locks import lock_models
from pushsvc.store.models import Served, StoredModel
from pushsvc.store.session import Connection, transaction
from recommenders.artifact import checksum, dump, load, with_card
from recommenders.errors import ArtifactError
from recommenders.model import Model

_log = logging.getLogger(__name__)


class ModelError(PipelineError):
    """What cannot be done with a model: `code` is no_name, unknown_model, unknown_assessment,
    bad_card, refused or no_earlier; of assessments also empty, dates and known_assessment."""


@dataclass(frozen=True)
class Admitted:
    """A stored model: its number, whether it serves, and what the gate said."""

    id: int
    serving: bool
    checks: tuple[Check, ...]


def admit(ctx: Context, model: Model, *, by: str = "pushsvc train", assessment: str | None = None) -> Admitted:
    """Store a trained model; it serves if it passes the gate. Its card gets `recipe`, `assessment` and `parent`.

    Raises ArtifactError before anything is stored, ModelError `unknown_assessment`, `bad_card`.
    """
    named = require_assessment(ctx, assessment) if assessment is not None else None
    with transaction(ctx.engine) as conn:
        lock_models(conn)  # of two at once the second is judged against the first
        held = models.active_model(conn)
        # One that cannot be read, such as one of an older format, is no reason to keep another from serving.
        serving = models.serving_row(conn) if held is not None and _damage(held) is None else None
        found = named or covering(conn, version_of(model.card), city_day(ctx))
        told = {"recipe": asdict(model.recipe), "assessment": found.id if found else None}
        made = with_card(model, told | {"parent": serving.id if serving else None})
        _require_plain(made.card)
        arrays = dump(made)
        load(arrays)
        checks = judge(made.card, assessment=found, on=city_day(ctx), serving=serving.card if serving else None)
        number = models.add_model(conn, arrays, made.card, at=ctx.clock())
        return _settled(conn, ctx, number, checks, by=by, why="train")


def require_assessment(ctx: Context, id: str) -> Assessment:
    """The recorded assessment: asked for before hours of training. Raises ModelError `unknown_assessment`."""
    with transaction(ctx.engine) as conn:
        found = assessment_by_id(conn, id)
    if found is None:
        raise ModelError("unknown_assessment", f"No impact assessment {id!r} is recorded: `pushsvc model assess`.")
    return found


def use(ctx: Context, model_id: int, *, by: str) -> Admitted:
    """Let a stored model serve if it passes the gate today. Raises ModelError `no_name`, `unknown_model`, `refused`."""
    _named(by)
    with transaction(ctx.engine) as conn:
        lock_models(conn)
        stored = models.model_by_id(conn, model_id)
        if stored is None:
            raise ModelError("unknown_model", f"There is no model {model_id}: `pushsvc model list` shows them.")
        checks = _judged(conn, ctx, stored)
        found = _settled(conn, ctx, model_id, checks, by=by, why="use")
    if not passed(checks):
        failed = "; ".join(said(check, "en") for check in checks if not check.passed)
        more = " It was serving before, and is not taken away by this." if found.serving else ""
        raise ModelError("refused", f"Model {model_id} does not pass the gate: {failed}.{more}")
    return found


def rollback(ctx: Context, *, by: str) -> int:
    """The model that served before serves again; returns its id. Of those that cannot be read the next older is taken.

    Its figures are not judged anew, its impact assessment is. Raises ModelError `no_name`, `no_earlier`.
    """
    _named(by)
    with transaction(ctx.engine) as conn:
        lock_models(conn)
        told: list[str] = []
        for number in earlier(models.history(conn)):
            stored = models.model_by_id(conn, number)
            checks = _judged(conn, ctx, stored)[:2] if stored else ()
            if passed(checks):
                before = models.serve(conn, number, at=ctx.clock(), by=by, why="rollback")
                _audit(conn, ctx, number, action="model.rollback", by=by, detail={"from": before, "passed_over": told})
                return number
            told += [f"model {number}: {said(check, 'en')}" for check in checks if not check.passed]
    raise ModelError("no_earlier", f"No earlier model can serve again{': ' if told else ''}{'; '.join(told)}.")


def earlier(history: Sequence[Served]) -> list[int]:
    """The models that served before the one that serves, the latest first; what was taken back is not among them."""
    stack: list[int] = []
    for entry in history:
        if entry.why == "rollback" and entry.model_id in stack:
            del stack[len(stack) - stack[::-1].index(entry.model_id) :]
        else:
            stack.append(entry.model_id)
    return list(dict.fromkeys(number for number in reversed(stack[:-1]) if number != stack[-1]))


def last_good(conn: Connection) -> tuple[int, Model] | None:
    """The serving model; where it cannot be read, that is logged and the latest that served before and loads is taken.

    None where no model serves, or none can be read.
    """
    candidates = models.serving_candidates(conn)
    for number in candidates:
        try:
            model = sound(models.model_by_id(conn, number))
        except ArtifactError as exc:
            _log.error("model %s cannot serve: %s (%s)", number, exc.sentence, exc.code)
            continue
        if number != candidates[0]:
            _log.error("model %s serves in place of model %s", number, candidates[0])
        return number, model
    return None


@dataclass(frozen=True)
class Serving:
    """The model that should serve: why it cannot (None: it can), which one does instead, whether the law lets it."""

    id: int
    damage: str | None
    instead: int | None
    assessed: bool


def state_of_serving(conn: Connection, now: datetime) -> Serving | None:
    """How the model that should serve is; None where none should."""
    stored = models.active_model(conn)
    if stored is None:
        return None
    damage = _damage(stored)
    found = last_good(conn) if damage else None
    covered = covering(conn, version_of(stored.card), now.astimezone(CITY_ZONE).date())
    return Serving(stored.id, damage, found[0] if found else None, covered is not None)


def sound(stored: StoredModel | None) -> Model:
    """The model in these bytes. Raises ArtifactError, also where they are not the bytes that were stored."""
    if stored is None or checksum(stored.arrays) != stored.checksum:
        raise ArtifactError("damaged", "The stored model is damaged: its checksum is not that of its bytes.")
    return load(stored.arrays)


def _settled(conn: Connection, ctx: Context, number: int, checks: tuple[Check, ...], *, by: str, why: str) -> Admitted:
    good = passed(checks)
    before = models.serving_row(conn)
    models.record_gate(conn, number, [asdict(check) for check in checks], refused=not good)
    if good:
        models.serve(conn, number, at=ctx.clock(), by=by, why=why)
    failed = [check.check for check in checks if not check.passed]
    detail: dict[str, object] = {"serving": good, "from": before.id if before else None, "failed": failed}
    _audit(conn, ctx, number, action=f"model.{why}", by=by, detail=detail)
    return Admitted(number, good or (before is not None and before.id == number), checks)


def _judged(conn: Connection, ctx: Context, stored: StoredModel) -> tuple[Check, ...]:
    """The gate's answer on a stored model today; the assessment may have been recorded after it was trained."""
    named = stored.card.get("assessment")
    found = assessment_by_id(conn, str(named)) if named else None
    on, version = city_day(ctx), version_of(stored.card)
    if found is None or not found.covers(version, on):
        found = covering(conn, version, on) or found
    serving = models.serving_row(conn)
    # Whoever chooses a model that learnt nothing means to: only training must not put it in a better one's place.
    other = serving.card if serving and serving.id != stored.id and is_learnt(stored.card) else None
    return judge(stored.card, assessment=found, on=on, serving=other, damage=_damage(stored) or _forged(stored))


def _forged(stored: StoredModel) -> str | None:
    """Figures that somebody wrote into the database afterwards let nobody serve: the arrays hold the card, too."""
    same = load(stored.arrays).card == stored.card
    return None if same else "Its card is not the one that was stored inside it."


def _damage(stored: StoredModel) -> str | None:
    try:
        sound(stored)
    except ArtifactError as exc:
        return exc.sentence
    return None


def _require_plain(card: Mapping[str, object]) -> None:
    try:
        json.dumps(dict(card), allow_nan=False)
    except (TypeError, ValueError) as exc:
        raise ModelError("bad_card", f"The model's card holds what JSON cannot: {exc}.") from exc


def _named(by: str) -> None:
    if not is_name(by):
        raise ModelError("no_name", "Who does this has a name: --by.")


def _audit(conn: Connection, ctx: Context, number: int, *, action: str, by: str, detail: dict[str, object]) -> None:
    record(conn, at=ctx.clock(), actor=by, action=action, object=f"model:{number}", detail=detail)
