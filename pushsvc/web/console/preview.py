"""What a recipient will read, composed by the same words that send it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from channels.templates import TemplateError
from channels.text import sms_parts, units
from pushsvc.pipeline import wording
from pushsvc.store.policies import policies_by_id
from pushsvc.store.session import transaction
from pushsvc.web.current import context

_CHECK = "7Q2M5K"  # stands in for the code a recipient quotes to 12345


@dataclass(frozen=True)
class Preview:
    """The texts of a phone: the SMS with its parts, the push with its title."""

    sms: str
    units: int
    parts: int
    push_title: str
    push_text: str


def preview(row: Mapping[str, Any], locale: str) -> Preview | None:
    """The messages of a campaign in one language, by its first door. None where its own template is broken."""
    settings = context().settings
    with transaction(context().engine) as connection:
        policies = policies_by_id(connection, [row["policy_id"]])
    own = (row["content"] or {}).get(locale, {})
    try:
        told = wording.words(
            settings, policies, locale=locale, variant=row["doors"][0], own=own, basis=row["basis"] or ""
        )
        sms = wording.fill_sms(wording.render_sms(settings, told), {"check": _CHECK}, settings.sms_signature)
        title, push = wording.render_push(settings, told)
    except TemplateError:
        return None
    return Preview(sms, units(sms), sms_parts("", sms), title, push)
