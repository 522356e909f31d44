"""An HTTP/1.1 answer to a push: its status and two of its fields; the rest is read only to find its end."""

from __future__ import annotations

import re
from typing import NamedTuple

import h11

BODY_LIMIT = 65536  # bytes of a body that are read; what says more loses its line
_HEAD = re.compile(rb"HTTP/1\.1 ([2-5]\d\d)(?: [^\r\n]*)?\r\n((?:[A-Za-z0-9-]+:[^\r\n\0]*\r\n)*)\r\n")
_ODD = frozenset({b"transfer-encoding", b"connection"})  # fields that say how the answer ends, or that the line does
_BODILESS = (204, 304)


class Answer(NamedTuple):
    """What of an answer matters."""

    status: int
    location: str = ""
    retry_after: str | None = None


class Reading:
    """One answer as it comes in. The usual kind, a head that names the length of its body, is read at sight, which
    costs a twentieth of what h11 does; any other by h11. `kept`: the line may carry another request."""

    def __init__(self) -> None:
        self.kept = False
        self._seen = b""
        self._talk: h11.Connection | None = None
        self._answer: Answer | None = None
        self._size = 0

    def feed(self, data: bytes) -> Answer | None:
        """The answer once it is whole; b"" says that no more will come. A body that breaks off, or is longer than
        BODY_LIMIT, takes back no status. Raises h11.ProtocolError for what is no answer."""
        if self._talk is None:
            self._seen += data
            found = _plain(self._seen)
            if found is not None and found.answer is not None:
                self.kept = found.whole
                return found.answer
            if found is not None and data:
                return None
            self._talk = _asked()
            self._talk.receive_data(self._seen)
            if data:
                return self._read(self._talk)
        self._talk.receive_data(data)
        return self._read(self._talk)

    def _read(self, talk: h11.Connection) -> Answer | None:
        while self._size <= BODY_LIMIT:
            try:
                event = talk.next_event()
            except h11.ProtocolError:
                if self._answer is None:
                    raise
                return self._answer
            if event is h11.NEED_DATA:
                return None
            if isinstance(event, h11.Response):
                fields = {bytes(name): bytes(value) for name, value in event.headers}
                self._answer = _answer(event.status_code, fields)
            elif isinstance(event, h11.Data):
                self._size += len(event.data)
            elif not isinstance(event, h11.InformationalResponse):
                self.kept = talk.states == {h11.CLIENT: h11.DONE, h11.SERVER: h11.DONE} and not talk.trailing_data[0]
                break
        if self._answer is None:
            raise h11.RemoteProtocolError("no answer")
        return self._answer


class _Plain(NamedTuple):
    """A plain answer, None while it is still coming; `whole`: nothing follows it."""

    answer: Answer | None = None
    whole: bool = False


def _plain(seen: bytes) -> _Plain | None:
    """What was seen as an answer of the usual kind; None where it is none, or may become none."""
    end = seen.find(b"\r\n\r\n")
    if end < 0:
        return _Plain() if len(seen) <= BODY_LIMIT else None
    found = _HEAD.match(seen)
    if found is None or found.end() != end + 4:
        return None
    lines = found[2].split(b"\r\n")[:-1]
    fields = {name.lower(): value.strip(b" \t") for name, _, value in (line.partition(b":") for line in lines)}
    length, status = fields.get(b"content-length", b""), int(found[1])
    if len(fields) != len(lines) or _ODD & fields.keys() or status in _BODILESS or not length.isdigit():
        return None
    size = end + 4 + int(length) if len(length) < 6 else BODY_LIMIT * 2
    if size > BODY_LIMIT:
        return None
    return _Plain(_answer(status, fields), len(seen) == size) if len(seen) >= size else _Plain()


def _answer(status: int, fields: dict[bytes, bytes]) -> Answer:
    retry_after = fields.get(b"retry-after")
    location = fields.get(b"location", b"").decode("latin-1")
    return Answer(status, location, None if retry_after is None else retry_after.decode("latin-1"))


def _asked() -> h11.Connection:
    """A connection that has posted and waits."""
    talk = h11.Connection(h11.CLIENT)
    talk.send(h11.Request(method=b"POST", target=b"/", headers=[(b"host", b"x"), (b"content-length", b"0")]))
    talk.send(h11.EndOfMessage())
    return talk
