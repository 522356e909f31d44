"""SMS vendors for tests: settings that name them, templates that they approved, channels that remember."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from pushsvc.context import Context
from pushsvc.pipeline import sms_templates as registry
from pushsvc.pipeline.sms_templates import Form, Which

ALIYUN = "aliyun+http://id:secret@127.0.0.1:1"
TENCENT = "tencent+http://id:secret@127.0.0.1:2?app=1400000000&region=ap-guangzhou"
GATEWAY = "http://127.0.0.1:3"
POLICY = "${title}，${until}。不收费、不索要密码，可拨12345核验${check}。回R停收"
CODE = "您的登录验证码是${code}，10分钟内有效。请勿告诉他人。"


def with_routes(ctx: Context, **urls: str) -> Context:
    """A context whose SMS go by these routes: `name=url`, with `;weight=2` where it is said."""
    keys = " ".join(f"{name}=key" for name, url in urls.items() if url.startswith("http"))
    words = " ".join(f"{name}={url}" for name, url in urls.items())
    given = {"sms_url": words, "gateway_keys": keys, "gateway_key": b"key"}
    return replace(ctx, settings=replace(ctx.settings, **given))  # type: ignore[arg-type]


def write(ctx: Context, body: str = POLICY, name: str = "policy", *, locale: str = "zh", kind: str = "notice") -> Which:
    """A template, or a new version of it."""
    made = registry.add(ctx, name, body, locale=locale, kind=kind, by="李萌")
    return Which(name, locale, made.version)


def filed(ctx: Context, which: Which, route: str = "aliyun", *, expected: date | None = None, **limits: int) -> Which:
    """The template, filed at a route."""
    form = Form(f"SMS_{which.name}_{which.locale}_{which.version}", "江澜政策", limits, expected)
    registry.file(ctx, which, route, form, by="周岚")
    return which


def approved(ctx: Context, which: Which, route: str = "aliyun", *, last: date | None = None, **limits: int) -> Which:
    """The template, filed and approved at a route."""
    registry.approve(ctx, filed(ctx, which, route, **limits), route, by="周岚", expires_at=last)
    return which
