"""What may be said about a campaign when it is drafted or edited; a value that could never work is refused at once."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from channels.templates import TemplateError
from profiles.opening import SENTENCES, never_opens
from pushsvc.pipeline.audience_rule import RuleError, read_limits
from pushsvc.pipeline.errors import PipelineError
from pushsvc.pipeline.wording import check_words

DOORS = ("entitled", "subscribed", "recommended")
LANES = ("urgent", "normal", "bulk")
TIMES = ("starts_at", "expires_at")
TEMPLATE = re.compile(r"[a-z][a-z0-9_-]{0,30}")
NARROWEST = "sms"  # the channel that has hours of its own, for what a model chose
OPTIONS = frozenset((
    "doors", "lane", "basis", "audience", "content", "title", "event", "emergency", "rate_per_second",
    "escalate_after", "detail", "rule_id", "sms_template", *TIMES,
))  # fmt: skip
LONGEST_WAIT = 168  # hours before a second channel: a week
RATES = (0.1, 100_000.0)  # messages a second


class CampaignError(PipelineError):
    """A campaign refuses what was asked of it; `code` names the rule, `place` the campaign or the option, if one is.

    `funnel`: of an audience that is empty.
    """

    funnel: Mapping[str, Any] | None = None

    def __init__(self, code: str, sentence: str, place: str = "") -> None:
        super().__init__(code, sentence)
        self.place = place


def checked(options: Mapping[str, Any], now: datetime, *, row: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The options to store, those that are None left out; of an edit, `row` is the campaign as it stands.

    Raises CampaignError: unknown_option, unknown_door, unknown_lane, no_basis, bad_rule, bad_content, bad_rate,
    bad_wait, bad_detail, bad_template, bad_moment, ends_before_start, already_over, only_at_night.
    """
    if unknown := set(options) - OPTIONS:
        raise CampaignError("unknown_option", f"A campaign has no {', '.join(sorted(unknown))}.")
    values = {name: value for name, value in options.items() if value is not None}
    _require_known(values.get("doors", ()), DOORS, "door")
    _require_known([values["lane"]] if "lane" in values else (), LANES, "lane")
    then = {"doors": (), "basis": None, "starts_at": None, "expires_at": None, "emergency": False, **(row or {})}
    then |= values
    if "entitled" in then["doors"] and not str(then["basis"] or "").strip():
        raise CampaignError("no_basis", "The entitled door needs a cited legal duty as its basis.")
    _check_words_and_rule(values)
    _check_numbers(values)
    _check_times(values, then, now)
    return values


def _check_words_and_rule(values: Mapping[str, Any]) -> None:
    try:
        read_limits(values.get("audience", {}))
    except RuleError as exc:
        raise CampaignError("bad_rule", str(exc)) from exc
    try:
        check_words(values.get("content", {}))
    except (ValueError, TemplateError) as exc:
        raise CampaignError("bad_content", f"The campaign's own words cannot be used: {exc}") from exc
    try:
        json.dumps(values.get("detail", {}))
    except (TypeError, ValueError) as exc:
        raise CampaignError("bad_detail", f"The detail of the event cannot be stored: {exc}.") from exc
    if not isinstance(values.get("detail", {}), Mapping):
        raise CampaignError("bad_detail", "The detail of the event is no object.")
    template = values.get("sms_template", "policy")
    if not isinstance(template, str) or TEMPLATE.fullmatch(template) is None:
        raise CampaignError("bad_template", "An SMS template is called by its name: small letters and digits.")


def _check_numbers(values: Mapping[str, Any]) -> None:
    rate, wait = values.get("rate_per_second", 1.0), values.get("escalate_after", 1)
    if not isinstance(values.get("emergency", False), bool):
        raise CampaignError("bad_emergency", "Whether it is an emergency is true or false.")
    if isinstance(rate, bool) or not isinstance(rate, int | float) or not _within(rate):
        raise CampaignError("bad_rate", f"A campaign sends {RATES[0]:g} to {RATES[1]:,.0f} messages a second.")
    if isinstance(wait, bool) or not isinstance(wait, int) or not 1 <= wait <= LONGEST_WAIT:
        raise CampaignError("bad_wait", f"A second channel is tried after 1 to {LONGEST_WAIT} whole hours.")


def _within(rate: float) -> bool:
    return math.isfinite(rate) and RATES[0] <= rate <= RATES[1]


def _check_times(values: Mapping[str, Any], then: Mapping[str, Any], now: datetime) -> None:
    """A window that never opens is refused when it is saved, not found out when nothing was sent."""
    for name in TIMES:
        if name in values and (not isinstance(values[name], datetime) or values[name].tzinfo is None):
            raise CampaignError("bad_moment", f"{name} is no moment with a time zone.")
    if not values.keys() & {*TIMES, "doors", "emergency"}:
        return
    doors, emergency = then["doors"], bool(then["emergency"])
    starts, ends = then["starts_at"], then["expires_at"]
    # Each person chooses the channel, so every campaign must be able to use the narrowest: who has a telephone alone
    # would be told nothing, and nobody would notice.
    code = never_opens(starts, ends, now=now, doors=doors, channels=(NARROWEST,), emergency=emergency)
    if code:
        raise CampaignError(code, SENTENCES[code], "starts_at" if code == "ends_before_start" else "expires_at")


def _require_known(values: Sequence[str], known: Sequence[str], what: str) -> None:
    for value in values:
        if value not in known:
            raise CampaignError(f"unknown_{what}", f"There is no {what} {value!r}; known: {', '.join(known)}.")
