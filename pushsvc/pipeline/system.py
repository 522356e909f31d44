"""System messages: a sign-in code that a person asked for, the answer to a stop; sent at once on the urgent lane."""

from __future__ import annotations

from uuid import uuid4

from pushsvc.context import Context
from pushsvc.pipeline.slicing import Home, one_message, write_slices
from pushsvc.pipeline.system_words import SystemWords, pack
from pushsvc.store import campaigns
from pushsvc.store.session import Connection

WORDS = "您的登录验证码是{code}，10分钟内有效。请勿告诉他人。Your sign-in code: {code}."
LINK = "\n也可以在这台设备上打开链接登录，15分钟内有效，只能用一次。Or sign in here by this link, once: {link}"
CODE = "code"  # the name of the template that says the same at a vendor


def write_code(
    ctx: Context, conn: Connection, what: tuple[str, str], *, recipient_id: int, address_id: int, link: str = ""
) -> int:
    """Queue a one-time code (`what`: the code and its channel) to an address of a person, with a sign-in link where
    there is one; both are kept as ciphertext. Returns the run."""
    code, channel = what
    text = WORDS.format(code=code) + (LINK.format(link=link) if link else "")
    words = SystemWords(text, CODE, {"code": code})
    key = f"code:{uuid4().hex}"
    return send_words(ctx, conn, (key, words), recipient_id=recipient_id, address_id=address_id, channel=channel)


def send_words(
    ctx: Context,
    conn: Connection,
    what: tuple[str, SystemWords],
    *,
    recipient_id: int,
    address_id: int,
    channel: str,
) -> int:
    """Queue words that answer what a person did, kept as ciphertext, under the key of their run. Returns the run."""
    now, (key, words) = ctx.clock(), what
    run_id = campaigns.ensure_run(conn, key=key, kind="system", now=now)
    campaigns.set_run_content(conn, run_id, ctx.keyring.encrypt(pack(words), f"run:{run_id}"))
    one = one_message(
        profile_id=recipient_id,
        recipient_id=recipient_id,
        address_id=address_id,
        channel=channel,
        door="subscribed",
    )
    write_slices(conn, ctx, Home(run_id, None, "urgent", now, passes=True), one)
    return run_id
