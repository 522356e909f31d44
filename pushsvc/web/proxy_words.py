"""What a leave covers and what was done by it, in words."""

from __future__ import annotations

from collections.abc import Iterable

from pushsvc.web.i18n import t

SCOPES = {"read": "看政策和进度", "manage": "改通知设置和订阅", "ask": "更正信息、自查和提问"}
SEEN, CHANGED = "看了一个页面", "改了一项设置"
# By the blueprint where one word fits all its pages, else by the view.
DONE = {
    "subscriber": "看了政策",
    "reacting": "收藏或隐藏了政策",
    "preferences": "通知设置",
    "wishes": "订阅",
    "tags": "标签",
    "inbox": "收到的消息",
    "history": "消息记录",
    "facts": "登记的信息",
    "stages": "人生阶段",
    "family": "家庭成员",
    "questions": "提问",
    "self_check": "资格自查",
    "checkup": "政策体检",
    "acting": "切换办理对象",
    "choosers": "选择行业或地区",
    "feed_search": "搜索政策",
}


def scope_words(scopes: Iterable[str]) -> str:
    """What a leave covers."""
    held = set(scopes)
    return t("、").join(t(words) for scope, words in SCOPES.items() if scope in held)


def act_words(action: str) -> str:
    """What was done, of "POST preferences.choices": where, and whether it was looked at or changed."""
    method, _, endpoint = action.partition(" ")
    looked = method in ("GET", "HEAD")
    where = DONE.get(endpoint.partition(".")[0])
    if where is None:
        return t(SEEN if looked else CHANGED)
    return t("看：{where}", where=t(where)) if looked else t("改：{where}", where=t(where))
