"""What our codes are called on pages, in Chinese; the catalogue has the English."""

from __future__ import annotations

from profiles.facts import LEVEL_WORDS
from pushsvc.web.finding_labels import FINDINGS
from pushsvc.web.question_labels import QUESTION_KINDS, QUESTIONS

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
EVENTS = {
    "new": "新政策",
    "changed": "内容调整",
    "window_opened": "申报开始",
    "deadline": "临近截止",
    "result": "结果公布",
    "repealed": "政策废止",
}
RULE_STATES = {"draft": "草稿", "in_review": "待审核", "approved": "已批准", "ended": "已结束"}
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
    "same_family": "未发：同一事项，汇总里只列最新一条",
    "agency_max": "未发：同一机关，汇总里已列满",
    "repealed": "未发：政策已废止",
    "expired": "未发：已过时限",
    "cancelled": "未发：活动已取消",
    "simulated": "模拟：试运行，未真正发送",
}
ROLES = {"author": "作者", "reviewer": "审核", "emergency": "应急批准", "sender": "发送", "auditor": "审计"}
ROLES |= {"administrator": "管理员"}
MEMBERS = {"admin": "管理员", "member": "成员"}
PROFILE_KINDS = {
    code: zh for code, (zh, _) in LEVEL_WORDS.items() if code in ("citizen", "self_employed", "enterprise")
}
PROFILE_KINDS |= {"cooperative": "合作社", "other": "其他组织"}
PURPOSES = {"notify": "政策通知", "recommend": "为我推荐", "sensitive": "敏感信息", "guardian": "监护人同意"}
PURPOSES |= {"dependants": "未满 14 周岁家人的信息"}
NOT_HELD = {"older": "日期较早", "lower_rank": "来源的优先级较低", "corrected": "已按您的更正修改"}
CORRECTIONS = {"open": "等待答复", "accepted": "已更正", "refused": "未予更正"}
DELETIONS = {"open": "等待答复", "accepted": "已删除", "refused": "未予删除"}
GROUNDS = {
    "purpose": "处理目的已实现、无法实现，或者为实现处理目的不再必要",
    "expired": "已停止提供服务，或者保存期限已届满",
    "withdrawn": "本人撤回同意",
    "unlawful": "违反法律、行政法规或者违反约定处理",
    "other": "法律、行政法规规定的其他情形",
}
RELATIVES = {"child": "子女", "elder": "老人", "other": "其他家人", "": "家人"}
PAPERS = {"valid": "有效", "lapsing": "即将到期", "lapsed": "已过期", "future": "尚未生效"}
PLACES = {
    "title": "标题",
    "body": "正文",
    "agency": "机关",
    "doc_no": "文号",
    "region": "地区",
    "amount": "金额",
    "date_written": "成文日期",
    "date_published": "发布日期",
    "date_effective": "施行日期",
    "valid_to": "有效期至",
    "url": "网址",
    "criteria": "条件",
}
RELATIONS = {
    "repeals": "废止",
    "based_on": "依据",
    "forwards": "转发",
    "interprets": "解读的是",
    "amends": "修改",
    "excludes": "不重复享受",
    "duplicates": "重复于",
}
SAID_OF = {
    "repeals": "被废止，由",
    "based_on": "是其依据",
    "forwards": "被转发，由",
    "interprets": "被解读，由",
    "amends": "被修改，由",
    "excludes": "不重复享受，见",
    "duplicates": "另一份与它重复",
}
POLICY_STATES = {"draft": "草稿", "published": "已公布", "withdrawn": "已撤下"}
FACETS = {
    "district": "地区",
    "section": "行业门类",
    "size": "企业规模",
    "stage": "所处阶段",
    "age": "年龄段",
    "kind": "主体类型",
}
MODEL_PARTS = {
    "lightfm": "读法相近：按这一方向训练的 LightFM",
    "other": "读法相近：按另一方向训练的 LightFM",
    "nearest": "内容最相近的旧政策，读过它们的人",
    "ridge": "内容回归：全部旧政策，读过它们的人",
    "declared": "本人的兴趣、订阅、地区、行业与所处阶段，不看任何记录",
}
METHODS = {
    "declared": "只用本人申报的兴趣",
    "knn": "只用内容最相近的旧政策",
    "ridge": "只用内容回归",
    "popularity": "按受欢迎程度",
    "activity": "按活跃程度",
    "random": "随机",
}
MODEL_FEATURES = {
    "kind": "主体类型",
    "region": "地区",
    "zone": "所在功能区",
    "employment": "就业状态",
    "talent": "人才类别",
    "size": "企业规模",
    "section": "行业门类",
    "division": "行业",
    "age": "年龄段",
    "stage": "所处阶段",
    "interest": "兴趣标签",
    "wish": "订阅的主题与关键词",
    "wish-section": "订阅的行业",
}
EVERY = {
    "part": MODEL_PARTS,
    "method": METHODS | {"ours": "现用模型"},
    "feature": MODEL_FEATURES,
    "topic": TOPICS,
    "channel": CHANNELS,
    "cadence": CADENCES,
    "door": DOORS,
    "lane": LANES,
    "kind": KINDS,
    "campaign": CAMPAIGN_STATES,
    "event": EVENTS,
    "rule": RULE_STATES,
    "delivery": DELIVERY_STATES,
    "refusal": REFUSALS,
    "role": ROLES,
    "member": MEMBERS,
    "profile": PROFILE_KINDS,
    "purpose": PURPOSES,
    "finding": FINDINGS,
    "place": PLACES,
    "relation": RELATIONS,
    "said_of": SAID_OF,
    "policy": POLICY_STATES,
    "not_held": NOT_HELD,
    "correction": CORRECTIONS,
    "deletion": DELETIONS,
    "ground": GROUNDS,
    "relative": RELATIVES,
    "question_kind": QUESTION_KINDS,
    "question": QUESTIONS,
    "paper": PAPERS,
    "facet": FACETS,
}


def label(group: str, code: str | None) -> str:
    """The Chinese name of a code; a code without one is shown as it is."""
    return EVERY[group].get(code or "", code or "")
