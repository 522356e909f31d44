"""Receipts sent back: signed, in batches, again and again until the service takes them."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from typing import Any

from channels.base import Clock
from channels.http import Failure, Poster

log = logging.getLogger(__name__)
BATCH = 500
KEPT = 200_000
WAITS = (0.2, 0.5, 1.0, 2.0, 5.0)
TRIES = 60


class Receipts:
    """Posts to `{service_url}/hooks/<channel>`. What a kill loses, a query by key still tells."""

    def __init__(self, service_url: str, *, key: bytes, clock: Clock) -> None:
        self._poster = Poster(service_url.rstrip("/").removesuffix("/hooks"), key=key, clock=clock, timeout=10.0)
        self._waiting: deque[tuple[str, dict[str, Any]]] = deque(maxlen=KEPT)
        self._filled = asyncio.Event()
        self._empty = asyncio.Event()
        self._empty.set()
        self._task = asyncio.create_task(self._run())

    def add(self, channel: str, receipts: list[dict[str, Any]]) -> None:
        """Puts receipts in line."""
        if receipts:
            self._waiting.extend((channel, receipt) for receipt in receipts)
            self._empty.clear()
            self._filled.set()

    async def settled(self) -> None:
        """Waits until none is in line."""
        await self._empty.wait()

    async def close(self) -> None:
        """Stops posting."""
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        await self._poster.close()

    async def _run(self) -> None:
        while True:
            await self._filled.wait()
            channel, batch = self._next()
            await self._post(channel, batch)
            if not self._waiting:
                self._filled.clear()
                self._empty.set()

    def _next(self) -> tuple[str, list[dict[str, Any]]]:
        """The longest run of one channel from the front, at most a batch."""
        channel = self._waiting[0][0]
        batch: list[dict[str, Any]] = []
        while self._waiting and self._waiting[0][0] == channel and len(batch) < BATCH:
            batch.append(self._waiting.popleft()[1])
        return channel, batch

    async def _post(self, channel: str, batch: list[dict[str, Any]]) -> None:
        for attempt in range(TRIES):
            answer = await self._poster.post(f"/hooks/{channel}", {"receipts": batch})
            if not isinstance(answer, Failure) or answer.code.startswith("http_2"):
                return
            await asyncio.sleep(WAITS[min(attempt, len(WAITS) - 1)])
        log.warning("%d receipts of %s were not taken and are given up", len(batch), channel)
