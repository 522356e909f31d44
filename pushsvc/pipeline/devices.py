"""Devices: a person's phones and browsers beside the one imported with the profile. Tokens are ciphertext at rest."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from channels.app import GATEWAY
from channels.base import Channel, ChannelError
from channels.fan_out import Found, Pair, Reach
from channels.push.subscription import read_subscription
from pushsvc.context import Context
from pushsvc.pipeline.errors import PipelineError
from pushsvc.pipeline.web_push import services
from pushsvc.settings import Settings
from pushsvc.store import addresses, devices, inbox
from pushsvc.store.access import PERSONS
from pushsvc.store.devices import Device, NewDevice
from pushsvc.store.locks import lock_addresses
from pushsvc.store.people import lock_profile
from pushsvc.store.session import Connection, transaction

PLATFORMS = ("jpush", "wechat", "webhook", "web", "gateway")
LONGEST = 4096  # bytes of a token
CHANNEL = "app"  # hashes of tokens are those of the app channel's addresses: a receipt names either
INBOX_MASK = "-"


class DeviceError(PipelineError):
    """A device cannot be registered: `unknown_platform`, `bad_token`, `unknown_person`."""


def register(ctx: Context, recipient_id: int, platform: str, token: str) -> Device:
    """Register a device or see it again; a token that was somebody else's is theirs no longer. Raises DeviceError.

    `token`: what the vendor's library gave the app (registration id, openid, user id); of a browser the subscription
    as its `toJSON()` writes it. One that the vendor called dead comes back by this, and by nothing else.
    """
    value, looked = _read(ctx.settings, platform, token)
    cipher, lookup = ctx.keyring.encrypt(value, devices.place(platform)), ctx.keyring.lookup(CHANNEL, looked)
    with transaction(ctx.engine) as conn:
        found = lock_profile(conn, recipient_id)
        if found is None or found.erased or found.kind not in PERSONS:
            raise DeviceError("unknown_person", "There is no such person.")
        if not devices.has_app_address(conn, recipient_id):
            own, sealed = _sealed_inbox(ctx, conn, recipient_id)
            devices.open_inbox(conn, recipient_id, lookup=own, cipher=sealed, mask=INBOX_MASK)
        return devices.put_device(conn, NewDevice(recipient_id, platform, cipher, lookup), ctx.clock())


def forget(ctx: Context, recipient_id: int, platform: str, token: str) -> bool:
    """Forget one of the person's own devices by its token; False where it is not theirs."""
    try:
        _, looked = _read(ctx.settings, platform, token)
    except DeviceError:
        return False
    with transaction(ctx.engine) as conn:
        return devices.forget_token(conn, recipient_id, platform, ctx.keyring.lookup(CHANNEL, looked))


def forget_device(ctx: Context, recipient_id: int, device_id: int) -> bool:
    """Forget one of the person's own devices by its number; False where it is not theirs."""
    with transaction(ctx.engine) as conn:
        return devices.forget_number(conn, recipient_id, device_id)


def devices_of(ctx: Context, recipient_id: int) -> list[Device]:
    """A person's live devices, the one seen last first."""
    with transaction(ctx.engine) as conn:
        return devices.devices_of(conn, recipient_id)


def finder(ctx: Context, platforms: Collection[str]) -> Callable[[Sequence[int]], Found]:
    """`devices(recipients) -> {recipient: [(platform, token, number)]}`; without tokens that no key of ours opens."""

    def find(recipients: Sequence[int]) -> Found:
        with transaction(ctx.engine) as conn:
            rows = devices.tokens_of(conn, set(recipients), platforms)
        found: dict[int, list[tuple[str, str, int]]] = {}
        for recipient, platform, cipher, number in rows:
            token = _opened(ctx, platform, cipher)
            if token is not None:
                found.setdefault(recipient, []).append((platform, token, number))
        return found

    return find


def reach(ctx: Context, pushers: Mapping[str, Channel]) -> Reach:
    """What the app channel knows of the registry: see `channels.fan_out.Reach`."""

    def drop(platform: str, dead: Mapping[int, str]) -> None:
        with transaction(ctx.engine) as conn:
            devices.drop_devices(conn, platform, dead, ctx.clock())

    def claim(pairs: Sequence[Pair]) -> set[Pair]:
        with transaction(ctx.engine) as conn:
            return inbox.claim_pushes(conn, pairs)

    def release(pairs: Sequence[Pair]) -> None:
        with transaction(ctx.engine) as conn:
            inbox.release_pushes(conn, pairs)

    def owners(platform: str, tokens: Sequence[str]) -> dict[str, int]:
        hashes = dict(zip(ctx.keyring.lookups(CHANNEL, tokens), tokens, strict=True))
        with transaction(ctx.engine) as conn:
            found = devices.owners(conn, platform, list(hashes))
        return {hashes[lookup]: number for lookup, number in found.items()}

    find = finder(ctx, {*pushers, GATEWAY})
    return Reach(pushers, find, drop, claim=claim, release=release, owners=owners)


def inbox_of(ctx: Context, conn: Connection, recipient_id: int) -> int:
    """An app address that puts a letter into somebody's inbox, and on the devices that they have. It is theirs only
    once they register one: planning would take it for an app that is read."""
    linked = devices.app_address(conn, recipient_id)
    if linked is not None:
        return linked
    lookup, cipher = _sealed_inbox(ctx, conn, recipient_id)
    return devices.inbox_address(conn, lookup=lookup, cipher=cipher, mask=INBOX_MASK)


def _sealed_inbox(ctx: Context, conn: Connection, recipient_id: int) -> tuple[bytes, bytes]:
    """The hash and the ciphertext of an app address for somebody who has none: planning writes to addresses, and this
    one's letters have devices."""
    lock_addresses(conn)  # after the profile, as the import does
    lookup = ctx.keyring.lookup(CHANNEL, f"inbox:{recipient_id}")  # no address holds a colon
    return lookup, ctx.keyring.encrypt("", addresses.place(CHANNEL))


def _opened(ctx: Context, platform: str, cipher: bytes) -> str | None:
    try:
        return ctx.keyring.decrypt(cipher, devices.place(platform))
    except ValueError:  # a KeyringError, or what is too short for any: the others are not held back by it
        return None


def _read(settings: Settings, platform: str, token: str) -> tuple[str, str]:
    """The token as it is kept, and what it is found by. Raises DeviceError, which does not repeat it."""
    if platform not in PLATFORMS:
        raise DeviceError("unknown_platform", f"The platform is one of {', '.join(PLATFORMS)}.")
    if not _fits(token):
        raise DeviceError("bad_token", f"A token is a text of 1 to {LONGEST} bytes without control characters.")
    return _subscription(token, services(settings)) if platform == "web" else (token, token)


def _fits(token: str) -> bool:
    try:
        size = len(token.encode())
    except UnicodeEncodeError:
        return False
    return 0 < size <= LONGEST and token.isprintable() and token == token.strip()


def _subscription(token: str, allowed: Sequence[str]) -> tuple[str, str]:
    """A browser's subscription, flat; its endpoint names it: the keys may be made anew."""
    try:
        told: Any = json.loads(token)
        keys = told.get("keys", told)
        flat = {"endpoint": told["endpoint"], "p256dh": keys["p256dh"], "auth": keys["auth"]}
        text = json.dumps(flat, separators=(",", ":"))
        read_subscription(text, allowed)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, ChannelError):
        raise DeviceError("bad_token", "This is no subscription of a push service that may be used.") from None
    return text, flat["endpoint"]
