"""Fan-out: a message of the app channel to every registered device of its person, each at most once.

A device's push bears the key `<wire key>-d<number of the device>`, so that a vendor which drops keys it has seen drops
a repeat to this device and to no other. A vendor that does not is pushed to only where nobody claimed this key and
device before; the claim is given back when the vendor proved that nothing left.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from channels.base import Batch, Channel, Message, Outcome, Receipt
from channels.reasons import reason

log = logging.getLogger(__name__)
INBOX_ONLY = "inbox_only"
PUSH_UNKNOWN = "push_unknown"
CLAIMED = Outcome("unknown", "claimed")  # an earlier attempt may have pushed it
GROUPED = frozenset({"jpush"})  # its cid names a group of messages, and the groups of another attempt are others
DEVICE_KEY = re.compile(r"(.+)-d([0-9]{1,18})")

Found = Mapping[int, Sequence[tuple[str, str, int]]]  # recipient → (platform, token, number of the device)
Pair = tuple[str, int]  # wire key, number of the device


@dataclass(frozen=True)
class Reach:
    """How registered devices are reached: a vendor's channel for each platform, and what keeps the registry.

    `devices(recipients)` gives their live devices; `drop(platform, {device: code})` ends those that a vendor calls
    dead; `claim(pairs)` gives those that were free, each once, until `release(pairs)` gives them back;
    `owners(platform, tokens)` gives the devices behind tokens. Each may raise: what is not claimed is not pushed.
    `several`: platforms with more vendors than this one, of which a repeat may meet another; they are claimed too.
    """

    pushers: Mapping[str, Channel]
    devices: Callable[[Sequence[int]], Found]
    drop: Callable[[str, Mapping[int, str]], None]
    claim: Callable[[Sequence[Pair]], Collection[Pair]]
    release: Callable[[Sequence[Pair]], None]
    owners: Callable[[str, Sequence[str]], Mapping[str, int]] = lambda platform, tokens: {}
    several: Collection[str] = ()


class Push(NamedTuple):
    """One message to one device: its place in the batch, its wire key, and what the vendor is handed."""

    place: int
    key: str
    device: int
    platform: str
    message: Message


class Said(NamedTuple):
    """What a vendor said of a push; `again`: a repeat of what is unknown does no harm."""

    provider: str
    outcome: Outcome
    again: bool


def pushes(reach: Reach, messages: Sequence[tuple[int, Message]]) -> list[Push]:
    """A push for each live device of the recipients of (place, message) for which there is a vendor. A device that the
    message goes to anyway gets no second one. Raises what `devices` raises."""
    wanted = sorted({message.recipient for _, message in messages if message.recipient})
    found = reach.devices(wanted) if wanted else {}
    return [
        Push(place, message.key, device, platform, message._replace(key=f"{message.key}-d{device}", to=token))
        for place, message in messages
        for platform, token, device in found.get(message.recipient, ())
        if platform in reach.pushers and (platform, token) != ("gateway", message.to)
    ]


async def spread(reach: Reach, batch: Batch, wanted: Sequence[Push]) -> dict[int, list[Said]]:
    """Pushes; what was said, by place in the batch. Drops the dead, and gives claims of what did not leave back."""
    free, said = _claimed(reach, wanted)
    platforms = _by_platform(free)
    answers = await asyncio.gather(*(_send(reach, batch, platform, some) for platform, some in platforms.items()))
    for (platform, some), outcomes in zip(platforms.items(), answers, strict=True):
        pusher = reach.pushers[platform]
        for one, outcome in zip(some, outcomes, strict=True):
            said[one.place].append(Said(pusher.provider, outcome, drops_repeats(reach, platform)))
    return said


def fate(own: Outcome | None, said: Sequence[Said]) -> Outcome:
    """The one outcome of a message whose inbox row stands. `own`: of the device imported with the profile, which the
    push gateway answers for (None: there is none); `said`: of the registered ones. The first that holds:

    1. a device took it: accepted;
    2. a repeat is safe and may still reach one: unknown where a vendor that drops repeats did not answer, else
       deferred where a vendor put it off (a claim keeps every other device from a second push);
    3. a device may have got it, and a repeat would be its second: accepted, `push_unknown`;
    4. all are dead: what the gateway said of the imported one; accepted, `inbox_only`, where there is none.
    """
    if not said:
        return own if own is not None else Outcome("accepted", INBOX_ONLY)
    everybody = [*([Said("", own, again=True)] if own is not None else []), *said]
    for status, again in (("accepted", False), ("unknown", True), ("deferred", False)):
        hit = next((one for one in everybody if one.outcome.status == status and (one.again or not again)), None)
        if hit is not None:
            return _named(hit)
    if any(one.outcome.status == "unknown" for one in said):
        return Outcome("accepted", PUSH_UNKNOWN)
    return own if own is not None else Outcome("accepted", INBOX_ONLY)


def drops_repeats(reach: Reach, platform: str) -> bool:
    """Whether a platform's vendor drops a push whose key it has seen, in whatever company it comes."""
    pusher = reach.pushers[platform]
    return pusher.after_unknown == "repeat" and pusher.provider not in GROUPED and platform not in reach.several


def read_receipts(reach: Reach, platform: str, pusher: Channel, found: Sequence[Receipt]) -> list[Receipt]:
    """A vendor's receipts as those of the messages behind its pushes. Bad news is news of a device alone, which it may
    end: the message stands in the inbox. Good news keeps the vendor's own names where it never saw the key."""
    kept: list[Receipt] = []
    dead: dict[int, str] = {}
    by_token: dict[str, str] = {}
    for one in found:
        match = DEVICE_KEY.fullmatch(one.key)
        if one.status == "delivered" or (platform == "gateway" and match is None):
            kept.append(_of_message(one, match[1] if match is not None else one.key))
        elif not one.soft and _is_dead(pusher, one.code):
            if match is not None:
                dead[int(match[2])] = one.code
            elif one.to and not one.key:
                by_token[one.to] = one.code
    numbers = _found(reach, platform, list(by_token))
    dead |= {number: by_token[token] for token, number in numbers.items()}
    _quietly(reach.drop, platform, dead)
    return kept


def _claimed(reach: Reach, wanted: Sequence[Push]) -> tuple[list[Push], dict[int, list[Said]]]:
    """The pushes that may leave, and what is said already of those that may not."""
    said: dict[int, list[Said]] = defaultdict(list)
    asked = [one for one in wanted if not drops_repeats(reach, one.platform)]
    if not asked:
        return list(wanted), said
    try:
        won = set(reach.claim([(one.key, one.device) for one in asked]))
        lost = CLAIMED
    except Exception as exc:  # whatever the registry raises: nothing left
        won, lost = set(), Outcome("deferred", f"claim_{type(exc).__name__}")
    held = {(one.key, one.device) for one in asked} - won
    free = []
    for one in wanted:
        if (one.key, one.device) in held:
            said[one.place].append(Said(reach.pushers[one.platform].provider, lost, again=False))
        else:
            free.append(one)
    return free, said


def _by_platform(wanted: Sequence[Push]) -> dict[str, list[Push]]:
    found: dict[str, list[Push]] = {}
    for one in wanted:
        found.setdefault(one.platform, []).append(one)
    return found


async def _send(reach: Reach, batch: Batch, platform: str, some: Sequence[Push]) -> list[Outcome]:
    """What a vendor says of each, one call after the other: it gets as many at once as its adapter wants."""
    pusher, said = reach.pushers[platform], list[Outcome]()
    for start in range(0, len(some), pusher.batch_size):
        part = some[start : start + pusher.batch_size]
        messages = tuple(one.message for one in part)
        found = await pusher.send(Batch(f"{batch.key}:{platform}{start}", messages, batch.expires_at))
        outcomes = (list(found) + [Outcome("unknown", "no_answer")] * len(part))[: len(part)]
        _note(reach, platform, part, outcomes)
        said += outcomes
    return said


def _note(reach: Reach, platform: str, some: Sequence[Push], outcomes: Sequence[Outcome]) -> None:
    pusher, told = reach.pushers[platform], list(zip(some, outcomes, strict=True))
    dead = {one.device: said.code for one, said in told if said.status == "rejected" and _is_dead(pusher, said.code)}
    _quietly(reach.drop, platform, dead)
    if not drops_repeats(reach, platform):
        _quietly(reach.release, [(one.key, one.device) for one, said in told if said.status == "deferred"])


def _is_dead(pusher: Channel, code: str) -> bool:
    found = reason(pusher.provider, code)
    return found is not None and found.suppress


def _named(said: Said) -> Outcome:
    """The outcome, its code under the vendor's name: it says nothing of the gateway."""
    if not said.provider or not said.outcome.code:
        return said.outcome
    return said.outcome._replace(code=f"{said.provider}:{said.outcome.code}"[:100])


def _of_message(one: Receipt, key: str) -> Receipt:
    if key != one.key or key:
        return Receipt(key, one.status, one.code, one.raw, soft=one.soft)
    return Receipt("", one.status, one.code, one.raw, to=one.to, provider_id=one.provider_id)


def _found(reach: Reach, platform: str, tokens: Sequence[str]) -> Mapping[str, int]:
    try:
        return reach.owners(platform, tokens) if tokens else {}
    except Exception as exc:  # the registry's own trouble must not lose a receipt
        log.warning("devices: nobody found by token (%s)", type(exc).__name__)
        return {}


def _quietly(tell: Callable[..., None], *what: Any) -> None:
    """Tells the registry; where it cannot hear, a dead device is found dead again, and a claim keeps a push back."""
    if not what[-1]:
        return
    try:
        tell(*what)
    except Exception as exc:  # as above
        log.warning("devices: news went unheard (%s)", type(exc).__name__)
