"""What a provider's code means: a class, the outcome it stands for, and what the class asks of the service."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Literal

from channels.base import Outcome, Status
from channels.reason_codes import CODES

Kind = Literal["accepted", "permanent", "account", "throttled", "number", "window", "transient", "unknown"]


@dataclass(frozen=True)
class Reason:
    """A class of codes. `suppress`: the address is not to be used again; `stop`: every member will fare the same,
    so the campaign or the channel must pause; `marketing_only`: the suppression spares what a duty requires."""

    name: str
    status: Status
    suppress: bool = False
    stop: bool = False
    marketing_only: bool = False


DEFERRED: dict[str, Kind] = {
    "account_blocked": "account",
    "auth": "account",
    "permanent_config": "account",
    "throttled_api": "throttled",
    "throttled_recipient": "number",
    "deferred_window": "window",
}


REASONS: dict[str, Reason] = {
    reason.name: reason
    for reason in (
        Reason("accepted", "accepted"),
        Reason("delivered", "accepted"),
        Reason("duplicate_suppressed", "accepted"),
        Reason("accepted_not_delivered", "rejected"),
        Reason("partial", "unknown"),
        Reason("unknown_outcome", "unknown"),
        Reason("message_lost", "unknown"),
        Reason("permanent_recipient", "rejected", suppress=True),
        Reason("recipient_opt_out", "rejected", suppress=True, marketing_only=True),
        Reason("permanent_content", "rejected", stop=True),
        Reason("permanent_content_or_policy", "rejected"),
        Reason("permanent_config", "rejected", stop=True),
        Reason("account_blocked", "deferred", stop=True),
        Reason("auth", "deferred", stop=True),
        Reason("throttled_recipient", "deferred"),
        Reason("throttled_api", "deferred"),
        Reason("deferred_window", "deferred"),
        Reason("transient", "deferred"),
        Reason("mailbox_full", "deferred"),
        Reason("failed_by_carrier", "rejected"),
        Reason("failed_transient", "deferred"),
        Reason("failed_unknown", "rejected"),
        Reason("failed_permanent", "rejected", suppress=True),
        Reason("failed_carrier_specific", "rejected"),
    )
}


ENHANCED = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")


def reason(provider: str, code: str) -> Reason | None:
    """The reason behind the `code` of an outcome or a receipt, None if no table knows it.

    A code that ends in `*` in a table stands for its family. What a provider's own table lacks is looked up among the
    gateways' codes, where what goes wrong on the way to any of them stands. SMTP codes are read by rule, see
    `smtp_reason`.
    """
    if provider == "smtp" and code[:3].isdigit():
        return smtp_reason(int(code[:3]), code[3:])
    return _look_up(provider, code) or _look_up("gateway", code)


def kind(provider: str, outcome: Outcome) -> Kind:
    """What the service does about an outcome: the adapter's status decides, the code says what a deferral waits for.

    account: nothing of ours leaves until a person acts (a key, a bill) · throttled: the provider is full · number:
    this number has had enough · window: not at this hour · transient: all other deferrals.
    """
    if outcome.status != "deferred":
        plain: dict[Status, Kind] = {"accepted": "accepted", "rejected": "permanent", "unknown": "unknown"}
        return plain[outcome.status]
    found = reason(provider, outcome.code)
    return DEFERRED.get(found.name, "transient") if found else "transient"


def troubled(provider: str, outcome: Outcome) -> bool:
    """Whether an outcome speaks against the provider: it was full, down, slow to the end, or did not let us in.

    A dead number, a full mailbox, a number's limit, a window, and a batch that came too late do not.
    """
    if outcome.status in ("accepted", "rejected") or outcome.code == "expired":
        return False
    if provider == "app" and ":" in outcome.code:  # said by a device's own vendor, not by the push gateway
        return False
    if kind(provider, outcome) in ("number", "window"):
        return False
    found = reason(provider, outcome.code)
    return found is None or found.name != "mailbox_full"


def unreached(code: str) -> bool:
    """Whether a deferral's code says that nothing left us: the time was over, or no connection was had."""
    return code == "expired" or code.startswith("connect") or code == "pool_timeout"


def smtp_reason(code: int, text: str = "") -> Reason:
    """The reason behind an SMTP reply; where its `text` has an enhanced status (RFC 3463), that decides."""
    found = ENHANCED.search(text)
    kind, detail = (found[2], found[3]) if found else ("", "")
    if (kind, detail) == ("2", "2") or code == 552:
        return REASONS["mailbox_full"]
    if 400 <= code < 500:
        return REASONS["transient"]
    if code in (530, 534, 535, 538):
        return REASONS["auth"]
    dead = (kind == "1" and detail not in ("7", "8")) or (kind, detail) == ("2", "1")  # 1.7, 1.8: the sender's address
    no_mailbox = dead or (found is None and code in (550, 551, 553))
    return REASONS["permanent_recipient" if no_mailbox else "permanent_content_or_policy"]


def smtp_code(code: int, text: str) -> str:
    """The reply's numbers without its words, which may hold an address: `550 5.1.1`."""
    found = ENHANCED.search(text)
    return f"{code} {found[0]}" if found else str(code)


def _look_up(provider: str, code: str) -> Reason | None:
    table = _table(provider)
    exact = table.get(code)
    family = exact or next(
        (name for stem, name in table.items() if stem.endswith("*") and code.startswith(stem[:-1])), None
    )
    return REASONS[family] if family else None


@cache
def _table(provider: str) -> dict[str, str]:
    classes = CODES.get(provider, {})
    return {code: name for name, codes in classes.items() for code in codes}
