"""What a recipient will see on a lock screen, composed by the same words that send it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from channels.templates import TemplateError
from pushsvc.pipeline import wording
from pushsvc.store.policies import policies_by_id
from pushsvc.store.session import transaction
from pushsvc.web.current import context


@dataclass(frozen=True)
class Preview:
    """The push with its title; the SMS stand in `pipeline.sms_cost`."""

    push_title: str
    push_text: str


def preview(row: Mapping[str, Any], locale: str) -> Preview | None:
    """The push of a campaign in one language, by its first door. None where its own template is broken."""
    settings = context().settings
    with transaction(context().engine) as connection:
        policies = policies_by_id(connection, [row["policy_id"]])
    own = (row["content"] or {}).get(locale, {})
    try:
        told = wording.words(
            settings, policies, locale=locale, variant=row["doors"][0], own=own, basis=row["basis"] or ""
        )
        title, push = wording.render_push(settings, told)
    except TemplateError:
        return None
    return Preview(title, push)
