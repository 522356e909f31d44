"""A city for the pages: profiles by the import itself, wishes, and policies in force with criteria of many shapes."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import text

from benchmarks.people import write_csv
from benchmarks.people_filling import analyse
from benchmarks.shapes import trees
from profiles.standards import industries, regions
from pushsvc.context import Context
from pushsvc.pipeline.ingest_profiles import import_profiles
from pushsvc.store.session import transaction

TOPICS = ("enterprise", "talent", "family", "elder", "city", "safety")
_THEMES = ("租房", "社保", "托育", "养老", "就业", "创业", "人才", "补贴", "公积金", "医保", "研发", "融资")
_KINDS = ("fund", "fund", "guide", "normative", "interpretation")
_BODY = "第一条 对符合条件的申请人给予补助。第二条 申请材料由受理部门核对。第三条 本办法由发布部门负责解释。\n"
_POLICIES = """
    insert into policy (ref, family, event, kind, title, agency, themes, topic, region, body, summary, amount, criteria,
        checksum, state, visible_no, date_published, window_closes, imported_at, published_at)
    values (:ref, :ref, 'new:' || :ref, :kind, :title, :agency, :themes, :topic, :region, :body, :summary, :amount,
        cast(:criteria as jsonb), :ref, 'published', :number, :published, :closes, :at, :at)
"""
_WISHES = """
    insert into subscription (profile_id, ref, themes, cadence, created_at)
    select p.id, 'w' || w, array[(cast(:themes as text[]))[1 + (p.id * 7 + w * 5) % 12]], 'daily', :at
    from profile p cross join generate_series(1, 3) w where p.id % 4 < w
"""


def fill_web(ctx: Context, folder: Path, profiles: int, policies: int) -> None:
    """Both into an empty database, then VACUUM ANALYZE; a million profiles take some minutes."""
    import_profiles(ctx, write_csv(folder / "profiles.csv", profiles, whole=True))
    with transaction(ctx.engine) as conn:
        conn.execute(text(_POLICIES), list(_policies(ctx, policies)))
        conn.execute(text(_WISHES), {"themes": list(_THEMES), "at": ctx.clock()})
    analyse(ctx)


def _policies(ctx: Context, policies: int) -> Iterator[dict[str, Any]]:
    """Two thirds have a window that ends within the year to come; a third name an industry."""
    draw, today = random.Random(3), ctx.clock().date()
    places = sorted(code for code, one in regions.table().items() if one.level == "county")[:400]
    trades = sorted(code for code in industries.table() if len(code) == 3)
    for number, tree in enumerate(trees(policies), start=1):
        yield {
            "ref": f"policy-{number}",
            "number": number,
            "kind": draw.choice(_KINDS),
            "title": f"{draw.choice(_THEMES)}{draw.choice(_THEMES)}扶持办法（第{number}号）",
            "agency": f"江澜市第{draw.randrange(60)}局",
            "themes": [draw.choice(_THEMES)],
            "topic": draw.choice(TOPICS),
            "region": draw.choice(places),
            "body": _BODY * draw.randint(2, 12),
            "summary": f"面向{industries.name_of(draw.choice(trades))}等，按条件给予补助。",
            "amount": f"最高{draw.randrange(1, 300)}万元",
            "criteria": json.dumps(tree),
            "published": _day(draw, today, back=700),
            "closes": today + timedelta(days=draw.randrange(1, 360)) if draw.random() < 0.67 else None,
            "at": ctx.clock(),
        }


def _day(draw: random.Random, today: date, *, back: int) -> date:
    return today - timedelta(days=draw.randrange(back))
