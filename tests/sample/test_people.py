"""The sample's people come in the shares the city is described with."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import numpy as np
import pytest

from profiles.standards.identifiers import parse_credit_code
from pushsvc.sample import CityFiles, write_city
from pushsvc.sample.places import SPLIT
from tests.sample.conftest import City


def _share(values: list[bool]) -> float:
    return sum(values) / len(values)


def _citizens(city: City) -> list:
    return [record for record in city.records.values() if record.kind == "citizen"]


def _on(record, channel: str) -> str:
    return next((address.value for address in record.addresses if address.channel == channel), "")


def test_three_fifths_are_citizens_and_the_rest_market_entities(city: City):
    kinds = Counter(record.kind for record in city.records.values())
    assert kinds["citizen"] == 1200
    assert kinds["self_employed"] == pytest.approx(420, abs=10)
    assert kinds["enterprise"] == pytest.approx(360, abs=10)
    assert kinds["cooperative"] + kinds["other"] == pytest.approx(20, abs=4)


def test_22_percent_are_over_60(city: City):
    ages = city.frame.column("age").values[[r.kind == "citizen" for r in city.records.values()]]
    assert np.mean(ages >= 60) == pytest.approx(0.22, abs=0.01)


def test_7_percent_share_a_phone_number(city: City):
    phones = [_on(record, "sms") for record in _citizens(city)]
    times = Counter(phone for phone in phones if phone)
    assert _share([times[phone] > 1 for phone in phones]) == pytest.approx(0.07, abs=0.01)


def test_45_percent_lack_housing_or_insurance_facts(city: City):
    known = [{"owns_home", "insurance_months"} <= set(record.facts) for record in _citizens(city)]
    assert 1 - _share(known) == pytest.approx(0.45, abs=0.04)


def test_4_percent_have_personalised_off(city: City):
    assert _share([record.personalised is False for record in _citizens(city)]) == pytest.approx(0.04, abs=0.02)


def test_most_are_reached_in_the_app_and_a_few_not_at_all(city: City):
    assert _share([bool(_on(record, "app")) for record in _citizens(city)]) == pytest.approx(0.58, abs=0.05)
    assert 0.005 < _share([not record.addresses for record in _citizens(city)]) < 0.08


def test_some_never_agreed_to_anything(city: City):
    assert 0.05 < _share([not record.consents for record in _citizens(city)]) < 0.2


def test_nearly_all_enterprises_are_micro_or_small(city: City):
    size = city.frame.column("size")
    classed = [
        size.levels[c]
        for c, r in zip(size.values, city.records.values(), strict=True)
        if r.kind == "enterprise" and c >= 0
    ]
    assert _share([level in ("micro", "small") for level in classed]) == pytest.approx(0.92, abs=0.05)


def test_everyone_in_a_firm_is_a_citizen_of_the_city(city: City):
    persons = {ref for record in city.records.values() for ref, _ in record.members}
    assert {city.records[ref].kind for ref in persons} == {"citizen"}
    firms = [record for record in city.records.values() if record.kind == "enterprise"]
    assert _share([bool(record.members) for record in firms]) > 0.9


def test_minors_have_a_grown_guardian_and_some_a_guardians_consent(city: City):
    minors = [record for record in _citizens(city) if record.guardian]
    assert len(minors) == 4
    assert {record.ref for record in minors} & {record.guardian for record in minors} == set()
    assert all(record.guardian in city.records for record in minors)
    assert any(("guardian", "any") in (record.consents or ()) for record in minors)


def test_newborns_are_dependants(city: City):
    young = city.files.on - timedelta(days=60)
    born = [child.birth_date for record in _citizens(city) for child in record.dependants]
    assert sum(day is not None and day > young for day in born) == 3 + 2  # and the twins of the cast


def test_thirteen_districts_a_zone_and_a_split_one(city: City):
    regions = {record.facts.get("region") for record in city.records.values()}
    assert {f"9901{n:02d}" for n in range(1, 14)} <= regions
    assert SPLIT in regions
    assert "990171" in {record.facts.get("functional_zone") for record in city.records.values()}


def test_the_same_seed_gives_the_same_bytes(small: CityFiles, tmp_path):
    again = write_city(tmp_path / "again", seed=7, profiles=400, policies=40)
    other = write_city(tmp_path / "other", seed=8, profiles=400, policies=40)
    names = ("profiles_csv", "policies_jsonl", "interactions_csv", "subscriptions_csv", "suppressions_csv")
    assert all(getattr(small, name).read_bytes() == getattr(again, name).read_bytes() for name in names)
    assert small.profiles_csv.read_bytes() != other.profiles_csv.read_bytes()


def test_another_size_keeps_the_shares(small: CityFiles):
    kinds = Counter(line.split(",")[1] for line in small.profiles_csv.read_text(encoding="utf-8").splitlines()[1:])
    assert kinds.total() == 400
    assert kinds["citizen"] == 240


def test_earlier_years_stand_beside_the_present_figures_and_make_a_rate(city: City):
    firms = [r for r in city.records.values() if r.kind == "enterprise" and "revenue@2025" in r.yearly]
    drawn = [r for r in firms if r.facts.get("revenue")]
    assert all(r.yearly["revenue@2025"] == pytest.approx(r.facts["revenue"], rel=0.01, abs=0.06) for r in drawn)
    grew = [r.yearly["revenue@2025"] > r.yearly["revenue@2024"] for r in drawn if "revenue@2024" in r.yearly]
    assert 0.6 < _share(grew) < 0.95


def test_technology_firms_have_dated_certificates_and_rights(city: City):
    held = [(record, one) for record in city.records.values() for one in record.qualifications or ()]
    assert {one.key for _, one in held} == {"national_hnte", "tech_sme"}
    assert all(one.valid_from < one.valid_until for _, one in held)
    lapsed = _share([one.valid_until < city.files.on for _, one in held])
    assert 0.1 < lapsed < 0.4
    inventors = {r.ref for r in city.records.values() if r.facts.get("patent_invention")}
    assert inventors & {record.ref for record, _ in held}


def test_some_firms_told_what_they_strive_for_and_what_they_receive(city: City):
    firms = [record for record in city.records.values() if record.kind == "enterprise"]
    assert 0.2 < _share([bool(record.objectives) for record in firms]) < 0.5
    assert 0.1 < _share([bool(record.benefits) for record in firms]) < 0.4


def test_market_entities_have_credit_codes_of_their_own_and_of_their_kind(city: City):
    firms = [record for record in city.records.values() if record.kind != "citizen"]
    codes = {record.ref: parse_credit_code(record.credit_code) for record in firms if record.credit_code}
    assert len(codes) > 0.97 * len(firms)  # all but the cast of the edge cases
    assert len({code.value for code in codes.values()}) == len(codes)
    assert all(codes[record.ref].kind == record.kind for record in firms if record.ref in codes)
    assert not any(record.credit_code for record in city.records.values() if record.kind == "citizen")
