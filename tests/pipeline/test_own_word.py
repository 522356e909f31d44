"""A person's own word: believed where no register speaks, never over one, deleted without a trace, undone."""

from __future__ import annotations

from datetime import timedelta
from itertools import permutations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pushsvc.context import Context
from pushsvc.pipeline import corrections, own_word
from pushsvc.pipeline.corrections import CorrectionError, Wish
from pushsvc.pipeline.counting import count as count_people
from pushsvc.pipeline.own_word import drop, say, undo, ways_of
from pushsvc.pipeline.preferences import give_consent, withdraw_consent
from pushsvc.pipeline.rights import erase, export_data
from tests.clock import Clock
from tests.registering import ask, count, register

REGISTER = {"source": "social_insurance", "as_of": "2026-06-01"}


def held(ctx: Context, person: int, fact: str = "insurance_months") -> tuple[object, ...]:
    """(value, source, day) of a fact; None where nothing is held."""
    return ask(ctx, f"select {fact}, sources -> '{fact}' ->> 0, sources -> '{fact}' ->> 1 from profile where id = :id",
               id=person)[0]  # fmt: skip


def code(ctx: Context, person: int, fact: str, text: str, year: int | None = None) -> str:
    """What is wrong with saying this; "" where nothing is."""
    try:
        say(ctx, person, Wish(fact, text, year=year))
    except CorrectionError as error:
        return error.code
    return ""


def test_what_nobody_holds_is_said_and_counts_at_once(ctx: Context) -> None:
    me = register(ctx, "me", birth_date="1990-01-01")
    say(ctx, me, Wish("owns_home", "否"))
    assert held(ctx, me, "owns_home") == (False, "self", "2026-06-24")
    assert ask(ctx, "select stages @> '{置业}' from profile") == [(True,)]
    assert ("owns_home", None) in ways_of(ctx, me).own
    assert ask(ctx, "select action, detail ->> 'fact' from audit where action like 'own%'") == [
        ("own_word.say", "owns_home")
    ]


def test_audiences_see_it_at_once(ctx: Context) -> None:
    me = register(ctx, "me")
    tree = {"fact": "owns_home", "eq": False}
    assert (count_people(ctx, tree)["eligible"], count_people(ctx, tree)["unknown"]) == (0, 1)
    say(ctx, me, Wish("owns_home", "no"))
    assert count_people(ctx, tree)["eligible"] == 1
    drop(ctx, me, "owns_home")
    assert count_people(ctx, tree)["eligible"] == 0


def test_a_register_is_not_overwritten(ctx: Context) -> None:
    me = register(ctx, "me", insurance_months="40", **REGISTER)
    assert not ways_of(ctx, me).says("insurance_months")
    assert code(ctx, me, "insurance_months", "50") == "registered"
    assert held(ctx, me) == (40.0, "social_insurance", "2026-06-01")


def test_a_register_that_has_lapsed_gives_way_and_comes_back_when_the_word_is_deleted(ctx: Context) -> None:
    me = register(ctx, "me", insurance_months="40", source="social_insurance", as_of="2025-06-01")
    say(ctx, me, Wish("insurance_months", "50"))
    assert held(ctx, me) == (50.0, "self", "2026-06-24")
    drop(ctx, me, "insurance_months")
    assert held(ctx, me) == (40.0, "social_insurance", "2025-06-01")
    assert count(ctx, "fact_history") == 0


def test_a_register_that_speaks_later_wins(ctx: Context) -> None:
    me = register(ctx, "me")
    say(ctx, me, Wish("insurance_months", "50"))
    register(ctx, "me", insurance_months="40", **REGISTER)
    assert held(ctx, me) == (40.0, "social_insurance", "2026-06-01")
    assert ask(ctx, "select value, source, why from fact_history") == [("50.0", "self", "lower_rank")]


def test_for_ninety_days_a_word_stands_before_hearsay(ctx: Context, clock: Clock) -> None:
    ask(ctx, "insert into fact_source values ('hearsay', '传闻', 'hearsay', 30, 10, '', '') returning 1")
    me = register(ctx, "me")
    say(ctx, me, Wish("insurance_months", "50"))
    register(ctx, "me", insurance_months="1", source="hearsay", as_of="2026-09-22")  # the ninetieth day
    assert held(ctx, me)[0] == 50.0
    register(ctx, "me", insurance_months="2", source="hearsay", as_of="2026-09-23")
    assert held(ctx, me)[0] == 2.0


def test_a_word_is_changed_and_confirmed(ctx: Context, clock: Clock) -> None:
    me = register(ctx, "me")
    say(ctx, me, Wish("insurance_months", "50 个月"))
    say(ctx, me, Wish("insurance_months", "51"))
    assert held(ctx, me) == (51.0, "self", "2026-06-24")
    clock.forward(days=60)
    say(ctx, me, Wish("insurance_months", "51"))
    assert held(ctx, me) == (51.0, "self", "2026-08-23")


def test_deleting_leaves_no_value_and_undo_brings_it_back(ctx: Context, clock: Clock) -> None:
    me = register(ctx, "me")
    say(ctx, me, Wish("insurance_months", "50"))
    say(ctx, me, Wish("insurance_months", "51"))
    clock.forward(days=2)
    sealed = drop(ctx, me, "insurance_months")
    assert held(ctx, me) == (None, None, None)
    assert count(ctx, "fact_history") == 0
    undo(ctx, me, ("insurance_months", None), sealed)
    undo(ctx, me, ("insurance_months", None), sealed)
    assert held(ctx, me) == (51.0, "self", "2026-06-24")


def test_a_sealed_copy_opens_for_its_own_fact_and_person_alone(ctx: Context) -> None:
    me, other = register(ctx, "me"), register(ctx, "other")
    say(ctx, me, Wish("insurance_months", "50"))
    sealed = drop(ctx, me, "insurance_months")
    for who, fact in ((other, "insurance_months"), (me, "household_size"), (me, "no_such")):
        with pytest.raises(CorrectionError, match="no copy"):
            undo(ctx, who, (fact, None), sealed)
    for forged in ("", "A", "!!", sealed[:-8], "é"):
        with pytest.raises(CorrectionError, match="no copy"):
            undo(ctx, me, ("insurance_months", None), forged)


def test_a_registers_fact_is_not_dropped(ctx: Context) -> None:
    me = register(ctx, "me", insurance_months="40", **REGISTER)
    for fact in ("insurance_months", "owns_home", "no_such", "ref", "age"):
        with pytest.raises(CorrectionError) as caught:
            drop(ctx, me, fact)
        assert caught.value.code == "not_own"


def test_years_are_said_and_dropped_one_by_one(ctx: Context) -> None:
    firm = register(ctx, "firm", kind="enterprise", **{"revenue@2023": "1500"}, source="tax", as_of="2026-04-01")
    for year, text in ((2024, "1,800万"), (2025, "2000")):
        say(ctx, firm, Wish("revenue", text, year=year))
    assert code(ctx, firm, "revenue", "1", year=2023) == "registered"
    assert ask(ctx, "select year, revenue from yearly_fact order by year") == [
        (2023, 1500.0), (2024, 1800.0), (2025, 2000.0),
    ]  # fmt: skip
    drop(ctx, firm, "revenue", 2025)
    assert ask(ctx, "select year, revenue from yearly_fact order by year") == [(2023, 1500.0), (2024, 1800.0)]
    drop(ctx, firm, "revenue", 2024)
    assert held(ctx, firm, "revenue") == (1500.0, "tax", "2026-04-01")
    assert count(ctx, "fact_history") == 0


def test_a_sensitive_word_needs_its_consent_to_be_said_but_not_to_be_deleted(ctx: Context) -> None:
    me = register(ctx, "me")
    assert code(ctx, me, "hardship", "有") == "no_consent"
    give_consent(ctx, me, "sensitive")
    say(ctx, me, Wish("hardship", "有"))
    assert ask(ctx, "select source from sensitive_fact") == [("self",)]
    withdraw_consent(ctx, me, "sensitive")
    drop(ctx, me, "hardship")
    assert count(ctx, "sensitive_fact") == 0
    assert ask(ctx, "select detail::text from audit where action like 'own%' and detail::text like '%yes%'") == []


def test_what_an_office_deleted_stays_deleted_for_files_but_not_for_the_person(ctx: Context, clock: Clock) -> None:
    me = register(ctx, "me", insurance_months="40", **REGISTER)
    number = corrections.ask(ctx, me, Wish("insurance_months", "purpose", delete=True))
    assert held(ctx, me)[0] == 40.0
    corrections.accept(ctx, number, by="zhoulan")
    assert held(ctx, me) == (None, None, None)
    assert ask(ctx, "select value, source, why from fact_history") == [(None, "social_insurance", "corrected")]
    register(ctx, "me", insurance_months="41", source="social_insurance", as_of="2026-06-24", name="王")
    assert held(ctx, me) == (None, None, None)
    say(ctx, me, Wish("insurance_months", "50"))
    register(ctx, "me", insurance_months="42", source="social_insurance", as_of="2026-06-24", name="李")
    assert held(ctx, me) == (50.0, "self", "2026-06-24")
    clock.forward(days=400)
    register(ctx, "me", insurance_months="43", source="social_insurance", as_of="2027-07-01")
    assert held(ctx, me)[0] == 43.0


def test_a_sensitive_fact_is_deleted_without_consent_and_stays_so(ctx: Context) -> None:
    me = register(ctx, "me", hardship="yes", source="civil_affairs", as_of="2026-06-01")
    corrections.accept(ctx, corrections.ask(ctx, me, Wish("hardship", "withdrawn", delete=True)), by="zhoulan")
    register(ctx, "me", hardship="yes", source="civil_affairs", as_of="2026-06-20")
    assert count(ctx, "sensitive_fact") == 0


def test_a_year_is_deleted_with_the_figure_taken_from_it(ctx: Context) -> None:
    firm = register(ctx, "firm", kind="enterprise", **{"revenue@2025": "1500"}, source="tax", as_of="2026-04-01")
    corrections.accept(ctx, corrections.ask(ctx, firm, Wish("revenue", "other", year=2025, delete=True)), by="zhoulan")
    register(ctx, "firm", kind="enterprise", **{"revenue@2025": "1600"}, source="tax", as_of="2026-04-02")
    assert held(ctx, firm, "revenue")[0] is None
    assert ask(ctx, "select revenue from yearly_fact where revenue is not null") == []


@pytest.mark.parametrize(
    ("wish", "wrong"),
    [
        (Wish("insurance_months", "because", delete=True), "no_ground"),
        (Wish("insurance_months", "", delete=True), "no_ground"),
        (Wish("owns_home", "purpose", delete=True), "not_held"),
        (Wish("qualifications_listed_on", "purpose", delete=True), "unknown_fact"),
        (Wish("revenue", "purpose", delete=True), "not_for_kind"),
    ],
)
def test_a_deletion_needs_a_ground_and_something_to_delete(ctx: Context, wish: Wish, wrong: str) -> None:
    me = register(ctx, "me", insurance_months="40", **REGISTER)
    with pytest.raises(CorrectionError) as caught:
        corrections.ask(ctx, me, wish)
    assert caught.value.code == wrong


@pytest.mark.parametrize(
    ("fact", "text", "value"),
    [
        ("insurance_months", "１２ 个月", 12.0),
        ("insurance_months", "twelve", "not_number"),
        ("insurance_months", "1e3", "not_number"),
        ("insurance_months", "99999999", "out_of_range"),
        ("insurance_months", "-1", "out_of_range"),
        ("household_income", "3万元", 30000.0),
        ("household_income", "30,000元", 30000.0),
        ("household_income", "3,0", "not_number"),
        ("birth_date", "1990年5月1日", "1990-05-01"),
        ("birth_date", "2999-01-01", "out_of_range"),
        ("birth_date", "2027-01-01", "future"),
        ("birth_date", "0001-01-01", "out_of_range"),
        ("institution", "江澜\u200b大学\u202e", "江澜大学"),
        ("institution", "🎓 大学", "🎓 大学"),
        ("institution", "字" * 10_000, "long_value"),
        ("institution", " \u200b ", "missing"),
        ("owns_home", "没有", False),
        ("sex", "female", "female"),
        ("sex", "robot", "unknown_level"),
    ],
)
def test_values_are_read_as_people_write_them_or_refused(ctx: Context, fact: str, text: str, value: object) -> None:
    me = register(ctx, "me")
    found = code(ctx, me, fact, text) or held(ctx, me, fact)[0]
    assert found == value or str(found) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2000", 2000.0),
        ("2000万", 2000.0),
        ("2亿元", 20000.0),
        ("20,000,000元", 2000.0),
        ("0.5", 0.5),
        ("二千万", 2000.0),
    ],
)
def test_amounts_are_brought_to_the_facts_unit(ctx: Context, text: str, value: float) -> None:
    firm = register(ctx, "firm", kind="enterprise")
    say(ctx, firm, Wish("revenue", text))
    assert held(ctx, firm, "revenue")[0] == value


_SOURCES = ("social_insurance", "import", "statistics")
_words = st.lists(st.tuples(st.sampled_from(_SOURCES), st.integers(0, 600), st.integers(1, 90)), min_size=1, max_size=3)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(_words)
def test_when_the_word_is_said_among_registers_does_not_matter(ctx: Context, told: list[tuple[str, int, int]]) -> None:
    """A word that is refused is not kept, so its day lets nobody else's word lapse: that may be another's gain."""
    told = list({(source, days): (source, days, value) for source, days, value in told}.values())
    acts: list[tuple[str, int, int] | None] = [None, *told]
    found: dict[str, set[tuple[object, ...]]] = {"": set(), "registered": set()}
    for order in permutations(acts):
        ref = f"p{count(ctx, 'profile')}"
        me, answer = register(ctx, ref), ""
        for act in order:
            if act is None:
                answer = code(ctx, me, "insurance_months", "100")
            else:
                as_of = (ctx.clock().date() - timedelta(days=act[1])).isoformat()
                register(ctx, ref, insurance_months=str(act[2]), source=act[0], as_of=as_of)
        found[answer].add(held(ctx, me))
    assert max(map(len, found.values())) == 1
    assert len({source == "self" for group in found.values() for _, source, _ in group}) == 1


def test_saying_and_deleting_leaves_all_as_it_was(ctx: Context) -> None:
    me = register(ctx, "me", insurance_months="40", source="social_insurance", as_of="2025-06-01")
    register(ctx, "me", insurance_months="44", source="import", as_of="2024-06-01")
    look = "select md5(p::text) from (select sources, stages, insurance_months from profile) p"
    old = "select value, source, as_of, why from fact_history"
    before = ask(ctx, look), ask(ctx, old)
    say(ctx, me, Wish("insurance_months", "50"))
    drop(ctx, me, "insurance_months")
    assert (ask(ctx, look), ask(ctx, old)) == before


def test_export_and_erasure_know_of_it(ctx: Context) -> None:
    me = register(ctx, "me", insurance_months="40", **REGISTER)
    say(ctx, me, Wish("owns_home", "yes"))
    corrections.accept(ctx, corrections.ask(ctx, me, Wish("insurance_months", "purpose", delete=True)), by="zhoulan")
    copy = export_data(ctx, me)
    assert copy is not None
    assert copy["profile"]["facts"]["owns_home"]["source"] == "self"
    assert copy["deleted_facts"][0]["fact"] == "insurance_months"
    assert (copy["corrections"][0]["wish"], copy["corrections"][0]["claimed"]) == ("delete", "purpose")
    erase(ctx, me, actor="person")
    assert count(ctx, "deleted_fact") == 0
    with pytest.raises(CorrectionError) as caught:
        own_word.say(ctx, me, Wish("owns_home", "no"))
    assert caught.value.code == "unknown_profile"
