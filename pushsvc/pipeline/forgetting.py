"""Forget: what stored models learnt of people who were erased is taken out of their arrays (PIPL 47)."""

from __future__ import annotations

import logging

from pushsvc.context import Context
from pushsvc.pipeline.models import sound
from pushsvc.store.audit import record
from pushsvc.store.forgetting import erased_among, models_to_look_through, put_back
from pushsvc.store.models import model_by_id
from pushsvc.store.session import transaction
from recommenders.artifact import checksum, dump
from recommenders.errors import ArtifactError
from recommenders.model import forgetting

_log = logging.getLogger(__name__)


def forget_erased(ctx: Context) -> int:
    """Take the own vectors of erased profiles out of all stored models; returns how many models held any.

    A model that cannot be read is left as it is, and said so: it cannot serve either.
    """
    with transaction(ctx.engine) as conn:
        numbers = models_to_look_through(conn)
    return sum(_forgot(ctx, number) for number in numbers)


def _forgot(ctx: Context, number: int) -> bool:
    with transaction(ctx.engine) as conn:
        stored = model_by_id(conn, number)
        try:
            model = sound(stored)
        except ArtifactError as exc:
            _log.error("model %s cannot be read to forget who was erased: %s", number, exc.sentence)
            return False
        gone = erased_among(conn, model.own_ids.tolist())
        arrays = dump(forgetting(model, gone))
        put_back(conn, number, arrays, checksum(arrays), at=ctx.clock())
        detail = {"profiles": len(gone)}
        record(conn, at=ctx.clock(), actor="beat", action="model.forget", object=f"model:{number}", detail=detail)
        return bool(len(gone))
