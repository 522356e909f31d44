"""What may be done with a campaign, by whom and in which state; and why something is refused, in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pushsvc.context import Context
from pushsvc.pipeline import campaigns as verbs
from pushsvc.pipeline.approving import DRIFTED
from pushsvc.pipeline.four_eyes import same_person
from pushsvc.store.access import Operator


@dataclass(frozen=True)
class Action:
    """One thing an operator may do: whose role, in which states, and whether those who wrote it are barred.

    `unsent`: what it is called as long as there is no message yet, where that is something else.
    """

    verb: Callable[[Context, int, str], object]
    text: str
    roles: tuple[str, ...]
    states: tuple[str, ...]
    four_eyes: bool = False
    look: str = "btn"
    in_emergency: tuple[str, ...] = ()
    unsent: str = ""

    def said(self, row: Mapping[str, Any]) -> str:
        """What it is called, in Chinese, for the campaign as it stands."""
        return self.unsent if self.unsent and row["selected_at"] is None else self.text

    def open_to(self, who: Operator, row: Mapping[str, Any]) -> bool:
        """Whether `who` may do it to the campaign as it stands."""
        barred = self.four_eyes and wrote(who, row)
        return stage(row) in self.states and self.is_for(who, row) and not barred

    def is_for(self, who: Operator, row: Mapping[str, Any]) -> bool:
        """Whether it is theirs by role; what an emergency asks for stands in place of the usual."""
        return who.may(*(self.in_emergency if self.in_emergency and row["emergency"] else self.roles))


def stage(row: Mapping[str, Any]) -> str:
    """The campaign's state; "drifted" where it is paused until a reviewer saw who is told now."""
    return DRIFTED if row["state"] == "paused" and DRIFTED in row["funnel"] else str(row["state"])


def wrote(who: Operator, row: Mapping[str, Any]) -> bool:
    """Whether it is theirs: drafted or edited by them, under the name they sign in with or the one they are called."""
    return any(same_person(one, name) for one in row["writers"] for name in (who.name, who.display))


_OPEN = ("draft", "in_review", "changes_requested", "approved", "scheduled", "running", "paused", DRIFTED)
ACTIONS = {
    "submit": Action(verbs.submit, "送审", ("author",), ("draft", "changes_requested"), look="btn go"),
    "approve": Action(
        verbs.approve,
        "按现在的人重新批准",
        ("reviewer",),
        ("in_review", DRIFTED),
        four_eyes=True,
        look="btn go",
        in_emergency=("emergency",),
        unsent="批准",
    ),
    "changes": Action(verbs.request_changes, "退回给作者", ("reviewer",), ("in_review",), four_eyes=True),
    "start": Action(verbs.start, "开始发送", ("sender",), ("approved",), look="btn go"),
    "pause": Action(verbs.pause, "暂停", ("sender",), ("running",)),
    "resume": Action(verbs.resume, "继续发送", ("sender",), ("paused",), look="btn go"),
    "cancel": Action(
        verbs.cancel, "取消未发的消息", ("sender", "author"), _OPEN, look="btn halt", unsent="取消这次活动"
    ),
}
SENTENCES = {
    "same_person": "作者不能审批自己的活动，请另一位审核",
    "not_yet": "还没到批准的开始时间；要提前，请修改后重新送审",
    "unpublished": "只有已公布的政策才能推送",
    "approval_void": "审批已失效：批准后内容有改动，请重新送审",
    "no_basis": "依规定告知需要登记法定依据",
    "no_emergency_role": "应急活动须由具备应急批准权限的人员批准",
    "empty_audience": "没有可发送的对象：请放宽条件",
    "state": "活动的状态已变，请看最新情况",
    "own_words": "短信服务商只发已批准的模板：请删去活动自己的短信文字",
    "drifted": "审批后受众有变动：请审核人看过后重新批准",
    "unknown_campaign": "没有这个活动",
}
