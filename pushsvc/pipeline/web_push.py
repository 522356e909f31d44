"""Web Push as the settings have it: the key that browsers subscribe for, the services that may be posted to."""

from __future__ import annotations

from email.utils import parseaddr

from channels.push.subscription import KNOWN
from channels.signers.vapid import public_text, read_key
from pushsvc.settings import Settings


def services(settings: Settings) -> tuple[str, ...]:
    """The push services that a subscription may name, as `read_subscription` takes them."""
    return (*KNOWN, *settings.push_hosts.split())


def public_key(settings: Settings) -> str:
    """What a browser subscribes with (its `applicationServerKey`); "" where there is no key."""
    return public_text(read_key(settings.vapid_key).public_key()) if settings.vapid_key else ""


def options(settings: Settings) -> dict[str, object]:
    """The options of the provider `web_push` beside `clock` and `timeout`; push services write to our mails' sender."""
    subject = f"mailto:{parseaddr(settings.sender)[1]}"
    return {"vapid_key": settings.vapid_key, "subject": subject, "allowed": services(settings)}
