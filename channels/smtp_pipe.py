"""Many mails over one connection whose server offers PIPELINING (RFC 2920), as a conversation without a socket.

An envelope (MAIL, RCPT, DATA) leaves in one write, and behind the content of the mail before it, which may stand first
in a group. Replies are matched to commands by their order alone; an envelope that was taken ends with 354, which can
stand nowhere else, so a reply too many or too few shows before another content leaves. What was told since the last
354 is then taken back.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from channels.base import Message, Outcome
from channels.smtp_envelope import PLAIN, Offers, Post
from channels.smtp_talk import EXPIRED, LOST, Limit, accepted, refused, unwanted
from channels.wire import wire_form

REPLY_LIMIT = 32 * 1024
OUT_OF_ORDER = (500, 502, 503)  # never said of a sender, a recipient or a mail
NO_PIPELINING = re.compile(r"pipelin|synchroni[sz]ation", re.IGNORECASE)
Job = tuple[int, Message]
USUAL = deque(("content", "mail", "rcpt", "data"))  # awaited behind each mail but the last, and nearly always heard:
CONSENT = re.compile(rb"(2[0-9]{2}) [^\n]*\n2[0-9]{2} [^\n]*\n2[0-9]{2} [^\n]*\n354 [^\n]*\n")


@dataclass(frozen=True)
class Errand:
    """What a conversation is sent with: mails by their index (taken from the left), whom to tell of each, and the
    seconds left. `used`: the connection has carried mails before. `room`: how many more it may carry. `first`: a mail
    that another connection gave back. `offers`: of the connection's server."""

    post: Post
    jobs: deque[Job]
    tell: Callable[[int, Outcome], None]
    left: Limit
    used: bool
    room: int
    first: Job | None = None
    offers: Offers = PLAIN


class Talk:
    """One conversation: `begin`, then `receive` for whatever arrives, both giving what is to be written; `lose` when
    the connection is gone or silent for too long.

    When it is `over`: `broken`, the connection cannot be used any more; `back`, a mail that has certainly not gone and
    deserves another connection; `distrust`, the server seems not to do what it offers.
    """

    def __init__(self, errand: Errand) -> None:
        self.broken = self.distrust = False
        self.back: Job | None = None
        self.carried = 0
        self._errand = errand
        self._first = errand.first
        self._buffer = b""
        self._awaited: deque[str] = deque()  # what the replies to come are about, in their order
        self._envelope: Job | None = None  # its MAIL, RCPT and DATA are out
        self._refusal: Outcome | None = None  # the first of their replies that was none of consent
        self._content: Job | None = None  # its content is out
        self._unproven: dict[int, bool] = {}  # told since the last 354: index -> whether its content has left
        self._answers = {
            "reset": self._on_reset,
            "mail": self._on_address,
            "rcpt": self._on_address,
            "data": self._on_data,
            "content": self._on_content,
            "dot": self._on_dot,
        }

    @property
    def over(self) -> bool:
        """Whether no reply is awaited any more."""
        return self.broken or not self._awaited

    def begin(self) -> bytes:
        """The first group; empty where no mail may go."""
        return self._next_envelope()

    def receive(self, data: bytes) -> bytes:
        """What is to be written after these bytes, which may be half a reply or many."""
        self._buffer += data
        if self._awaited == USUAL and not self.broken and (match := CONSENT.fullmatch(self._buffer)):
            return self._go_on(int(match[1]))
        written = b""
        while not self.broken and (reply := self._reply()) is not None:
            written += self._answer(*reply)
        if len(self._buffer) > REPLY_LIMIT:
            self.lose()
        return b"" if self.broken else written

    def lose(self, *, silent: bool = False) -> None:
        """The connection is gone, or `silent`: a content that left may have arrived, an envelope is surely unsent."""
        if self.broken:
            return
        self.broken = True
        ahead = self._content is not None  # the envelope had no turn yet
        if self._content is not None:
            self._tell(self._content, Outcome("unknown", "read_timeout" if silent else "read_error"))
        if self._envelope is None:
            return
        if self._refusal is not None:
            self._tell(self._envelope, self._refusal)
        elif ahead or ((self._errand.used or self.carried > 0) and not silent):
            self.back = self._envelope
        else:
            self.distrust = True
            self._tell(self._envelope, Outcome("deferred", f"{LOST}_timeout" if silent else LOST))

    def _reply(self) -> tuple[int, bytes] | None:
        """The next whole reply: its code (0 for one that makes no sense), and all of it."""
        at = 0
        while (end := self._buffer.find(b"\n", at)) >= 0:
            code, mark = self._buffer[at : at + 3], self._buffer[at + 3 : at + 4]
            at = end + 1
            if mark != b"-" or not code.isdigit():
                said, self._buffer = self._buffer[:at], self._buffer[at:]
                good = code.isdigit() and b"2" <= code[:1] <= b"5" and mark in b" \r\n"
                return int(code) if good else 0, said
        return None

    def _answer(self, code: int, said: bytes) -> bytes:
        if not self._awaited and code != 421:  # one too many
            return self._out_of_step()
        if not self._awaited:
            code = 0
        if code == 0:
            self.lose()
            return b""
        written = self._answers[self._awaited.popleft()](code, said)
        if code == 421:  # the server closes the connection: nothing behind this is heard
            self.lose()
        return written

    def _go_on(self, code: int) -> bytes:
        """All four answered at once, as if one by one: the mail was taken, the next content may go."""
        self._buffer = b""
        self._awaited.clear()
        self._on_content(code, b"")
        return self._send()

    def _on_reset(self, code: int, said: bytes) -> bytes:
        return b"" if code in (250, 421) else self._out_of_step()

    def _on_address(self, code: int, said: bytes) -> bytes:
        if code // 100 == 3:
            return self._out_of_step()
        if code // 100 != 2 and self._refusal is None:
            return self._refuse(code, said)
        return b""

    def _on_data(self, code: int, said: bytes) -> bytes:
        """The last reply of a group: nothing may stand behind it but a farewell."""
        if code // 100 == 2 or (self._buffer and not self._buffer.startswith(b"421")):
            return self._out_of_step()
        if code != 354 and self._refusal is None:
            self._refuse(code, said)
        if self._buffer:
            self.lose()
        if self.broken or code == 421:
            return b""
        if self._refusal is None:
            return self._send()
        job, self._envelope = self._envelope, None
        assert job is not None
        self._tell(job, self._refusal)
        return self._lone_dot() if code == 354 else self._next_envelope(reset=True)

    def _send(self) -> bytes:
        """The server waits for the content: out with it, and the next envelope behind it."""
        job, self._envelope = self._envelope, None
        assert job is not None
        self._unproven.clear()
        raw = self._errand.post.content(job[1])
        if self._errand.left() <= 0:
            self.broken = True
            self._tell(job, EXPIRED)
            return b""
        self._content = job
        self.carried += 1
        self._awaited.append("content")
        return wire_form(raw) + self._next_envelope()

    def _on_content(self, code: int, said: bytes) -> bytes:
        job, self._content = self._content, None
        assert job is not None
        if code // 100 == 3:
            self._tell(job, Outcome("unknown", "read_error"), left=True)
            return self._out_of_step()
        self._tell(job, accepted(code) if code // 100 == 2 else unwanted(code, _text(said)), left=True)
        return b""

    def _on_dot(self, code: int, said: bytes) -> bytes:
        """The empty mail after a refused envelope: whatever is said of it, it was nobody's."""
        return self._out_of_step() if code // 100 == 3 else b""

    def _refuse(self, code: int, said: bytes) -> bytes:
        """The envelope is refused in the server's numbers, unless what it refuses is several commands at once."""
        text = _text(said)
        if code in OUT_OF_ORDER or NO_PIPELINING.search(text):
            self.broken = self.distrust = True
            self.back = self._envelope
        else:
            of_recipient = "".join(self._awaited) == "data"  # of the three only DATA is still to be answered
            self._refusal = (refused if of_recipient else unwanted)(code, text)
        return b""

    def _lone_dot(self) -> bytes:
        """RFC 2920, section 3.1: a 354 after a refused recipient is answered with an empty mail."""
        self._awaited.append("dot")
        return b".\r\n" + self._next_envelope()

    def _next_envelope(self, *, reset: bool = False) -> bytes:
        """The commands of the next mail that may go, behind a RSET where an envelope was left open."""
        self._refusal = None
        group = b"RSET\r\n" if reset else b""
        if reset:
            self._awaited.append("reset")
        while (self._first or self._errand.jobs) and self.carried < self._errand.room:
            index, message = self._first or self._errand.jobs.popleft()
            self._first = None
            late = self._errand.left() <= 0
            one = EXPIRED if late else self._errand.post.envelope(message, self._errand.offers)
            if isinstance(one, Outcome):
                self._errand.tell(index, one)
                continue
            self._envelope = index, message
            self._awaited.extend(("mail", "rcpt", "data"))
            return group + one.commands()
        return group

    def _out_of_step(self) -> bytes:
        """Replies and commands do not match: nothing that was told since the last 354 is proven."""
        self.broken = self.distrust = True
        for index, has_left in self._unproven.items():
            self._errand.tell(index, Outcome("unknown", "read_error") if has_left else Outcome("deferred", LOST))
        self.back = self._envelope
        return b""

    def _tell(self, job: Job, outcome: Outcome, *, left: bool = False) -> None:
        self._errand.tell(job[0], outcome)
        self._unproven[job[0]] = left


def _text(said: bytes) -> str:
    """The words of a reply, a line for each of its lines."""
    return "\n".join(line[4:].decode("ascii", "replace").rstrip("\r") for line in said.rstrip(b"\r\n").split(b"\n"))
