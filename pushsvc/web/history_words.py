"""The messages of one person in words: what it was, why it came, how it stands, and why it did not come."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from channels.reasons import reason
from pushsvc.pipeline.told_why import told_why
from pushsvc.pipeline.wording import NEUTRAL
from pushsvc.store.messages import Item, Message
from pushsvc.store.subscriptions import Wish
from pushsvc.web.access import current_person
from pushsvc.web.i18n import locale, t
from pushsvc.web.labels import CHANNELS, label
from pushsvc.web.words import moment, wide

GROUPS = {"coming": "还没发", "sent": "已发出", "doubtful": "没有送到或待核实", "not_sent": "没有发"}
# Where the office's word for a state says little to the person; all others are the office's own.
STATES = {
    "gathering": "等待合并",
    "waiting": "没打开才发",
    "accepted": "已发出",
    "rejected": "没有送到",
    "complained": "您投诉过",
}
LOOKS = {
    **dict.fromkeys(("gathering", "waiting", "planned", "sending"), ("info", "clock")),
    **dict.fromkeys(("accepted", "delivered", "opened"), ("yes", "ok")),
    **dict.fromkeys(("unknown", "complained"), ("maybe", "ask")),
}
# Of a provider's classes of reasons, what the person may know of them; all others are named by _UNKNOWN.
PROVIDER = {
    "permanent_recipient": "号码或邮箱不存在，请核对",
    "failed_permanent": "号码或邮箱不存在，请核对",
    "recipient_opt_out": "这个号码或邮箱已退订",
    "mailbox_full": "邮箱已满",
    "failed_by_carrier": "运营商没有送到",
    "failed_carrier_specific": "运营商没有送到",
    "permanent_content": "服务商没有接受这条内容",
    "permanent_content_or_policy": "服务商没有接受这条内容",
    "throttled_recipient": "这个号码短时间内收到的消息太多",
}
UNSAID = "服务商没有说明原因"
OPENED = "您已打开前一条，不再提醒"
SYSTEM = {"code": "登录验证码", "stop": "退订确认"}


@dataclass(frozen=True)
class Line:
    """One row as it is shown. `title_zh`: the title is a policy's own; `look`: class and icon of the state."""

    title: str
    title_zh: bool
    policy_id: int | None
    digest_run: int | None
    parts: Sequence[str]
    more: int
    why: str
    channel: str
    mask: str
    state: str
    look: tuple[str, str]
    detail: str
    at: datetime
    firm: bool


def line(row: Message, items: Sequence[Item], wishes: Mapping[int, Wish]) -> Line:
    """The row in the reader's words."""
    digest, shown = row.kind in ("digest", "life") and row.policy_id is None, 3
    refused = row.state == "refused"
    return Line(
        title=_title(row, items, digest=digest),
        title_zh=bool(row.title) and not row.sensitive and row.policy_id is not None,
        policy_id=row.policy_id if row.published else None,
        digest_run=row.run_id if digest and not row.refusal and items else None,
        parts=[NEUTRAL[locale()] if one.sensitive else wide(one.title) for one in items[:shown]],
        more=max(0, len(items) - shown),
        why=_why(row, items, wishes),
        channel=t(CHANNELS[row.channel]) if row.channel in CHANNELS else "",
        mask="" if row.channel == "app" else row.mask or "",
        state=label_of(row),
        look=LOOKS.get(row.state, ("no", "no")),
        detail="" if refused else _detail(row),
        at=row.at,
        firm=row.profile_id != current_person().id,
    )


def label_of(row: Message) -> str:
    """The state; of what was not sent the reason, as everybody who asks is told it."""
    if row.state == "refused":
        return t(label("refusal", row.code))
    return t(STATES.get(row.state, label("delivery", row.state)))


def _title(row: Message, items: Sequence[Item], *, digest: bool) -> str:
    if row.policy_id is not None and row.title:
        return NEUTRAL[locale()] if row.sensitive else wide(row.title)
    if digest:
        return t("合并通知：{n} 项政策", n=len(items)) if items else t("合并通知")
    return t(SYSTEM.get(row.run_key.partition(":")[0], "服务消息"))


def _why(row: Message, items: Sequence[Item], wishes: Mapping[int, Wish]) -> str:
    """The door, and in a sentence what it rests on."""
    if row.kind == "system":
        return t("因您自己的操作")
    if items:
        doors = dict.fromkeys(one.door for one in items)
        counted = {door: sum(one.door == door for one in items) for door in doors}
        return t("、").join(t("{door} {n} 项", door=t(label("door", door)), n=n) for door, n in counted.items())
    if row.sensitive:  # what it rests on tells as much as its title
        return t(label("door", row.door))
    said = told_why(row.door, row.why or {}, locale(), wishes=wishes, criteria=row.criteria, basis=row.basis)
    said = wide(said) if locale() == "zh" else said
    return t("{door}：{why}", door=t(label("door", row.door)), why=said) if said else t(label("door", row.door))


def _detail(row: Message) -> str:
    """When, and what is to come or went wrong."""
    if row.state in ("planned", "sending") and row.due_at:
        return t("预计 {when} 发出", when=moment(row.due_at))
    if row.state == "gathering" and row.due_at:
        return t("预计 {when} 合并发出", when=moment(row.due_at))
    if row.state == "waiting" and row.due_at:
        return t("到 {when} 前一条还没打开才发", when=moment(row.due_at))
    if row.state in ("rejected", "bounced"):
        return t("{when}，{why}", when=moment(row.updated_at), why=_provider(row))
    if row.state == "unknown":
        return t("服务商还没有答复，为防重复不自动重发")
    if row.state == "not_needed":
        return t(OPENED) if row.code == "opened" else t(label("refusal", row.code))
    return moment(row.accepted_at or row.updated_at if row.state == "accepted" else row.updated_at)


def _provider(row: Message) -> str:
    found = reason(row.provider or "", row.code or "")
    return t(PROVIDER.get(found.name, UNSAID) if found else UNSAID)
