"""What `benchmarks.gateway --provider NAME` measures: the people, settings and rows that each provider needs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

import pyarrow as pa
from sqlalchemy import text

from benchmarks.people_filling import MORNING, Mix, everybody
from pushsvc.context import Context
from pushsvc.pipeline import sms_templates
from pushsvc.pipeline.devices import CHANNEL
from pushsvc.settings import Settings
from pushsvc.store import devices
from pushsvc.store.bulk import copy_columns, hexadecimal
from pushsvc.store.session import transaction

BODY = "${agency}：${title}。校验码${check}，拒收请回复R"
BY = "benchmark"


@dataclass(frozen=True)
class Provider:
    """A provider: the shape of its sink ("" for the gateway's own), settings with the sink's URL in them, people, and
    what is written before they are told."""

    sink: str
    settings: Callable[[Settings, str], Settings]
    people: Mix
    prepare: Callable[[Context, int, int], None] = lambda ctx, campaign, people: None


def _gateway(settings: Settings, url: str) -> Settings:
    return replace(settings, sms_url=url, app_url=url)


def _aliyun(settings: Settings, url: str) -> Settings:
    vendor = f"aliyun+http://sandbox:secret-of-the-sink@{urlsplit(url).netloc}"
    return replace(settings, sms_url=vendor, app_url=url)


def _jpush(settings: Settings, url: str) -> Settings:
    vendor = f"jpush+http://sandbox:secret-of-the-sink@{urlsplit(url).netloc}"
    return replace(settings, sms_url=url, app_url=url, push_urls=vendor)


def _approve(ctx: Context, campaign: int, people: int) -> None:
    """The template that Aliyun approved, in both languages, as the campaign's review bound it."""
    for locale in ("zh", "en"):
        which = sms_templates.Which("policy", locale)
        sms_templates.add(ctx, "policy", BODY, locale=locale, kind="marketing", by=BY)
        sms_templates.file(ctx, which, "sms", sms_templates.Form("SMS_1", "江澜政策"), by=BY)
        sms_templates.approve(ctx, which, "sms", by=BY)
    with transaction(ctx.engine) as conn:
        conn.execute(text('update campaign set sms_words = \'{"zh": 1, "en": 1}\' where id = :id'), {"id": campaign})


def _register(ctx: Context, campaign: int, people: int) -> None:
    """A device at JPush for each person, as the app registered it: real hashes, ciphertext that decrypts."""
    tokens = [f"registration-{n:010d}" for n in range(1, people + 1)]
    ciphers = ctx.keyring.encrypt_all(tokens, devices.place("jpush"))
    at: Any = pa.array([MORNING] * people)
    columns = {
        "recipient_id": pa.array(range(1, people + 1)),
        "platform": pa.array(["jpush"] * people),
        "token": pa.array(hexadecimal(ciphers)),
        "lookup": pa.array(hexadecimal(ctx.keyring.lookups(CHANNEL, tokens))),
        "created_at": at,
        "last_seen_at": at,
    }
    with transaction(ctx.engine) as conn:
        copy_columns(conn, "device", columns)


PROVIDERS = {
    "gateway": Provider("", _gateway, everybody(sms=0.5, app=0.5)),
    "aliyun": Provider("aliyun", _aliyun, everybody(sms=1), _approve),
    "jpush": Provider("jpush", _jpush, everybody(app=1, dumb=True), _register),
}
