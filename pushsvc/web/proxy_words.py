"""What a leave covers and what was done by it, in words."""

from __future__ import annotations

from collections.abc import Iterable

from pushsvc.web.i18n import t

SCOPES = {"read": "看政策和进度", "manage": "改通知设置和订阅", "ask": "更正信息、自查和提问"}
# What a person agrees to, by its version, which stands with the leave: other words are another version, old ones stay.
WORDINGS = {
    "proxy-1": (
        "我同意由我信任的人，在下列范围和期限内代我办理。对方能看到政策和为什么与我有关，看不到我的完整号码；"
        "不能代我同意使用敏感信息、导出或删除数据，也不能再委托别人。"
    ),
}
SEEN, CHANGED = "看了一个页面", "改了一项设置"
# What a view does, where that is more than looking at a page or changing what stands there.
ACTS = {
    "acting.act_for": "开始或结束代办",
    "reacting.react": "收藏、隐藏了政策，或取消",
    "reacting.apply": "记下是否已申请",
    "facts.ask": "补充或请求更正信息",
    "facts.ask_deletion": "请求删除信息",
    "questions.ask": "提了一个问题",
    "questions.withdraw": "撤回了一个问题",
    "self_check.answer": "做了资格自查",
    "own_data.stop_all": "停止了全部通知",
    "own_data.resume_all": "恢复了全部通知",
    "wishes.add": "添加了订阅",
    "wishes.stop": "停止了订阅",
    "tags.add": "添加了标签",
    "tags.delete": "删除了标签",
}
# The pages of a blueprint by what they are about.
PAGES = {
    "subscriber": "政策页面",
    "preferences": "通知设置",
    "own_data": "通知设置",
    "wishes": "订阅管理",
    "tags": "标签",
    "inbox": "收到的消息",
    "history": "消息记录",
    "facts": "登记的信息",
    "stages": "人生阶段",
    "family": "家庭成员",
    "questions": "提问",
    "self_check": "资格自查",
    "checkup": "政策体检",
    "acting": "为谁办理",
    "choosers": "行业和地区",
    "feed_search": "政策搜索",
}


def scope_words(scopes: Iterable[str]) -> str:
    """What a leave covers."""
    held = set(scopes)
    first, *others = [t(words) for scope, words in SCOPES.items() if scope in held] or [""]
    return t("、").join([first, *(one[:1].lower() + one[1:] for one in others)])  # one sentence in English


def act_words(action: str) -> str:
    """What was done, of "POST preferences.choices": in a sentence, or where and whether it was looked at or changed."""
    method, _, endpoint = action.partition(" ")
    looked = method in ("GET", "HEAD")
    if not looked and endpoint in ACTS:
        return t(ACTS[endpoint])
    where = PAGES.get(endpoint.partition(".")[0])
    if where is None:
        return t(SEEN if looked else CHANGED)
    return t("看：{where}", where=t(where)) if looked else t("改：{where}", where=t(where))
