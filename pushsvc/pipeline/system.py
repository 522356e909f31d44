"""System messages: a sign-in code that a person asked for, sent at once on the urgent lane."""

from __future__ import annotations

from uuid import uuid4

from pushsvc.context import Context
from pushsvc.pipeline.slicing import Home, one_message, write_slices
from pushsvc.store import campaigns
from pushsvc.store.session import transaction

WORDS = "您的登录验证码是{code}，10分钟内有效。请勿告诉他人。Your sign-in code: {code}."


def send_code(ctx: Context, *, recipient_id: int, address_id: int, channel: str, code: str) -> int:
    """Queue a one-time code to an address of a person; the code itself is kept as ciphertext. Returns the run."""
    now = ctx.clock()
    with transaction(ctx.engine) as conn:
        run_id = campaigns.ensure_run(conn, key=f"code:{uuid4().hex}", kind="system", now=now)
        cipher = ctx.keyring.encrypt(WORDS.format(code=code), f"run:{run_id}")
        campaigns.set_run_content(conn, run_id, cipher)
        one = one_message(
            profile_id=recipient_id,
            recipient_id=recipient_id,
            address_id=address_id,
            channel=channel,
            door="subscribed",
        )
        write_slices(conn, ctx, Home(run_id, None, "urgent", now, passes=True), one)
    return run_id
