"""What people asked an office: one question that waits, one that was answered, one answer that everybody may read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pushsvc.context import Context
from pushsvc.pipeline import faq, questions
from pushsvc.pipeline.faq import Draft
from pushsvc.pipeline.questions import Asking, By
from tests.clock import Clock
from tests.registering import ask

ANSWERED = "合同满一年才能申请吗？我是去年九月签的，中间换过一次单位，社保没有断过。"
WAITS = "家里老人腿脚不便，可以请人代办吗？\n需要带什么材料？"
REPLY = "签订劳动合同满六个月即可申请，续签和换单位的合并计算。请带劳动合同和社保记录，到区人力社保窗口办理。"


def ask_offices(ctx: Context, clock: Clock, holes: Mapping[str, Any]) -> dict[str, Any]:
    """Their numbers: `question` waits, `answered` has its answer."""
    chen = holes["chen"]
    done = questions.ask(ctx, chen, Asking(ANSWERED, policy_id=holes["talent"]), By(chen))
    told = Draft("签合同要满多久才能申请？", REPLY)
    questions.answer(ctx, done, REPLY, by="limeng", public=told)
    for (number,) in ask(ctx, "select id from faq"):
        faq.publish(ctx, number, by="zhoulan")
    faq.write(ctx, Draft("体检要预约吗？", "请先拨打社区卫生服务中心的电话预约。", holes["checkup"]), by="limeng")
    waits = questions.ask(ctx, chen, Asking(WAITS, kind="other", general=True), By(chen))
    return {"question": waits, "answered": done}
