"""Compose: the words of a batch are built once for each language and reason, then filled for each recipient."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, RowMapping

from channels.base import Message
from channels.mime import Letter, Skeleton, fill
from pushsvc.context import Context
from pushsvc.links import unsubscribe_token
from pushsvc.pipeline import wording
from pushsvc.pipeline.days import city_day
from pushsvc.pipeline.event_words import event_line
from pushsvc.store import content, digests
from pushsvc.store.addresses import place
from pushsvc.store.policies import Policy, policies_by_id
from pushsvc.store.policy_events import detail_of

CHECK_LETTERS = 6
# Stands for a person's code while an SMS is cut to its length: characters that no text may hold (Unicode 23.7).
MARKS = range(0xFDD0, 0xFDD0 + CHECK_LETTERS)
MARK = "".join(map(chr, MARKS))
Ready = Skeleton | str | tuple[str, str]  # a mail, an SMS with its mark, or (title, text) of a push


@dataclass(frozen=True)
class Part:
    """What a batch was looked up for, once: addresses in plain text, languages, policies, digest items."""

    addresses: Mapping[int, str]
    locales: Mapping[int, str]
    policies: Mapping[int, Policy]
    items: Mapping[int, Sequence[int]]
    own: Mapping[str, Mapping[str, str]]
    basis: str
    detail: Mapping[str, Any]  # of the event that the campaign tells of
    run_id: int


def compose(ctx: Context, conn: Connection, members: Sequence[RowMapping], addresses: Sequence[int]) -> list[Message]:
    """One message for each member (all of one run and channel), sent to the address at the same index."""
    if members[0]["run_kind"] == "system":
        return [
            _system(ctx, row, _plain(ctx, conn, row["channel"], [a])[a])
            for row, a in zip(members, addresses, strict=True)
        ]
    part = _look_up(ctx, conn, members, addresses)
    made: dict[tuple[str, str, tuple[int, ...]], Ready] = {}
    messages = []
    for row, address_id in zip(members, addresses, strict=True):
        ids = tuple(part.items.get(row["id"], ())) or (row["policy_id"],)
        key = (part.locales[row["recipient_id"]], "digest" if row["policy_id"] is None else row["door"], ids)
        if key not in made:
            made[key] = _ready(ctx, members[0]["channel"], _words(ctx, part, key))
        messages.append(_message(ctx, row, made[key], part.addresses[address_id]))
    return messages


def _look_up(ctx: Context, conn: Connection, members: Sequence[RowMapping], addresses: Sequence[int]) -> Part:
    items = digests.items_of(conn, [row["id"] for row in members if row["policy_id"] is None])
    ids = {row["policy_id"] for row in members if row["policy_id"]} | {i for some in items.values() for i in some}
    own, basis = content.campaign_words(conn, members[0]["campaign_id"])
    return Part(
        addresses=_plain(ctx, conn, members[0]["channel"], addresses),
        locales=content.locales(conn, [row["recipient_id"] for row in members]),
        policies={found.id: found for found in policies_by_id(conn, sorted(ids))},
        items=items,
        own=own,
        basis=basis,
        detail=detail_of(conn, members[0]["campaign_id"]),
        run_id=members[0]["run_id"],
    )


def _plain(ctx: Context, conn: Connection, channel: str, addresses: Sequence[int]) -> dict[int, str]:
    """Addresses in plain text, only for the attempt being sent."""
    found = content.ciphers(conn, addresses)
    return dict(zip(found, ctx.keyring.decrypt_all(list(found.values()), place(channel)), strict=True))


def _words(ctx: Context, part: Part, key: tuple[str, str, tuple[int, ...]]) -> wording.Words:
    locale, variant, ids = key
    locale = "en" if locale.startswith("en") else "zh"
    policies = [part.policies[i] for i in ids]
    if variant == "digest":
        return wording.digest_words(ctx.settings, policies, locale=locale, run_id=part.run_id)
    own = part.own.get(locale, {})
    told = wording.words(ctx.settings, policies, locale=locale, variant=variant, own=own, basis=part.basis)
    quiet = policies[0].sensitive and part.detail.get("kind") == "changed"  # what changed would name the matter
    return wording.with_line(told, "" if quiet else event_line(part.detail, locale, city_day(ctx)))


def _ready(ctx: Context, channel: str, told: wording.Words) -> Ready:
    """The rendered content of a channel, its holes open."""
    if channel == "email":
        return wording.render_email(ctx.settings, told)
    if channel == "sms":
        return wording.fill_sms(wording.render_sms(ctx.settings, told), {"check": MARK}, ctx.settings.sms_signature)
    return wording.render_push(ctx.settings, told)


def _message(ctx: Context, row: RowMapping, ready: Ready, to: str) -> Message:
    key = row["wire_key"]
    if isinstance(ready, Skeleton):
        letter = Letter(to, key, ctx.clock(), _unsubscribe_url(ctx, row), {"check": check_code(key)})
        return Message(key, to, raw=fill(ready, letter), recipient=row["recipient_id"])
    if isinstance(ready, str):
        text = ready.translate(dict(zip(MARKS, check_code(key), strict=True)))
        return Message(key, to, text=text, recipient=row["recipient_id"])
    title, text = ready
    meta = {"profile_id": str(row["profile_id"]), "policy_id": str(row["policy_id"] or "")}
    return Message(key, to, text=text, title=title, recipient=row["recipient_id"], meta=meta)


def _system(ctx: Context, row: RowMapping, to: str) -> Message:
    """A message with words of its own, kept as ciphertext on its run: a sign-in code."""
    text = ctx.keyring.decrypt(bytes(row["run_content"]), f"run:{row['run_id']}")
    if row["channel"] != "email":
        return Message(row["wire_key"], to, text=text, title=ctx.settings.city, recipient=row["recipient_id"])
    skeleton = wording.render_system(ctx.settings, text)
    return Message(
        row["wire_key"], to, raw=fill(skeleton, Letter(to, row["wire_key"], ctx.clock())), recipient=row["recipient_id"]
    )


def check_code(wire_key: str) -> str:
    """What a person quotes to 12345 to check that a message is ours."""
    return wire_key[:CHECK_LETTERS].upper()


def _unsubscribe_url(ctx: Context, row: RowMapping) -> str:
    who = {"recipient_id": row["recipient_id"], "profile_id": row["profile_id"], "policy_id": row["policy_id"]}
    token = unsubscribe_token(ctx.settings.secret_key, delivery_id=row["id"], door=row["door"], **who)
    return f"{ctx.settings.public_url.rstrip('/')}/u/{token}"
