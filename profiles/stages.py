"""Stages of life, each as criteria over facts (国办发〔2025〕24号: ten of a person, six of an enterprise).

Never from sensitive facts: a stage travels to places where those must not.
"""

from __future__ import annotations

from typing import Any

_PEOPLE: dict[str, Any] = {"fact": "kind", "in": ["citizen", "self_employed"]}
_FIRMS: dict[str, Any] = {"fact": "kind", "in": ["self_employed", "enterprise", "cooperative", "other"]}
_ALIVE: dict[str, Any] = {"not": {"fact": "legal_status", "eq": "cancelled"}}


def _person(*conditions: dict[str, Any]) -> dict[str, Any]:
    return {"all": [_PEOPLE, *conditions]}


def _firm(*conditions: dict[str, Any]) -> dict[str, Any]:
    return {"all": [_FIRMS, _ALIVE, *conditions]}


def _age(low: int, high: int) -> dict[str, Any]:
    return {"all": [{"fact": "age", "ge": low}, {"fact": "age", "le": high}]}


RULES: dict[str, dict[str, Any]] = {
    "出生": {"any": [_person({"fact": "age", "lt": 3}), {"any_dependant": {"fact": "age", "lt": 3}}]},
    "教育": {
        "any": [
            _person({"any": [{"fact": "employment", "eq": "student"}, _age(3, 17)]}),
            {"any_dependant": _age(3, 17)},
        ]
    },
    "就业": _person({"fact": "age", "ge": 16}, {"fact": "employment", "in": ["employed", "unemployed"]}),
    "生活": _person({"fact": "age", "ge": 18}),
    "置业": _person({"fact": "age", "ge": 18}, {"fact": "owns_home", "eq": False}),
    "出行": _person({"fact": "age", "ge": 18}, {"fact": "age", "le": 70}),
    "就医": _person({"any": [{"fact": "insurance_months", "gt": 0}, {"fact": "age", "ge": 60}]}),
    "救助": _person({"fact": "age", "ge": 16}, {"fact": "employment", "eq": "unemployed"}),
    "养老": _person({"any": [{"fact": "age", "ge": 60}, {"fact": "employment", "eq": "retired"}]}),
    "身后": {"any": []},  # nobody's own facts say it: the profile of a person who died is erased
    "准入准营": _firm({"fact": "years_since_founded", "lt": 1}),
    "招聘用工": _firm({"fact": "employees", "gt": 0}),
    "纳税缴费": _firm({"fact": "revenue", "gt": 0}),
    "经营发展": _firm({"fact": "years_since_founded", "ge": 1}),
    "工程建设": _firm({"fact": "industry", "in_industry": ["E", "K701"]}),
    "注销退出": {"all": [_FIRMS, {"fact": "legal_status", "eq": "cancelled"}]},
}
STAGES = tuple(RULES)
_OF_PERSONS, _OF_FIRMS = STAGES[:10], STAGES[10:]


def stages_of(kind: str) -> tuple[str, ...]:
    """The stages that a profile of this kind may be in; without those that nobody's own facts can say."""
    possible = (*(_OF_PERSONS if kind in _PEOPLE["in"] else ()), *(_OF_FIRMS if kind in _FIRMS["in"] else ()))
    return tuple(name for name in possible if RULES[name] != {"any": []})
