"""The demo's stage: ports that are free, leases that are short, lines with a stamp."""

from __future__ import annotations

import io
import socket
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from pushsvc.context import clock_of, utc_now
from pushsvc.demo.stage import daylight, demo_settings, free_port, speaker, wait_until
from pushsvc.settings import read_settings


def test_a_port_that_is_taken_is_replaced():
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        wanted = busy.getsockname()[1]
        assert free_port(wanted, set()) != wanted


def test_no_port_is_given_twice():
    taken: set[int] = set()
    first = free_port(0, taken)
    assert free_port(first, taken) != first
    assert len(taken) == 2


def test_a_call_never_outlives_its_lease(tmp_path: Path):
    settings = demo_settings(read_settings({"PUSHSVC_VAR": str(tmp_path)}))
    assert settings.request_seconds < settings.lease_seconds < 15
    assert settings.demo
    assert settings.public_url.endswith(f":{settings.web_port}")


def test_the_demo_reaches_nobody_outside(tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_text("ref:somebody\n", encoding="utf-8")
    outside = {
        "PUSHSVC_SMS_URL": "ali=aliyun://id:secret@sms.example own=https://gateway.example",
        "PUSHSVC_GATEWAY_KEYS": "own=key",
        "PUSHSVC_PUSH_URLS": "jpush://key:secret@push.example",
        "PUSHSVC_MAILBOX_URL": "imaps://a:b@mail.example",
        "PUSHSVC_TRIAL": str(tmp_path / "list.txt"),
    }
    settings = demo_settings(read_settings({"PUSHSVC_VAR": str(tmp_path), **outside}))
    assert settings.push_offers() == ()
    assert {urlsplit(offer.url).hostname for offer in settings.offers()} == {"127.0.0.1"}
    assert (settings.mailbox_url, settings.trial) == ("", "")


def test_lines_carry_the_seconds_since_the_start():
    out = io.StringIO()
    speaker(out, time.monotonic() - 65)("plan\nrefused")
    assert out.getvalue() == "[01:05] plan\n        refused\n"


def test_waiting_ends_when_it_is_so_or_when_time_is_up():
    assert wait_until(lambda: True, seconds=0)
    assert not wait_until(lambda: False, seconds=0)


@given(st.integers(0, 366 * 24 * 60), st.sampled_from([0.0, 43_200.0]))
def test_the_demo_plays_by_day_and_never_before_an_earlier_run(minutes: int, before: float):
    now = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    ahead = daylight(now, before)
    assert 9 <= (now + timedelta(seconds=ahead)).astimezone(ZoneInfo("Asia/Shanghai")).hour < 21
    assert ahead - before in (0, 43_200)


def test_the_clock_is_ahead_by_what_the_settings_say(tmp_path: Path):
    clock = clock_of(read_settings({"PUSHSVC_VAR": str(tmp_path), "PUSHSVC_AHEAD_SECONDS": "3600"}))
    assert timedelta(minutes=59) < clock() - utc_now() < timedelta(minutes=61)
