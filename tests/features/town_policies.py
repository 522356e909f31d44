"""The served city's policies: the sample city's twenty, one whose every word is long, one in the queue."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from pushsvc.context import Context
from pushsvc.links import short_code
from pushsvc.pipeline.ingest_policies import import_policies, upsert_policy
from pushsvc.pipeline.publish import publish
from pushsvc.sample.policies import city_policies
from tests.clock import Clock
from tests.documents import TITLE, document
from tests.registering import ask, json_file

DAY = date(2026, 6, 24)
DUTY = "《江澜市政策直达办法（示例）》第九条：应当告知符合条件的人"
LONG: dict[str, Any] = {
    "ref": "long",
    "family": "long",
    "event": "new:2026",
    "kind": "fund",
    "topic": "enterprise",
    "title": "江澜市发展和改革委员会 江澜市经济和信息化局 江澜市财政局关于印发《江澜市促进先进制造业集群高质量发展"
    "若干政策措施（2026—2028年）》实施细则及“专精特新”中小企业Digital-Transformation-Support-Programme申报指南的通知",
    "doc_no": "江发改产业〔2026〕118号",
    "agency": "江澜市发展和改革委员会、江澜市经济和信息化局、江澜市财政局、国家税务总局江澜市税务局",
    "themes": ["科技创新", "市场监管"],
    "tags": ["先进制造业", "数字化转型", "专精特新", "设备更新", "首台套"],
    "region": "990100",
    "summary": "对先进制造业集群内的企业,按设备投入、研发投入和数字化改造投入分档补助;同一项目只能享受一次。" * 3,
    "amount": "按核定投入的5%至20%分档补助,单个项目最高1000万元,同一企业三年累计不超过3000万元",
    "body": "第一条 " + "对符合条件的企业给予补助。" * 60 + "\n第二条 " + "https://www.jianglan.example/" + "a" * 90,
    "criteria": {
        "all": [
            {"fact": "kind", "eq": "enterprise", "clause": "第二条第一项"},
            {
                "any": [
                    {"fact": "rd_ratio", "ge": 30, "clause": "第二条第二项"},
                    {"fact": "patent_invention", "ge": 5, "clause": "第二条第三项"},
                ]
            },
            {"fact": "employees", "ge": 20, "clause": "第三条"},
            {"fact": "dishonest", "eq": False, "clause": "第四条"},
        ]
    },
    "date_written": (DAY - timedelta(days=9)).isoformat(),
    "date_published": (DAY - timedelta(days=3)).isoformat(),
    "window_opens": (DAY - timedelta(days=2)).isoformat(),
    "window_closes": (DAY + timedelta(days=1)).isoformat(),
}
NAMES = {  # what the table of pages calls them
    "talent": "p07-talent-housing", "rain": "p17-red-rain", "draft": "p14-school-draft", "rd": "p02-rd-window",
    "checkup": "p11-elder-checkup", "refit": "p12-home-refit", "gazette": "p20-gazette", "long": "long",
    "newborn": "p08-newborn-care",
}  # fmt: skip


def policies(ctx: Context, clock: Clock, holes: Mapping[str, Any]) -> dict[str, Any]:
    """Publish them all; the numbers of policies by name, and of their draft campaigns as `campaign_NAME`."""
    campaigns = {}
    for row in [*city_policies(DAY, 20), LONG]:
        outcome = upsert_policy(ctx, row)
        assert isinstance(outcome, str), outcome
        basis = DUTY if row["ref"] == NAMES["talent"] or row.get("mandatory") else None
        campaigns[row["ref"]] = publish(ctx, row["ref"], author="limeng", reviewer="zhoulan", basis=basis)
    numbers = dict(ask(ctx, "select ref, id from policy"))
    found: dict[str, Any] = {name: numbers[ref] for name, ref in NAMES.items()}
    found |= {f"campaign_{name}": campaigns[ref] for name, ref in NAMES.items()}
    found["short"] = short_code(ctx.settings.secret_key, numbers[NAMES["talent"]])
    return found | {"held": _held(ctx)}


def _held(ctx: Context) -> int:
    """A draft that the quality gate holds; its number."""
    with TemporaryDirectory() as folder:
        title = f"{TITLE}（征求意见稿）"
        import_policies(ctx, json_file(Path(folder) / "crawl.jsonl", [document(4, title=title, clicks=7)]))
    return int(ask(ctx, "select policy_id from policy_finding where blocking order by 1")[0][0])
