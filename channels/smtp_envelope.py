"""The envelope of a mail: whom it is from, where it comes back to, to whom it goes, and what its server must offer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from email.utils import parseaddr
from typing import TYPE_CHECKING, NamedTuple

from channels import verp
from channels.any_address import any_mail_address
from channels.base import Clock, Message, Outcome
from channels.text import TextError, mail_address

if TYPE_CHECKING:
    from channels.dkim import Key


class Offers(NamedTuple):
    """What a server says that it can: PIPELINING (RFC 2920), SMTPUTF8 (RFC 6531), 8BITMIME (RFC 6152)."""

    pipelining: bool = False
    utf8: bool = False
    eight_bit: bool = False


PLAIN = Offers()


class Origin(NamedTuple):
    """Whose mails they are: `sender` is an address, a name before it is dropped. What cannot be delivered comes back to
    `bounces`, each with its key (see `channels.verp`), or to the sender; `keys` sign for the sender's domain."""

    sender: str
    bounces: str = ""
    keys: Sequence[Key] = ()


class Envelope(NamedTuple):
    """What stands in MAIL FROM, its `options` too, and in RCPT TO."""

    sender: str
    to: str
    options: tuple[str, ...] = ()

    def commands(self) -> bytes:
        """MAIL, RCPT and DATA, as they leave in one write."""
        options = "".join(f" {option}" for option in self.options)
        return f"MAIL FROM:<{self.sender}>{options}\r\nRCPT TO:<{self.to}>\r\nDATA\r\n".encode()


@dataclass(frozen=True)
class Post:
    """What all mails of a channel share; `sender` and `bounces` ("": none) are checked addresses."""

    sender: str
    bounces: str = ""
    keys: tuple[Key, ...] = ()
    clock: Clock | None = None  # of the signatures

    def envelope(self, message: Message, offers: Offers) -> Envelope | Outcome:
        """The envelope of one message, or why it cannot go: bad_address, bad_key, or smtputf8 where the name before the
        @ needs a server that takes other letters than Latin ones, and this one does not (nothing against the address).
        """
        try:
            to = any_mail_address(message.to)
            sender = verp.write(self.bounces, message.key) if self.bounces else self.sender
        except TextError as exc:
            return Outcome("rejected", exc.code)
        if to.isascii() and message.raw.isascii():
            return Envelope(sender, to)
        eight_bit = ("BODY=8BITMIME",) if offers.eight_bit else ()
        if to.isascii():
            return Envelope(sender, to, eight_bit)
        return Envelope(sender, to, ("SMTPUTF8", *eight_bit)) if offers.utf8 else Outcome("rejected", "smtputf8")

    def content(self, message: Message) -> bytes:
        """The mail as it leaves now: signed, where there are keys."""
        if not self.keys or self.clock is None:
            return message.raw
        from channels.dkim import sign

        return sign(message.raw, self.keys, domain=self.sender.rpartition("@")[2], at=self.clock())


def make_post(origin: Origin, clock: Clock) -> Post:
    """What the mails of this origin share. Raises ValueError with a sentence for an address that cannot be used."""
    try:
        sender = mail_address(parseaddr(origin.sender)[1])
    except TextError as exc:
        raise ValueError("the sender must hold an address") from exc
    try:
        bounces = verp.check(origin.bounces) if origin.bounces else ""
    except TextError as exc:
        raise ValueError(exc.sentence) from exc
    return Post(sender, bounces, tuple(origin.keys), clock)
