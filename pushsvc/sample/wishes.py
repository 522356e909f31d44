"""Subscriptions: a believable share asks by theme, industry, region or keyword."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from pushsvc.sample.draw import flip, pick
from pushsvc.sample.population import CITIZEN, TOPICS, Population, tags_by_topic

COLUMNS = ("profile", "ref", "themes", "industries", "regions", "keyword", "cadence")
KEYWORDS = {"enterprise": "补助", "talent": "就业", "family": "孩子", "elder": "长者", "city": "更新", "safety": "安全"}
_CADENCE = ("immediate", "daily", "weekly")


def subscription_rows(rng: np.random.Generator, people: Population) -> Iterator[dict[str, str]]:
    """One in ten citizens and one in four entities asks for something; keys are COLUMNS, blank ones left out."""
    citizen = people.kinds == CITIZEN
    wanting = np.flatnonzero(flip(rng, np.where(citizen, 0.10, 0.24), len(people)))
    tags = tags_by_topic()
    for row in wanting.tolist():
        topic = TOPICS[int(np.argmax(people.tastes[row] + rng.normal(0, 0.1, len(TOPICS))))]
        wish = {"profile": people.refs[row], "ref": "w1", "cadence": _CADENCE[int(pick(rng, (70, 20, 10), 1)[0])]}
        yield wish | _keys(rng, people, row=row, topic=topic, tag=str(rng.choice(tags[topic])))


def _keys(rng: np.random.Generator, people: Population, *, row: int, topic: str, tag: str) -> dict[str, str]:
    """What is asked for: a whole topic, a tag, a word, an industry, and often only what is near."""
    region, industry = people.frame.columns["region"], people.frame.columns["industry"]
    here = region.levels[region.values[row]]
    # A split district cannot be asked for by its old code.
    near = {"regions": here} if rng.random() < 0.5 and not here.endswith("114") else {}
    form = int(pick(rng, (22, 50, 16, 12), 1)[0])
    if form == 3 and industry.values[row] >= 0:
        return {"industries": industry.levels[industry.values[row]][:3], **near}
    if form == 2:
        return {"keyword": KEYWORDS[topic], **near}
    return {"themes": topic if form == 0 else tag, **near}
