"""Sources disagree: the rule decides what is held, what is not stays in the history with its reason, in any order."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from pushsvc.context import Context
from pushsvc.pipeline.ingest_profiles import Upserted, import_profiles, upsert_profile
from pushsvc.store.session import transaction
from pushsvc.store.sources import registered_sources, unregistered_sources
from tests.clock import Clock
from tests.registering import ask, count, csv_file, register

START = date(2025, 1, 1)


def say(ctx: Context, ref: str, source: str, day: int, **facts: object) -> str:
    found = upsert_profile(
        ctx,
        {"ref": ref, "kind": "enterprise", "source": source, "as_of": (START + timedelta(day)).isoformat(), **facts},
    )
    assert isinstance(found, Upserted), found
    return found.outcome


def held(ctx: Context, ref: str, fact: str = "revenue") -> tuple[Any, ...]:
    (row,) = ask(ctx, f"select {fact}, sources -> '{fact}' ->> 0 from profile where ref = '{ref}'")
    return row


def history(ctx: Context) -> list[tuple[Any, ...]]:
    return ask(ctx, "select value, source, why from fact_history order by id")


def test_a_register_stands_against_newer_hearsay(ctx: Context) -> None:
    say(ctx, "f", "tax", 0, revenue=100)
    assert say(ctx, "f", "self", 30, revenue=900) == "changed"
    assert held(ctx, "f") == (100.0, "tax")
    assert history(ctx) == [("900.0", "self", "lower_rank")]


def test_but_not_for_ever(ctx: Context) -> None:
    say(ctx, "f", "tax", 0, revenue=100)
    say(ctx, "f", "self", 401, revenue=900)
    assert held(ctx, "f") == (900.0, "self")
    assert history(ctx) == [("100.0", "tax", "older")]


def test_a_register_puts_hearsay_aside_though_it_is_older(ctx: Context) -> None:
    say(ctx, "f", "self", 30, revenue=900)
    say(ctx, "f", "tax", 0, revenue=100)
    assert held(ctx, "f") == (100.0, "tax")
    assert history(ctx) == [("900.0", "self", "lower_rank")]


def test_of_one_rank_and_day_the_last_word_counts(ctx: Context) -> None:
    say(ctx, "f", "tax", 0, revenue=100)
    say(ctx, "f", "market_register", 0, revenue=200)
    assert held(ctx, "f") == (200.0, "market_register")


def test_every_order_of_the_same_words_ends_alike(ctx: Context) -> None:
    words = [("tax", 0, 1.0), ("operator", 250, 2.0), ("self", 320, 3.0), ("import", 420, 4.0)]
    for number, order in enumerate(permutations(words)):
        for source, day, value in order:
            say(ctx, f"f{number}", source, day, revenue=value)
    assert ask(ctx, "select distinct revenue, sources -> 'revenue' from profile") == [(2.0, ["operator", "2025-09-08"])]
    assert ask(ctx, "select count(*) from fact_history group by profile_id having count(*) <> 3") == []


def test_an_operators_table_stands_above_what_we_bring_along(ctx: Context) -> None:
    ask(ctx, "insert into fact_source values ('self', '本人', 'self', 95, null, 'x', 'y') returning 1")
    say(ctx, "f", "tax", 30, revenue=100)
    say(ctx, "f", "self", 0, revenue=900)
    assert held(ctx, "f") == (900.0, "self")
    with transaction(ctx.engine) as conn:
        assert registered_sources(conn)["self"].holds_days is None


def test_a_source_nobody_registered_is_counted(ctx: Context) -> None:
    say(ctx, "f", "some office", 0, revenue=100, employees=3)
    with transaction(ctx.engine) as conn:
        assert unregistered_sources(conn) == {"some office": 2}


def test_a_year_has_its_own_words_and_the_latest_stands_for_the_present(ctx: Context) -> None:
    say(ctx, "f", "tax", 0, **{"revenue@2023": 50, "revenue@2024": 60})
    say(ctx, "f", "self", 10, **{"revenue@2023": 99, "revenue@2022": 40})
    rows = ask(ctx, "select year, revenue, sources -> 'revenue' ->> 0 from yearly_fact order by year")
    assert rows == [(2022, 40.0, "self"), (2023, 50.0, "tax"), (2024, 60.0, "tax")]
    assert held(ctx, "f") == (60.0, "tax")
    assert ask(ctx, "select fact, year, value, why from fact_history") == [("revenue", 2023, "99.0", "lower_rank")]


def test_lists_are_held_by_source_too(ctx: Context) -> None:
    say(ctx, "f", "operator", 10, benefits="房租补贴|稳岗返还")
    say(ctx, "f", "self", 12, benefits="none", objectives="出海")
    assert held(ctx, "f", "benefits") == (["房租补贴", "稳岗返还"], "operator")
    assert held(ctx, "f", "objectives") == (["出海"], "self")
    say(ctx, "f", "operator", 20, benefits="none")
    assert held(ctx, "f", "benefits") == ([], "operator")


def test_certificates_are_weighed_one_by_one(ctx: Context) -> None:
    say(ctx, "f", "science", 0, qualifications="national_hnte@2023-12-08@2026-12-07|tech_sme@2024-03-01@2024-12-31")
    say(ctx, "f", "self", 5, qualifications="national_hnte@2023-12-08@2030-01-01|innovative_sme@2024-06-01@2027-05-31")
    query = "select key, valid_until::text, source from qualification order by key"
    assert ask(ctx, query) == [
        ("innovative_sme", "2027-05-31", "self"),
        ("national_hnte", "2026-12-07", "science"),
        ("tech_sme", "2024-12-31", "science"),
    ]
    say(ctx, "f", "science", 9, qualifications="national_hnte@2023-12-08@2026-12-07")
    assert [key for key, _, _ in ask(ctx, query)] == ["innovative_sme", "national_hnte"]
    say(ctx, "f", "self", 10, qualifications="none")
    assert [key for key, _, _ in ask(ctx, query)] == ["national_hnte"]
    assert held(ctx, "f", "qualifications_listed_on")[0] == START + timedelta(10)


def test_a_sensitive_word_of_a_lower_rank_changes_nothing_and_leaves_no_trace(ctx: Context) -> None:
    register(ctx, "a", disability_rate=40, source="civil_affairs", as_of="2025-01-01")
    register(ctx, "a", disability_rate=80, source="self", as_of="2025-02-01")
    ((cipher, source),) = ask(ctx, "select value, source from sensitive_fact")
    assert (ctx.keyring.decrypt(cipher, "sensitive:disability_rate"), source) == ("40", "civil_affairs")
    assert history(ctx) == []


def test_certificates_gained_and_lapsing_become_events_once(ctx: Context) -> None:
    papers = "national_hnte@2026-06-01@2029-05-31|tech_sme@2020-08-01@2026-08-01|innovative_sme@2020-01-01@2023-01-01"
    for day in (400, 410):
        say(ctx, "f", "science", day, qualifications=papers)
    rows = ask(ctx, "select kind, key from life_event order by 1")
    assert rows == [("lapsing", "tech_sme:2020-08-01"), ("qualified", "national_hnte:2026-06-01")]


class PowerCutError(Exception):
    """It went."""


def test_an_import_cut_off_in_the_middle_is_run_again_and_ends_right(ctx: Context, tmp_path: Path) -> None:
    people = [
        {"ref": f"p{n}", "kind": "citizen", "phone": f"138{n:08d}", "consents": "notify:sms"} for n in range(12_000)
    ]
    firms = [
        {"ref": f"f{n}", "kind": "enterprise", "members": f"p{n}:admin", "employees@2025": "3"} for n in range(9_000)
    ]
    path = csv_file(tmp_path / "p.csv", [*firms[:50], *people, *firms[50:]])

    def cut(_: int) -> None:
        raise PowerCutError

    with pytest.raises(PowerCutError):
        import_profiles(ctx, path, cut)
    assert count(ctx, "profile") < 21_000
    report = import_profiles(ctx, path)
    assert (report.loaded, report.errors) == (21_000, ())
    tables = ("profile", "member", "address", "profile_address", "consent", "yearly_fact")
    assert [count(ctx, table) for table in tables] == [21_000, 9_000, 12_000, 12_000, 12_000, 9_000]
    again = import_profiles(ctx, path)
    assert (again.new, again.changed, again.unchanged) == (0, 0, 21_000)


def test_one_address_of_two_profiles_in_one_file_is_one_row(ctx: Context, tmp_path: Path) -> None:
    rows = [{"ref": f"p{n}", "kind": "citizen", "phone": f"1380000{n % 7:04d}"} for n in range(40)]
    import_profiles(ctx, csv_file(tmp_path / "p.csv", rows))
    assert (count(ctx, "address"), count(ctx, "profile_address")) == (7, 40)
    moved = [row | {"phone": "13800130217"} for row in rows]
    import_profiles(ctx, csv_file(tmp_path / "p.csv", moved))
    assert (count(ctx, "address"), count(ctx, "profile_address")) == (8, 40)


def test_what_is_computed_without_the_database_is_what_is_computed_from_it(
    ctx: Context, tmp_path: Path, clock: Clock
) -> None:
    from benchmarks.people import rows as people
    from pushsvc.pipeline.stages import refresh_stages

    report = import_profiles(ctx, csv_file(tmp_path / "p.csv", people(300)))
    assert (report.new, report.errors) == (300, ())
    with transaction(ctx.engine) as conn:
        assert refresh_stages(conn, ctx, list(range(1, 301))) == 0
