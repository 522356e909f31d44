"""The figures of an evaluation as charts: methods beside each other, and audiences among the equally active."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from recommenders.evaluation import svg

Result = Mapping[str, Any]
FIGURES = {"auc": "AUC", "ndcg@20": "NDCG@20"}
SIDES = ("feed", "audience")
COMPARED = ("activity", "knn", "lightfm_audience", "predict")  # beside ours, in the chart of deciles
LEFT, WIDTH, ROW, TOP = 170, 460, 34, 62
PLOT, STEP = 300, 60  # of the chart of deciles: height, and from one decile to the next


def draw(folder: Path, name: str, result: Result) -> list[Path]:
    """Writes the charts of one result (as `evaluate_dir` gives it) into the folder, made if need be: the files."""
    folder.mkdir(parents=True, exist_ok=True)
    slug = re.sub(r"[^\w.]+", "-", name).strip("-.") or "evaluation"
    charts = {f"{slug}-{figure.partition('@')[0]}.svg": bars(name, result, figure) for figure in FIGURES}
    if result["audience"].get("deciles"):
        charts[f"{slug}-deciles.svg"] = deciles(name, result)
    for file, chart in charts.items():
        (folder / file).write_text(chart, encoding="utf-8")
    return [folder / file for file in charts]


def bars(name: str, result: Result, figure: str) -> str:
    """One group of bars a method, feed above audience, ours first; ours with its 95 % interval."""
    rows = {"ours": {side: result[side] for side in SIDES}} | dict(result["baselines"])
    most = max([0.01, *(one[side].get(figure) or 0 for one in rows.values() for side in SIDES)])
    title, height = f"{name}: {FIGURES[figure]} by method", TOP + ROW * len(rows) + 12
    said = "; ".join(
        f"{one}: " + ", ".join(f"{s} {_said(row[s].get(figure))}" for s in SIDES) for one, row in rows.items()
    )
    shapes = [svg.text(12, 22, title, bold=True)]
    for column, side in enumerate(SIDES):
        shapes += [svg.bar(LEFT + 110 * column, 34, (12, 12), svg.COLOURS[column], side)]
        shapes += [svg.text(LEFT + 110 * column + 18, 45, side)]
    for place, (method, row) in enumerate(rows.items()):
        y = TOP + ROW * place
        shapes.append(svg.text(LEFT - 10, y + 18, method, anchor="end", bold=method == "ours"))
        for column, side in enumerate(SIDES):
            value = row[side].get(figure)
            end = LEFT + WIDTH * (value or 0) / most
            at = y + 13 * column
            shapes.append(svg.bar(LEFT, at, (end - LEFT, 11), svg.COLOURS[column], f"{method}, {side}: {_said(value)}"))
            shapes.append(svg.text(max(end, _high(result, side, figure, method, most)) + 6, at + 10, _said(value)))
            shapes += _interval(result, side, figure, method, (most, at + 5.5))
    return svg.drawing(title, f"{said}. Whiskers are 95 % intervals.", (LEFT + WIDTH + 80, height), shapes)


def _high(result: Result, side: str, figure: str, method: str, most: float) -> float:
    ends = _ends(result, side, figure) if method == "ours" else None
    return LEFT + WIDTH * ends[1] / most if ends else 0.0


def _interval(result: Result, side: str, figure: str, method: str, place: tuple[float, float]) -> Iterator[str]:
    ends = _ends(result, side, figure) if method == "ours" else None
    if ends:
        most, y = place
        low, high = (LEFT + WIDTH * end / most for end in ends)
        yield svg.line([(low, y), (high, y)], width=1.5)
        yield from (svg.line([(x, y - 3.5), (x, y + 3.5)], width=1.5) for x in (low, high))


def _ends(result: Result, side: str, figure: str) -> tuple[float, float] | None:
    low, high = result["interval"][side][figure]
    return None if low is None or high is None else (low, high)


def deciles(name: str, result: Result) -> str:
    """Audience AUC among people of equal activity, a line a method; a dashed line marks chance."""
    lines = {"ours": result["audience"]["deciles"]}
    lines |= {m: result["baselines"][m]["audience"]["deciles"] for m in COMPARED if m in result["baselines"]}
    count = max(map(len, lines.values()))
    known = [value for values in lines.values() for value in values if value is not None]
    low, high = min([0.45, *known]), max([0.55, *known])
    title = f"{name}: audience AUC inside groups of equal activity"
    shapes = [svg.text(12, 22, title, bold=True)]

    def at(group: int, value: float) -> tuple[float, float]:
        return 60 + STEP * group, 50 + PLOT * (high - value) / (high - low)

    for value in (low, 0.5, high):
        shapes += [svg.text(50, at(0, value)[1] + 4, _said(value)[:4], anchor="end")]
    shapes.append(svg.line([at(0, 0.5), at(max(count - 1, 1), 0.5)], dash="3 4"))
    shapes += [svg.text(at(group, low)[0], PLOT + 72, str(group + 1), anchor="middle") for group in range(count)]
    shapes.append(svg.text(60, PLOT + 92, "groups of people, from the least active to the most active"))
    ends = [
        next((at(g, v) for g, v in reversed(list(enumerate(vs))) if v is not None), at(0, 0.5)) for vs in lines.values()
    ]
    heights = svg.spread([y for _, y in ends], 16)
    for number, (method, values) in enumerate(lines.items()):
        points = [at(group, value) for group, value in enumerate(values) if value is not None]
        style = {"colour": svg.COLOURS[number], "dash": svg.DASHES[number]}
        shapes.append(svg.line(points, **style, width=3 if method == "ours" else 1.8))
        shapes.append(
            svg.line(
                [(70 + STEP * (count - 1), heights[number]), (92 + STEP * (count - 1), heights[number])],
                **style,
                width=2,
            )
        )
        shapes.append(svg.text(96 + STEP * (count - 1), heights[number] + 4, method, bold=method == "ours"))
    said = "; ".join(f"{method}: {', '.join(map(_said, values))}" for method, values in lines.items())
    return svg.drawing(title, f"{said}. Chance is 0.5.", (STEP * count + 200, PLOT + 104), shapes)


def _said(value: float | None) -> str:
    return "none" if value is None else f"{value:.3f}"
