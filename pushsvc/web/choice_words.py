"""Preferences in words: what saving changed, when the next message would come, what follows an unread one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from profiles.errors import ProfilesError
from pushsvc.pipeline.choice_fields import CELLS, FIELDS
from pushsvc.pipeline.preferences import ChoiceError, Saved
from pushsvc.pipeline.quiet_preview import Arrival
from pushsvc.store.addresses import Reachable
from pushsvc.web.current import context
from pushsvc.web.i18n import t
from pushsvc.web.labels import CHANNELS, TOPICS
from pushsvc.web.words import day

WRONG = {
    "never_opens": "推荐短信只在北京时间 8:00–22:00 发送。请留出其中一段，或关闭短信",
    "half_quiet": "开始和结束都要填，或者都不填",
    "all_quiet": "不能整天都不打扰。想整天不收，请用下面的暂停",
    "past": "这一天已过，请选明天或以后",
    "too_young": "年满 65 岁才可以改先后",
}
OTHERWISE = "请检查填写的内容"
SUPPRESSED = {
    "opt_out": "已退订，只发依法必须告知的",
    "bounced": "多次送不到，已停用",
    "complained": "投诉过，已停用",
}
STOPPED = "已停用"


def wrong_words(error: ProfilesError | ChoiceError) -> str:
    """What is wrong, at the field."""
    return t(WRONG.get(error.code, OTHERWISE))


def wrong_place(error: ProfilesError | ChoiceError, form: str, names: Sequence[str]) -> str:
    """The field to say it at; the form where the field stands in another one."""
    return error.place if error.place in names and error.place in FIELDS else form


def saved_words(saved: Saved) -> str:
    """What saving changed: by name where it was one thing."""
    if not saved.after:
        return t("没有改动")
    (name, value), *others = saved.after.items()
    if others or (name not in CELLS and name not in CHANNELS):
        return t("已保存")
    topic, _, channel = name.rpartition(".")
    if topic:
        named = {"topic": t(TOPICS[topic]), "channel": t(CHANNELS[channel])}
        return t("已开启“{topic}”的{channel}", **named) if value else t("已停止“{topic}”的{channel}", **named)
    named = {"channel": t(CHANNELS[channel])}
    return t("已开启{channel}", **named) if value else t("已关闭{channel}。必要告知照常", **named)


def arrival_lines(whens: Sequence[Arrival], usable: Sequence[str]) -> list[str]:
    """When a message of now would come; for recommendations only where that is another time."""
    told = {(one.door, one.channel): _when(one) for one in whens if one.channel in usable}
    lines = []
    for when, channels in _grouped(told, "subscribed", usable).items():
        named = {"when": when, "channels": _names(channels)}
        same = len(channels) == len(usable)
        lines.append(t("现在有新消息的话，{when}送达", **named) if same else t("{channels}：{when}送达", **named))
    apart = {key: when for key, when in told.items() if key[0] == "recommended" and when != told["subscribed", key[1]]}
    for when, channels in _grouped(apart, "recommended", usable).items():
        named = {"when": when, "channels": _names(channels)}
        same = len(channels) == len(usable)
        lines.append(t("为您推荐的，{when}送达", **named) if same else t("为您推荐的{channels}，{when}送达", **named))
    return lines


def unread_line(fields: Mapping[str, str]) -> str:
    """What happens now where nobody opens a message: first this, after so many hours that."""
    first = "sms" if fields.get("channel_order", "").startswith("sms") else "app"
    then = [one for one in CHANNELS if one != first and f"then.{one}" in fields]
    named = {"first": t(CHANNELS[first]), "n": fields["escalate_hours"]}
    if not then:
        return t("现在：先发{first}，没有打开也不再提醒", **named)
    return t(
        "现在：先发{first}；{n} 小时没有打开，再发{then}", then=t("或").join(t(CHANNELS[one]) for one in then), **named
    )


def address_state(one: Reachable) -> tuple[str, str]:
    """(how it looks, words) of an address: may it be used, and was it proven?"""
    if one.suppressed:
        return "no", t(SUPPRESSED.get(one.suppressed, STOPPED))
    return ("yes", t("已验证")) if one.verified else ("maybe", t("未验证"))


def _grouped(told: Mapping[tuple[str, str], str], door: str, usable: Sequence[str]) -> dict[str, list[str]]:
    """When → the channels of a door by which it is then."""
    found: dict[str, list[str]] = {}
    for channel in usable:
        if (door, channel) in told:
            found.setdefault(told[door, channel], []).append(channel)
    return found


def _names(channels: Sequence[str]) -> str:
    return t("、").join(t(CHANNELS[one]) for one in channels)


def _when(one: Arrival) -> str:
    """At once, today or tomorrow at an hour, or a day and an hour, on the person's clock."""
    if one.now:
        return t("马上")
    clock, today = f"{one.at:%H:%M}", context().clock().astimezone(one.at.tzinfo).date()
    if one.at.date() == today:
        return t("今天 {clock} ", clock=clock)
    if one.at.date() == today + timedelta(days=1):
        return t("明天 {clock} ", clock=clock)
    return t("{day} {clock} ", day=day(one.at.date()), clock=clock)
