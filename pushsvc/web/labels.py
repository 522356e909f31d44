"""What our codes are called on pages, in Chinese; the catalogue has the English."""

from __future__ import annotations

from profiles.facts import LEVEL_WORDS

TOPICS = {
    "enterprise": "企业扶持与申报",
    "talent": "人才与就业",
    "family": "育儿与教育",
    "elder": "养老与医保",
    "city": "城市更新与规划",
    "safety": "安全与应急",
}
CHANNELS = {"app": "App", "sms": "短信", "email": "邮件"}
CADENCES = {"immediate": "即时", "daily": "每日", "weekly": "每周"}
DOORS = {"entitled": "依规定告知", "subscribed": "因订阅", "recommended": "因推荐"}
LANES = {"urgent": "紧急通道", "normal": "普通通道", "bulk": "批量通道"}
KINDS = {
    "normative": "规范性文件",
    "consultation": "征求意见",
    "plan": "规划",
    "guide": "办事指南",
    "negative_list": "负面清单",
    "fund": "资金补贴",
    "emergency": "紧急",
    "interpretation": "解读",
    "response": "公开答复",
    "gazette": "政府公报",
}
CAMPAIGN_STATES = {
    "draft": "草稿",
    "in_review": "待审核",
    "changes_requested": "退回修改",
    "approved": "已批准",
    "scheduled": "已排期",
    "running": "运行中",
    "paused": "已暂停",
    "finished": "已完成",
    "cancelled": "已取消",
    "expired": "已过期",
}
DELIVERY_STATES = {
    "gathering": "待汇总",
    "waiting": "等待升级",
    "not_needed": "无需再发",
    "planned": "排队",
    "sending": "发送中",
    "accepted": "已接受",
    "delivered": "已送达",
    "opened": "已打开",
    "unknown": "结果待核实",
    "rejected": "被拒",
    "bounced": "退回",
    "complained": "投诉",
    "refused": "临发前未发",
    "expired": "过期未发",
    "cancelled": "已取消",
}
REFUSALS = {
    "erased": "未发：本人已注销",
    "suppressed": "未发：号码已停用，已列线下名单",
    "no_basis": "未发：无有效同意，也未登记法定依据",
    "entitled_off": "未发：本人关闭了非必要告知",
    "personalised_off": "未发：本人关闭了为我推荐",
    "minor": "未发：未成年人不作推荐",
    "no_guardian_consent": "未发：缺监护人同意",
    "muted": "未发：本人屏蔽了这一主题",
    "paused": "未发：本人暂停了通知",
    "told": "未发：同一事项已告知",
    "cap": "未发：已到本人每周上限",
    "same_address": "未发：并入同一号码的另一条",
    "no_address": "未发：没有可用的联系方式",
    "expired": "未发：已过时限",
    "cancelled": "未发：活动已取消",
}
ROLES = {"author": "作者", "reviewer": "审核", "sender": "发送", "auditor": "审计", "administrator": "管理员"}
MEMBERS = {"admin": "管理员", "member": "成员"}
PROFILE_KINDS = {
    code: zh for code, (zh, _) in LEVEL_WORDS.items() if code in ("citizen", "self_employed", "enterprise")
}
PROFILE_KINDS |= {"cooperative": "合作社", "other": "其他组织"}
PURPOSES = {"notify": "政策通知", "recommend": "为我推荐", "sensitive": "敏感信息", "guardian": "监护人同意"}
EVERY = {
    "topic": TOPICS,
    "channel": CHANNELS,
    "cadence": CADENCES,
    "door": DOORS,
    "lane": LANES,
    "kind": KINDS,
    "campaign": CAMPAIGN_STATES,
    "delivery": DELIVERY_STATES,
    "refusal": REFUSALS,
    "role": ROLES,
    "member": MEMBERS,
    "profile": PROFILE_KINDS,
    "purpose": PURPOSES,
}


def label(group: str, code: str | None) -> str:
    """The Chinese name of a code; a code without one is shown as it is."""
    return EVERY[group].get(code or "", code or "")
