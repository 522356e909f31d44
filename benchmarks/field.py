"""What the field does, as the baseline: one Celery task a recipient, one provider call, one row update, one commit.

A task is handed a delivery's id. It reads the row with its address, decrypts the address, fills a short text, posts
the one message (or writes the one inbox row), and marks the row accepted. Nothing in it is slower than it must be:
connections are kept, results are off, acknowledged early, one solo process a worker as in our own Procfile, and
neither consent nor quiet hours are looked at again. Run by `celery -A benchmarks.field worker`.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING

import psycopg
from celery import Celery

from benchmarks.sending import environ
from pushsvc.context import Context
from pushsvc.keyring import Keyring
from pushsvc.settings import Settings, read_settings
from pushsvc.store.addresses import place

if TYPE_CHECKING:
    import httpx

QUEUE = "field"
_TITLE, _TEXT = (
    "云湾区人才安居补贴",
    "【江澜政策】云湾区人才安居补贴（第三批）开始申报，每月1500元，回复TD退订。校验码{}",
)
_READ = """
    select d.channel, d.wire_key, d.recipient_id, d.profile_id, d.policy_id, a.cipher
    from delivery d join address a on a.id = d.address_id where d.id = %s
"""
_DONE = """
    update delivery set state = 'accepted', provider_id = %s, accepted_at = now(), updated_at = now() where id = %s
"""
_LETTER = """
    insert into inbox (wire_key, recipient_id, profile_id, policy_id, title, body, at)
    values (%s, %s, %s, %s, %s, %s, now())
"""
app = Celery(QUEUE, broker=os.environ.get("PUSHSVC_BROKER_URL"))
app.conf.update(task_ignore_result=True, task_default_queue=QUEUE, worker_hijack_root_logger=False)


@lru_cache(maxsize=1)
def _outside() -> tuple[Settings, Keyring, psycopg.Connection[tuple[object, ...]], httpx.Client]:
    import httpx

    settings = read_settings()
    keyring = Keyring(settings.data_keys, settings.secret_key)
    return settings, keyring, psycopg.connect(plain(settings.database_url)), httpx.Client(trust_env=False)


@app.task(name="field.send", ignore_result=True)
def send(delivery_id: int) -> None:
    """Send one message."""
    settings, keyring, conn, client = _outside()
    row = conn.execute(_READ, (delivery_id,)).fetchone()
    assert row is not None
    channel, key, recipient, profile, policy, cipher = row
    to = keyring.decrypt(bytes(cipher), place(str(channel)))  # type: ignore[call-overload]  # bytea is bytes
    text = _TEXT.format(str(key)[:6])
    if channel == "app" and not to:
        conn.execute(_LETTER, (key, recipient, profile, policy, _TITLE, text))
    else:
        conn.commit()  # as nobody should hold a transaction open during a call
        url = f"{settings.sms_url}/sms/send" if channel == "sms" else f"{settings.app_url}/push/send"
        message = {"key": key, "to": to, "title": _TITLE, "text": text}
        client.post(url, content=_json(message)).raise_for_status()
    conn.execute(_DONE, (key, delivery_id))
    conn.commit()


@contextmanager
def field_workers(settings: Settings, workers: int) -> Iterator[list[int]]:
    """So many workers of the field, for as long as the block runs; their process numbers."""
    line = [sys.executable, "-m", "celery", "-q", "-A", "benchmarks.field", "worker", "--pool", "solo", "-Q", QUEUE]
    line += ["--without-gossip", "--without-mingle", "--loglevel", "WARNING"]
    processes = [
        subprocess.Popen([*line, "-n", f"field{n}@%h"], env=environ(settings), stderr=subprocess.DEVNULL)
        for n in range(workers)
    ]
    try:
        yield [process.pid for process in processes]
    finally:
        for process in processes:
            process.kill()
            process.wait()


def one_by_one(ctx: Context, ids: Sequence[int]) -> None:
    """A task for each delivery; returns when all are accepted."""
    conf = Celery(QUEUE, broker=ctx.settings.broker_url)
    for delivery_id in ids:
        conf.send_task("field.send", (delivery_id,), queue=QUEUE, ignore_result=True)
    with psycopg.connect(plain(ctx.settings.database_url), autocommit=True) as conn:
        while True:
            left = conn.execute("select count(*) from delivery where id = any(%s) and state = 'planned'", (list(ids),))
            found = left.fetchone()
            if found is None or found[0] == 0:
                return
            time.sleep(0.02)


def plain(url: str | None) -> str:
    """The URL as libpq reads it."""
    return (url or "").replace("postgresql+psycopg:", "postgresql:")


def _json(message: dict[str, object]) -> bytes:
    import json

    content = {"batch_key": message["key"], "expires_at": "2030-01-01T00:00:00+00:00", "messages": [message]}
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
