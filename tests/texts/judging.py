"""A text of one's own invention before the gate: what blocks it, what is only noted."""

from __future__ import annotations

from datetime import date
from typing import Any

from pushsvc.texts.policy import PolicyText
from pushsvc.texts.quality import Finding, findings
from pushsvc.texts.raw import RawText

TODAY = date(2026, 6, 1)
PROSE = (
    "为支持本区企业稳定发展，促进产业结构优化升级，根据国家和省有关规定，结合本区实际，制定本办法，请各有关单位遵照执行。\n"
    "一、支持对象。在本区依法登记、正常经营、信用良好的各类企业和社会组织，均可以按照规定的条件和程序提出申请。\n"
    "二、支持方式。对符合条件的项目按照实际投入给予补助，同一项目不得重复享受，所需资金由区级财政统筹安排。\n"
    "三、附则。本办法由区经济主管部门负责解释，自印发之日起施行，国家和省另有规定的从其规定。\n"
)


def judged(title: str = "某区企业发展支持办法", body: str = PROSE, /, **fields: Any) -> tuple[Finding, ...]:
    """The findings on a text; fields that PolicyText knows go to it, all of them to the header."""
    known = {
        name: value for name, value in fields.items() if name in PolicyText.__dataclass_fields__ and name != "agency"
    }
    text = PolicyText(**({"ref": "t", "title": title, "body": body, "html": "", "kind": "policy"} | known))
    raw = RawText(1, {"title": title} | fields, {}, body, "plain", "t.jsonl", "0" * 64)
    return findings(text, raw, today=TODAY)


def blocked(title: str = "某区企业发展支持办法", body: str = PROSE, /, **fields: Any) -> set[str]:
    """The codes that block."""
    return {one.code for one in judged(title, body, **fields) if one.blocking}


def noted(title: str = "某区企业发展支持办法", body: str = PROSE, /, **fields: Any) -> set[str]:
    """The codes that do not."""
    return {one.code for one in judged(title, body, **fields) if not one.blocking}
