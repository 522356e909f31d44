"""Random quantities: sums, shares, yearly figures, durations, a few deep."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from profiles.criteria.shapes import COMBINED, QUOTIENTS, TAKES

_current = st.sampled_from(["employees", "revenue", "rd_spend"]).map(lambda name: {"fact": name})
_years = st.sampled_from([-1, -2, 2024, 2025])
_yearly = st.tuples(st.sampled_from(["revenue", "rd_spend"]), _years).map(lambda p: {"fact": p[0], "year": p[1]})
_span = (
    st.tuples(st.integers(1, 3), st.sampled_from(["revenue", "rd_spend"]), st.sampled_from(TAKES))
    .filter(lambda part: part[0] > 1 or part[2] != "growth")
    .map(lambda part: {"years": part[0], "of": part[1], "take": part[2]})
)


def _elapsed(names: list[str]) -> st.SearchStrategy[Any]:
    units = st.sampled_from(["years_since", "months_since", "days_since", "days_until"])
    return st.tuples(units, st.sampled_from(names)).map(lambda part: {part[0]: part[1]})


def _grow(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    parts = st.lists(inner, min_size=1, max_size=3)
    rows = st.lists(
        st.tuples(inner, st.integers(-1, 5)).map(lambda p: {"of": p[0], "times": p[1]}), min_size=1, max_size=3
    )
    return st.one_of(
        st.tuples(st.sampled_from(COMBINED), parts).map(lambda p: {p[0]: p[1]}),
        st.tuples(st.sampled_from(QUOTIENTS), inner, inner).map(lambda p: {p[0]: [p[1], p[2]]}),
        rows.map(lambda rows: {"weighted": rows}),
    )


figures = st.recursive(_current | _yearly | _span | _elapsed(["founded_on"]), _grow, max_leaves=4)
member_figures = _elapsed(["birth_date"]) | st.sampled_from(["age", "age_months", "age_days"]).map(
    lambda name: {"fact": name}
)
