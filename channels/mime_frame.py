"""The lines that part a mail's bodies and its inline images: the same bytes for every recipient."""

from __future__ import annotations

import re
from base64 import encodebytes
from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256
from typing import NamedTuple

from channels.mime_encode import Encoded

CONTENT_ID = re.compile(r"[A-Za-z0-9_-]{1,64}@[A-Za-z0-9-]{1,60}(?:\.[A-Za-z0-9-]{1,60}){0,4}", re.ASCII)
IMAGES_LIMIT = 20
IMAGE_BYTES = 100_000


class Image(NamedTuple):
    """A PNG that the HTML shows as `cid:` and its `cid` (RFC 2392)."""

    cid: str
    png: bytes


class Framed(NamedTuple):
    """What ends the mail's own headers, the bodies with the lines before them, and what ends the mail."""

    head: bytes
    bodies: tuple[Encoded, ...]
    end: bytes


def frame(bodies: Sequence[Encoded], images: Sequence[Image]) -> Framed:
    """One body as it is; text and HTML as alternatives (RFC 2046, 5.1.4), the HTML with its images as what it is
    related to (RFC 2387). Boundaries are the same for the same content; `=_` never occurs in base64."""
    if len(bodies) == 1:
        return Framed(b"", tuple(bodies), b"\r\n")
    seed = sha256(b"".join([*(body.fixed for body in bodies), *(image.png for image in images)])).hexdigest()
    outer, inner = b"=_" + seed[:32].encode(), b"=_" + seed[32:].encode()
    head = b'Content-Type: multipart/alternative; boundary="%b"\r\n' % outer
    before, end = b"\r\n--%b\r\n" % outer, b"\r\n--%b--\r\n" % outer
    text, html = (replace(body, head=before + body.head) for body in bodies)
    if images:
        related = b'Content-Type: multipart/related; type="text/html"; boundary="%b"\r\n\r\n\r\n--%b\r\n'
        html = replace(html, head=before + related % (inner, inner) + html.head.removeprefix(before))
        parts = b"".join(_part(inner, number, image) for number, image in enumerate(images, 1))
        end = parts + b"\r\n--%b--\r\n" % inner + end
    return Framed(head, (text, html), end)


def _part(boundary: bytes, number: int, image: Image) -> bytes:
    if CONTENT_ID.fullmatch(image.cid) is None or len(image.png) > IMAGE_BYTES or number > IMAGES_LIMIT:
        raise ValueError("an image is too large, has an odd name, or is one too many")
    name = f'"chart-{number}.png"'
    head = f"Content-Type: image/png; name={name}\r\nContent-Transfer-Encoding: base64\r\n"
    head += f"Content-ID: <{image.cid}>\r\nContent-Disposition: inline; filename={name}\r\n\r\n"
    return b"\r\n--%b\r\n" % boundary + head.encode() + encodebytes(image.png).replace(b"\n", b"\r\n")
