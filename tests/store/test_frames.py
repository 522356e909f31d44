"""Profiles come out of the database as the columns that everything is decided on."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from sqlalchemy import text

from profiles.facts import STORED
from pushsvc.context import Context
from pushsvc.keyring import Keyring
from pushsvc.settings import Settings
from pushsvc.store.frames import FACTS, load_frame
from pushsvc.store.session import Engine, transaction
from tests.clock import Clock
from tests.registering import register


@pytest.fixture
def ctx(settings: Settings, engine: Engine, keyring: Keyring, clock: Clock) -> Context:
    return Context(settings=settings, engine=engine, keyring=keyring, clock=clock)


def test_the_tables_facts_are_those_of_the_library_in_its_order() -> None:
    assert FACTS == STORED


def test_facts_interests_and_family_come_with_the_profile(ctx: Context) -> None:
    values = {"region": "990105", "birth_date": "1950-05-01", "owns_home": "no", "insurance_months": 7}
    person = register(ctx, "a", interests="租房|社保", dependants="kid@2026-03-01@990101|old@2019-01-01", **values)
    register(ctx, "b")
    with transaction(ctx.engine) as conn:
        frame = load_frame(conn)
    assert frame.ids.tolist() == [person, person + 1]
    assert frame.columns["insurance_months"].values.tolist()[0] == 7
    assert np.isnan(frame.columns["insurance_months"].values[1])
    assert frame.columns["owns_home"].values.tolist() == [0, -1]
    assert frame.columns["kind"].levels[frame.columns["kind"].values[0]] == "citizen"
    assert frame.columns["birth_date"].values[0] == (date(1950, 5, 1) - date(1970, 1, 1)).days
    assert frame.tags.words(0) == ("租房", "社保")
    assert frame.dependants.offsets.tolist() == [0, 2, 2]


def test_only_the_profiles_asked_for_come_by_number(ctx: Context) -> None:
    a, b, c = (register(ctx, ref) for ref in "abc")
    with transaction(ctx.engine) as conn:
        conn.execute(text("update profile set erased_at = now() where id = :id"), {"id": b})
        assert load_frame(conn, profile_ids=np.array([c, b, a])).ids.tolist() == [a, c]
        assert len(load_frame(conn, profile_ids=np.array([], dtype=np.int64))) == 0


def test_sensitive_facts_need_the_key_the_need_and_the_consent(ctx: Context) -> None:
    register(ctx, "a", hardship="yes", consents="sensitive:any")
    register(ctx, "b", hardship="yes")
    register(ctx, "c", hardship="no", consents="sensitive:any")
    with transaction(ctx.engine) as conn:
        frame = load_frame(conn, keyring=ctx.keyring, sensitive=["hardship"])
        assert frame.columns["hardship"].values.tolist() == [1, -1, 0]
        assert "hardship" not in load_frame(conn, keyring=ctx.keyring).columns
        assert "hardship" not in load_frame(conn, sensitive=["hardship"]).columns
