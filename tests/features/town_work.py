"""What lies on the desks of the office: campaigns in other states, standing rules, SMS templates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pushsvc.context import Context
from pushsvc.pipeline import campaigns, sms_templates, standing
from pushsvc.pipeline.approving import halt_drifted
from pushsvc.pipeline.audience import audience
from pushsvc.pipeline.preferences import subscribe
from tests.clock import Clock
from tests.registering import ask

SMS = "${title}，${until}。不收费、不索要密码，可拨12345核验${check}。回R停收"


def office_work(ctx: Context, clock: Clock, holes: Mapping[str, Any]) -> dict[str, Any]:
    """Work in every state of its way."""
    campaigns.submit(ctx, holes["campaign_rd"], "limeng")
    rule = standing.create(ctx, "截止提醒", author="limeng", events=["deadline"], topics=["talent"])
    standing.submit(ctx, rule, "limeng")
    sms_templates.add(ctx, "policy", SMS, locale="zh", kind="notice", by="李萌")
    refused = ask(ctx, "select c.id, f.code from refusal f join run r on r.id = f.run_id"
                  " join campaign c on c.id = r.campaign_id order by 1 limit 1")  # fmt: skip
    _drift(ctx, holes)
    return {"refused": refused[0][0], "refused_code": refused[0][1]} if refused else {}


def _drift(ctx: Context, holes: Mapping[str, Any]) -> None:
    """A campaign that was approved before one more asked for its theme: it waits for its reviewer."""
    number = holes["campaign_newborn"]
    campaigns.submit(ctx, number, "limeng")
    campaigns.approve(ctx, number, "zhoulan")
    subscribe(ctx, holes["wang"], {"ref": "grandchild", "themes": "family"})
    campaigns.start(ctx, number, "zhoulan")
    audience(ctx, number)
    assert halt_drifted(ctx, number)
