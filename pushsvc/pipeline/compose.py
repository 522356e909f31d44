"""Compose: the words of a batch are built once for each language and reason, then filled for each recipient."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from channels.base import Message
from channels.mime import Letter, MimeError, Skeleton, fill
from pushsvc.context import Context
from pushsvc.links import unsubscribe_token
from pushsvc.pipeline import sms_words, wording
from pushsvc.pipeline.days import city_day
from pushsvc.pipeline.event_words import policy_line
from pushsvc.pipeline.sms_words import FiledWords
from pushsvc.pipeline.system_words import unpack
from pushsvc.store import content, digests
from pushsvc.store.addresses import place
from pushsvc.store.members import Member, Run
from pushsvc.store.policies import Policy, policies_by_id, policy_of_campaign
from pushsvc.store.policy_events import details_of
from pushsvc.store.sms_templates import Filing

CHECK_LETTERS = 6
# Stands for a person's code while an SMS is cut to its length: characters that no text may hold (Unicode 23.7).
MARKS = range(0xFDD0, 0xFDD0 + CHECK_LETTERS)
MARK = "".join(map(chr, MARKS))
Key = tuple[str, str, tuple[tuple[int, int], ...]]  # language, reason, (policy, campaign of a digest's item or 0)
# A mail, an SMS with its mark, one of a vendor's template, or (title, text) of a push.
Ready = Skeleton | str | FiledWords | tuple[str, str]
By = Mapping[str, Filing]  # language → what the vendor of a route approved; "zh" is there
_ODD = re.compile(f"[{MARK}]")


@dataclass(frozen=True)
class Part:
    """What a batch was looked up for, once: addresses in plain text, policies, digest items, the campaign's words."""

    addresses: Mapping[int, str]
    policies: Mapping[int, Policy]
    items: Mapping[int, Sequence[tuple[int, int]]]  # of a digest: its policies, and the campaign that tells of each
    details: Mapping[int, Mapping[str, Any]]  # of those campaigns: the events that they tell of
    own: Mapping[str, Mapping[str, str]]
    basis: str
    detail: Mapping[str, Any]  # of the event that the campaign tells of
    run_id: int


def compose(
    ctx: Context, conn: Connection, run: Run, members: Sequence[Member], filed: By | None = None
) -> list[Message]:
    """One message for each member (all of the run, on one channel), to its `address_id`, in the words of its `locale`
    ("zh" or "en"); none for whom an address cannot be read, or cannot stand in a mail.

    `filed`: of an SMS by a vendor, the approved words by language, which are all that it sends.
    """
    channel = members[0]["channel"]
    addresses = _plain(ctx, conn, channel, [row["address_id"] for row in members])
    members = [row for row in members if row["address_id"] in addresses]
    if run.kind == "system":
        made_of = (run, filed)
        return [one for row in members for one in _unless_odd(_system, ctx, made_of, row, addresses[row["address_id"]])]
    part = _look_up(conn, run, members, addresses)
    made: dict[Key, Ready] = {}
    messages, now = list[Message](), ctx.clock()
    for row in members:
        ids = tuple(part.items.get(row["id"], ())) or ((row["policy_id"], 0),)
        locale = row["locale"] if filed is None or row["locale"] in filed else "zh"
        key = (locale, "digest" if row["policy_id"] is None else row["door"], ids)
        if key not in made:
            told = _words(ctx, part, key)
            made[key] = _ready(ctx, channel, told) if filed is None else _filed(ctx, filed[locale], told)
        ready, to = made[key], part.addresses[row["address_id"]]
        if isinstance(ready, Skeleton):
            messages += _unless_odd(_mail, ctx, row, ready, (to, now))
        else:
            messages.append(_message(row, ready, to))
    return messages


def _look_up(conn: Connection, run: Run, members: Sequence[Member], addresses: Mapping[int, str]) -> Part:
    items = digests.told_items(conn, [row["id"] for row in members if row["policy_id"] is None])
    ids = {row["policy_id"] for row in members if row["policy_id"]} | {i for some in items.values() for i, _ in some}
    campaign: Mapping[Any, Any] = {} if run.campaign is None else run.campaign
    detail = campaign.get("detail")
    return Part(
        addresses=addresses,
        policies=_policies(conn, run, ids),
        items=items,
        details=details_of(conn, sorted({told_by for some in items.values() for _, told_by in some if told_by})),
        own=campaign.get("content") or {},
        basis=campaign.get("basis") or "",
        detail=detail if isinstance(detail, Mapping) else {},
        run_id=run.id,
    )


def _policies(conn: Connection, run: Run, ids: set[int]) -> dict[int, Policy]:
    if run.campaign is not None and ids == {run.campaign["policy_id"]}:
        return {run.campaign["policy_id"]: policy_of_campaign(run.campaign)}
    return {found.id: found for found in policies_by_id(conn, sorted(ids))}


def _plain(ctx: Context, conn: Connection, channel: str, addresses: Sequence[int]) -> dict[int, str]:
    """Addresses in plain text, only for the attempt being sent; without those that no key of ours opens."""
    found, about = content.ciphers(conn, addresses), place(channel)
    try:
        return dict(zip(found, ctx.keyring.decrypt_all(list(found.values()), about), strict=True))
    except ValueError:  # a KeyringError, or what is too short for any: the others are not held back by it
        opened = {one: _opened(ctx, cipher, about) for one, cipher in found.items()}
        return {one: plain for one, plain in opened.items() if plain is not None}


def _opened(ctx: Context, cipher: bytes, about: str) -> str | None:
    try:
        return ctx.keyring.decrypt(cipher, about)
    except ValueError:
        return None


def _unless_odd(make: Callable[..., Message], *given: Any) -> tuple[Message, ...]:
    """The message; none where the recipient's address is what cannot be written. All else is ours to mend."""
    try:
        return (make(*given),)
    except MimeError as exc:
        if exc.code != "bad_address":
            raise
        return ()


def _words(ctx: Context, part: Part, key: Key) -> wording.Words:
    locale, variant, ids = key
    policies, on = [part.policies[i] for i, _ in ids], city_day(ctx)

    def line(policy: Policy, detail: Mapping[str, Any]) -> str:
        return policy_line(detail, sensitive=policy.sensitive, locale=locale, on=on)

    if variant == "digest":
        lines = [line(one, part.details.get(told_by, {})) for one, (_, told_by) in zip(policies, ids, strict=True)]
        return wording.digest_words(ctx.settings, policies, locale=locale, run_id=part.run_id, lines=lines)
    own = part.own.get(locale, {})
    told = wording.words(ctx.settings, policies, locale=locale, variant=variant, own=own, basis=part.basis)
    return wording.with_line(told, line(policies[0], part.detail))


def _ready(ctx: Context, channel: str, told: wording.Words) -> Ready:
    """The rendered content of a channel, its holes open."""
    if channel == "email":
        return wording.render_email(ctx.settings, told, city_day(ctx))
    if channel == "sms":
        return wording.fill_sms(wording.render_sms(ctx.settings, told), {"check": MARK}, ctx.settings.sms_signature)
    return wording.render_push(ctx.settings, told)


def _filed(ctx: Context, filing: Filing, told: wording.Words) -> FiledWords:
    """The words of a vendor's template, its check code open."""
    return sms_words.fill(filing, sms_words.values_of(told, ctx.settings.city, MARK))


def _mail(ctx: Context, row: Member, ready: Skeleton, given: tuple[str, datetime]) -> Message:
    key, (to, now) = row["wire_key"], given
    letter = Letter(to, key, now, _unsubscribe_url(ctx, row), {"check": check_code(key)})
    return Message(key, to, raw=fill(ready, letter), recipient=row["recipient_id"])


def _message(row: Member, ready: str | FiledWords | tuple[str, str], to: str) -> Message:
    key = row["wire_key"]
    if isinstance(ready, FiledWords):
        meta = ready.meta(ready.params.replace(MARK, check_code(key)))
        return Message(
            key, to, text=ready.text.replace(MARK, check_code(key)), recipient=row["recipient_id"], meta=meta
        )
    if isinstance(ready, str):
        return Message(key, to, text=_coded(ready, check_code(key)), recipient=row["recipient_id"])
    title, text = ready
    meta = {"profile_id": str(row["profile_id"]), "policy_id": str(row["policy_id"] or "")}
    return Message(key, to, text=text, title=title, recipient=row["recipient_id"], meta=meta)


def _system(ctx: Context, made_of: tuple[Run, By | None], row: Member, to: str) -> Message:
    """A message with words of its own, kept as ciphertext on its run: a sign-in code."""
    run, filed = made_of
    words = unpack(ctx.keyring.decrypt(run.content or b"", f"run:{run.id}"))
    if filed is not None:
        values = {name: (value,) for name, value in {"city": ctx.settings.city, **words.values}.items()}
        said = sms_words.fill(filed["zh"], values)
        return Message(row["wire_key"], to, said.text, recipient=row["recipient_id"], meta=said.meta(said.params))
    if row["channel"] != "email":
        return Message(row["wire_key"], to, text=words.text, title=ctx.settings.city, recipient=row["recipient_id"])
    skeleton = wording.render_system(ctx.settings, words.text)
    letter = Letter(to, row["wire_key"], ctx.clock())
    return Message(row["wire_key"], to, raw=fill(skeleton, letter), recipient=row["recipient_id"])


def _coded(ready: str, code: str) -> str:
    """The text with the code in the place of its mark, of which a cut may have left a part."""
    text = ready.replace(MARK, code)
    return text if text.isprintable() else _ODD.sub(lambda found: code[ord(found[0]) - MARKS.start], text)


def check_code(wire_key: str) -> str:
    """What a person quotes to 12345 to check that a message is ours."""
    return wire_key[:CHECK_LETTERS].upper()


def _unsubscribe_url(ctx: Context, row: Member) -> str:
    who = {"recipient_id": row["recipient_id"], "profile_id": row["profile_id"], "policy_id": row["policy_id"]}
    token = unsubscribe_token(ctx.settings.secret_key, delivery_id=row["id"], door=row["door"], **who)
    return f"{ctx.settings.public_url.rstrip('/')}/u/{token}"
