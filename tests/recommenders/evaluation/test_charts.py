"""Charts are well-formed, say in words what they show, and survive any name."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from recommenders.evaluation import charts, svg

SVG = "{http://www.w3.org/2000/svg}"
NAMES = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20)


def result(*methods: str) -> dict[str, Any]:
    """Figures of an evaluation, some of which could not be judged."""
    row = {"auc": 0.8, "ndcg@20": None}
    audience = {**row, "deciles": [0.6, None, 0.7]}
    return {
        "feed": row,
        "audience": audience,
        "interval": {side: {"auc": [0.75, 0.85], "ndcg@20": [None, None]} for side in ("feed", "audience")},
        "baselines": {name: {"feed": row, "audience": audience} for name in methods},
    }


@given(NAMES, NAMES)
def test_a_chart_is_well_formed_whatever_things_are_called(name: str, method: str) -> None:
    for chart in (charts.bars(name, result(method), "auc"), charts.deciles(name, result(method, "activity"))):
        root = ElementTree.fromstring(chart)
        words = "".join(root.itertext())
        assert root.tag == f"{SVG}svg"
        assert name in words
        assert "ours" in words


def test_a_chart_tells_a_screen_reader_its_figures() -> None:
    root = ElementTree.fromstring(charts.bars("city", result("knn"), "auc"))
    description = root.findtext(f"{SVG}desc") or ""
    assert root.get("role") == "img"
    assert root.findtext(f"{SVG}title") == "city: AUC by method"
    assert "knn: feed 0.800, audience 0.800" in description


def test_charts_are_written_into_a_folder_that_need_not_exist(tmp_path: Path) -> None:
    files = charts.draw(tmp_path / "new", "cold / split <1>", result("activity"))
    assert sorted(file.name for file in files) == sorted(file.name for file in (tmp_path / "new").iterdir())
    assert [file.name for file in files] == [
        "cold-split-1-auc.svg",
        "cold-split-1-ndcg.svg",
        "cold-split-1-deciles.svg",
    ]


@given(st.lists(st.floats(0, 500), max_size=8))
def test_labels_never_lie_on_each_other(places: list[float]) -> None:
    moved = sorted(svg.spread(places, 16))
    assert all(after - before >= 15.99 for before, after in pairwise(moved))
    assert all(new >= old for old, new in zip(places, svg.spread(places, 16), strict=True))
