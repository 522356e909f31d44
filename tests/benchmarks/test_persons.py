"""The benchmark of one person: its people and criteria are many, and its object has what others rely on."""

from __future__ import annotations

from benchmarks.persons import measure_person, persons
from benchmarks.shapes import entries, shape, trees


def test_criteria_are_the_same_each_time_and_of_many_shapes() -> None:
    made = list(trees(300))
    assert made == list(trees(300))
    assert len({shape(tree) for tree in made}) > 50
    assert len({one.deadline for one in entries(trees(50))}) > 10


def test_figures_and_codes_make_no_shape_and_facts_do() -> None:
    age = {"all": [{"fact": "age", "ge": 60}, {"fact": "region", "in_region": ["330100"]}]}
    other = {"all": [{"fact": "region", "in_region": ["330106", "330105"]}, {"fact": "age", "ge": 18}]}
    assert shape(age) == shape(other)
    assert shape(age) != shape({"all": [{"fact": "age", "le": 60}, {"fact": "region", "in_region": ["330100"]}]})


def test_people_are_residents_with_families_and_firms_with_years_and_certificates() -> None:
    made = persons(40)
    assert {len(one) for one in made} == {1}
    assert any(len(one.dependants.columns["birth_date"]) for one in made)
    assert any(len(one.certificates().columns["key"]) for one in made)
    assert any("revenue@2025" in one.columns for one in made)


def test_it_measures_the_whole_answer() -> None:
    found = measure_person(policies=60, people=10)
    assert {"name", "n", "unit", "ours", "baseline", "limit", "to_baseline", "to_limit", "spread"} <= found.keys()
    assert (found["name"], found["n"], found["people"]) == ("persons", 60, 10)
    assert 0 < found["person_p50_ms"] <= found["person_p95_ms"]
