"""Profiles come in from files and one at a time: by date, once, without half rows, never over a person's own word."""

from __future__ import annotations

from pathlib import Path

import pytest

from profiles.records import RecordsError
from pushsvc.context import Context
from pushsvc.pipeline.ingest_profiles import Upserted, import_profiles, upsert_profile
from pushsvc.pipeline.preferences import withdraw_consent
from tests.clock import Clock
from tests.registering import ask, count, csv_file, register

ANNA = {
    "ref": "anna", "kind": "citizen", "name": "王阿姨", "region": "990105", "birth_date": "1950-05-01",
    "owns_home": "no", "phone": "13800130217", "email": "anna@city.example.com", "personalised": "yes",
    "consents": "notify:sms|recommend:app", "interests": "租房|社保", "dependants": "kid@2026-03-01@990101",
    "hardship": "yes", "source": "register", "as_of": "2026-05-01",
}  # fmt: skip
FIRM = {"ref": "firm", "kind": "enterprise", "industry": "I6513", "members": "anna:admin", "as_of": "2026-05-01"}
TABLES = ("profile", "address", "profile_address", "consent", "dependant", "member", "sensitive_fact", "fact_history")


def load(
    ctx: Context, tmp_path: Path, *rows: dict[str, str], life_events: bool = False
) -> tuple[int, int, int, list[object]]:
    report = import_profiles(ctx, csv_file(tmp_path / "p.csv", rows), life_events=life_events)
    errors = [(error.line, error.column, error.code) for error in report.errors]
    return report.new, report.changed, report.unchanged, list(errors)


def test_everything_a_row_says_is_kept(ctx: Context, tmp_path: Path) -> None:
    assert load(ctx, tmp_path, ANNA, FIRM) == (2, 0, 0, [])
    rows = ask(
        ctx, "select region, birth_date::text, owns_home, interests, sources->'region' from profile where ref = 'anna'"
    )
    assert rows == [("990105", "1950-05-01", False, ["租房", "社保"], ["register", "2026-05-01"])]
    assert ask(ctx, "select purpose, channel, given from consent order by id") == [
        ("notify", "sms", True), ("recommend", "app", True),
    ]  # fmt: skip
    assert ask(ctx, "select p.ref, m.role from member m join profile p on p.id = m.person_id") == [("anna", "admin")]
    assert ask(ctx, "select ref, birth_date::text, household_region from dependant") == [
        ("kid", "2026-03-01", "990101")
    ]
    assert ask(ctx, "select stages from profile where ref = 'anna'")[0][0].count("养老") == 1


def test_names_addresses_and_sensitive_facts_are_ciphertext(ctx: Context, tmp_path: Path) -> None:
    load(ctx, tmp_path, ANNA)
    plain = str(ask(ctx, "select name, encode(name, 'escape') from profile"))
    plain += str(ask(ctx, "select encode(cipher, 'escape'), encode(lookup, 'escape'), mask from address"))
    assert "13800130217" not in plain
    assert "anna@" not in plain
    assert "王阿姨" not in plain
    assert ask(ctx, "select mask from address where channel = 'sms'") == [("138****0217",)]
    assert ask(ctx, "select fact, octet_length(value) > 20 from sensitive_fact") == [("hardship", True)]


def test_the_same_file_again_changes_nothing(ctx: Context, tmp_path: Path, clock: Clock) -> None:
    load(ctx, tmp_path, ANNA, FIRM)
    before = [count(ctx, table) for table in TABLES]
    clock.forward(days=3)
    assert load(ctx, tmp_path, ANNA, FIRM) == (0, 0, 2, [])
    assert [count(ctx, table) for table in TABLES] == before


def test_another_number_behind_the_same_mask_is_a_change(ctx: Context, tmp_path: Path) -> None:
    load(ctx, tmp_path, ANNA)
    assert load(ctx, tmp_path, ANNA | {"phone": "13811110217"}) == (0, 1, 0, [])
    assert count(ctx, "profile_address") == 2
    assert count(ctx, "address") == 3


def test_a_bad_row_is_named_and_leaves_nothing_behind(ctx: Context, tmp_path: Path) -> None:
    bad = ANNA | {"ref": "bert", "region": "123456", "phone": "0571-8888", "birth_date": "1950-13-01"}
    new, _, _, errors = load(ctx, tmp_path, ANNA, bad)
    assert new == 1
    assert {error[:2] for error in errors} == {(3, "region"), (3, "phone"), (3, "birth_date")}  # type: ignore[index]
    assert ask(ctx, "select ref from profile") == [("anna",)]


def test_a_member_whom_nobody_knows_is_an_error_of_the_firms_row(ctx: Context, tmp_path: Path) -> None:
    assert load(ctx, tmp_path, FIRM | {"members": "anna:admin|ghost:member"}, ANNA) == (
        1, 0, 0, [(2, "members", "unknown_profile")],
    )  # fmt: skip
    assert ask(ctx, "select ref from profile") == [("anna",)]


def test_people_may_be_named_before_they_come(ctx: Context, tmp_path: Path) -> None:
    child = {"ref": "kid", "kind": "citizen", "birth_date": "2015-01-01", "guardian": "anna"}
    assert load(ctx, tmp_path, FIRM, child, ANNA) == (3, 0, 0, [])
    assert ask(ctx, "select g.ref from profile p join profile g on g.id = p.guardian_id") == [("anna",)]


def test_a_file_that_cannot_be_read_changes_nothing(ctx: Context, tmp_path: Path) -> None:
    path = csv_file(tmp_path / "p.csv", [ANNA, ANNA | {"ref": "b"}])
    path.write_bytes(path.read_bytes() + b"c\x00,citizen\n")
    with pytest.raises(RecordsError) as caught:
        import_profiles(ctx, path)
    assert caught.value.code == "nul_byte"
    assert count(ctx, "profile") == 0


def test_a_wrong_column_is_refused_before_any_row(ctx: Context, tmp_path: Path) -> None:
    with pytest.raises(RecordsError) as caught:
        load(ctx, tmp_path, ANNA | {"shoe": "44"})
    assert caught.value.code == "wrong_column"
    assert count(ctx, "profile") == 0


def test_an_older_date_does_not_replace_a_newer_fact(ctx: Context) -> None:
    register(ctx, "a", region="990105", insurance_months=12, as_of="2026-05-01")
    register(ctx, "a", region="990101", employment="employed", as_of="2026-04-01")
    rows = ask(ctx, "select region, employment, sources->'region'->>1, sources->'employment'->>1 from profile")
    assert rows == [("990105", "employed", "2026-05-01", "2026-04-01")]
    assert ask(ctx, "select fact, value, as_of::text from fact_history") == [("region", "990101", "2026-04-01")]


def test_a_newer_value_sends_the_old_one_into_the_history(ctx: Context) -> None:
    register(ctx, "a", insurance_months=6, source="2025", as_of="2025-12-31")
    register(ctx, "a", insurance_months=18, source="2026", as_of="2026-06-01")
    assert ask(ctx, "select insurance_months from profile") == [(18.0,)]
    rows = ask(ctx, "select fact, value, source, as_of::text from fact_history")
    assert rows == [("insurance_months", "6.0", "2025", "2025-12-31")]


def test_what_a_row_does_not_say_stays(ctx: Context) -> None:
    register(ctx, "a", name="张三", region="990105", interests="租房", locale="en")
    register(ctx, "a", employment="employed")
    assert ask(ctx, "select name is not null, region, interests, locale from profile") == [
        (True, "990105", ["租房"], "en")
    ]


def test_a_tag_the_person_deleted_does_not_come_back_with_the_register(ctx: Context) -> None:
    register(ctx, "a", interests="租房|社保")
    ask(ctx, "update profile set interests = array_append(array_remove(interests, '社保'), '养老') returning 1")
    register(ctx, "a", interests="租房|社保|托育", employment="employed")
    assert ask(ctx, "select interests from profile") == [(["租房", "养老", "托育"],)]
    register(ctx, "a", interests="托育")
    assert ask(ctx, "select interests from profile") == [(["养老", "托育"],)]


def test_an_import_does_not_give_back_a_consent_that_was_withdrawn(ctx: Context) -> None:
    person = register(ctx, "a", consents="notify:sms", as_of="2026-05-01")
    withdraw_consent(ctx, person, "notify", "sms")
    register(ctx, "a", consents="notify:sms", employment="employed", as_of="2026-07-01")
    assert ask(ctx, "select given, source from consent order by id") == [(True, "register"), (False, "web")]


def test_a_consent_the_register_no_longer_names_is_withdrawn(ctx: Context) -> None:
    register(ctx, "a", consents="notify:sms|recommend:any")
    register(ctx, "a", consents="notify:sms")
    rows = ask(ctx, "select purpose, channel, given from consent order by id")
    assert rows == [("notify", "sms", True), ("recommend", "any", True), ("recommend", "any", False)]


@pytest.mark.parametrize("nothing", ["", None, "none", "None"])
def test_a_profile_sent_with_no_consent_withdraws_what_was_given(ctx: Context, nothing: str | None) -> None:
    register(ctx, "a", consents="notify:sms|recommend:any")
    register(ctx, "a", employment="employed")
    assert ask(ctx, "select count(*) from consent where not given") == [(0,)]  # what is not sent stays
    register(ctx, "a", consents=nothing)
    assert ask(ctx, "select count(*) from consent where not given") == [(2,)]


def test_an_empty_cell_of_a_file_says_nothing_of_consents_and_none_withdraws_them(ctx: Context, tmp_path: Path) -> None:
    load(ctx, tmp_path, ANNA)
    load(ctx, tmp_path, {**ANNA, "consents": "", "employment": "employed"})
    assert ask(ctx, "select count(*) from consent where not given") == [(0,)]
    load(ctx, tmp_path, {**ANNA, "consents": "none"})
    assert ask(ctx, "select count(*) from consent where not given") == [(2,)]


def test_an_old_file_does_not_give_back_what_was_withdrawn_since(ctx: Context, tmp_path: Path) -> None:
    load(ctx, tmp_path, ANNA)
    register(ctx, "anna", consents="")
    load(ctx, tmp_path, ANNA)
    assert ask(ctx, "select given from consent order by id desc limit 1") == [(False,)]


def test_a_register_may_switch_recommendations_off_but_not_on_again(ctx: Context) -> None:
    register(ctx, "a", personalised="no")
    register(ctx, "a", personalised="yes", employment="employed")
    assert ask(ctx, "select personalised from preference") == [(False,)]


def test_suppression_outlives_a_new_import(ctx: Context) -> None:
    register(ctx, "a", phone="13800130217")
    ask(ctx, "insert into suppression select channel, lookup, 'bounce', 'sms', now() from address returning 1")
    register(ctx, "b", phone="13800130217")
    rows = ask(
        ctx, "select count(*) from address a join suppression s on (s.channel, s.lookup) = (a.channel, a.lookup)"
    )
    assert (rows, count(ctx, "profile_address")) == ([(1,)], 2)


def test_the_kind_of_a_profile_does_not_change(ctx: Context) -> None:
    register(ctx, "a")
    outcome = upsert_profile(ctx, {"ref": "a", "kind": "enterprise"})
    assert isinstance(outcome, list)
    assert [(error.column, error.code) for error in outcome] == [("kind", "kind_changed")]


def test_the_api_says_what_became_of_a_profile(ctx: Context) -> None:
    outcomes = [
        upsert_profile(ctx, ANNA),
        upsert_profile(ctx, ANNA),
        upsert_profile(ctx, ANNA | {"as_of": "2026-06-01"}),
    ]
    assert [one.outcome for one in outcomes if isinstance(one, Upserted)] == ["new", "unchanged", "changed"]
    unknown = upsert_profile(ctx, {"ref": "c", "kind": "citizen", "guardian": "ghost"})
    assert isinstance(unknown, list)
    assert unknown[0].code == "unknown_profile"


def test_news_becomes_a_life_event_once(ctx: Context) -> None:
    register(ctx, "a", region="990105")
    register(ctx, "a", region="990101", dependants="kid@2026-06-20@990101|old@2020-01-01")
    register(ctx, "a", region="990101", dependants="kid@2026-06-20@990101|old@2020-01-01", employment="employed")
    register(ctx, "firm", kind="enterprise", founded_on="2026-06-01")
    register(ctx, "grown", kind="enterprise", founded_on="2016-06-01")
    assert [kind for (kind,) in ask(ctx, "select kind from life_event order by id")] == [
        "move",
        "birth",
        "incorporation",
    ]


def test_a_first_load_is_no_news_unless_asked(ctx: Context, tmp_path: Path) -> None:
    load(ctx, tmp_path, ANNA)
    assert count(ctx, "life_event") == 0
    load(ctx, tmp_path, ANNA | {"ref": "b"}, life_events=True)
    assert ask(ctx, "select kind, key from life_event") == [("birth", "kid")]


def test_twins_are_two_dependants(ctx: Context) -> None:
    register(ctx, "a", dependants="one@2026-06-20|two@2026-06-20")
    assert (count(ctx, "dependant"), count(ctx, "life_event")) == (2, 2)


def test_a_member_who_is_no_longer_named_has_left(ctx: Context) -> None:
    register(ctx, "anna")
    register(ctx, "bert")
    register(ctx, "firm", kind="enterprise", members="anna:admin|bert:member")
    register(ctx, "firm", kind="enterprise", members="anna:admin")
    rows = ask(ctx, "select p.ref, m.left_at is null from member m join profile p on p.id = m.person_id order by 1")
    assert rows == [("anna", True), ("bert", False)]
