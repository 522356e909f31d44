"""Providers by name. The module behind a name is imported when it is first opened."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import cast

from channels.base import Channel, ChannelError

PROVIDERS: dict[str, str] = {
    "smtp": "channels.email:SmtpChannel",
    "http_sms": "channels.sms.http:HttpSms",
    "aliyun_sms": "channels.sms.aliyun:AliyunSms",
    "tencent_sms": "channels.sms.tencent:TencentSms",
    "http_push": "channels.push.http:HttpPush",
    "web_push": "channels.push.web_push:WebPush",
    "jpush": "channels.push.jpush:JPushChannel",
    "wechat_mp": "channels.push.wechat:WeChatChannel",
    "webhook": "channels.push.webhook:WebhookChannel",
    "inbox": "channels.inbox:InboxChannel",
    "app": "channels.app:AppChannel",
    "memory": "channels.memory:MemoryChannel",
    "console": "channels.console:ConsoleChannel",
}


def open_channel(provider: str, options: Mapping[str, object]) -> Channel:
    """The provider's channel, made with `options` (its keyword arguments; each adapter's class documents them).

    Raises ChannelError "unknown_provider" for a name not listed and "bad_option" for an option it does not take,
    misses, or cannot use.
    """
    path = PROVIDERS.get(provider)
    if path is None:
        known = ", ".join(sorted(PROVIDERS))
        raise ChannelError("unknown_provider", f"There is no provider {provider!r}; there are {known}.")
    module, _, name = path.partition(":")
    try:
        return cast(Channel, getattr(import_module(module), name)(**options))
    except (TypeError, ValueError) as exc:
        raise ChannelError("bad_option", f"Provider {provider!r} cannot be opened: {exc}.") from exc
