"""SMS through a gateway that is not ours: Kannel and its fake SMSC take what we send, part by part, and report back."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes

import pytest

from channels.text import sms_parts

pytestmark = pytest.mark.kannel


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What each program saw, from a network of its own."""
    folder = tmp_path_factory.mktemp("kannel")
    command = ["unshare", "-n", sys.executable, "-m", "tests.features.kannel", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, cwd=Path(__file__).parents[2])
    assert done.returncode == 0, done.stderr[-2000:]
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def parts(seen: dict[str, Any]) -> dict[str, list[str]]:
    """Number → the texts of its parts, decoded from what the SMSC was handed."""
    found: dict[str, list[str]] = {}
    for line in seen["arrived"]:
        sender, number, *rest = line.rstrip(">").split(" ")
        if sender == "106":
            found.setdefault(number, []).append(unquote_to_bytes(rest[-1]).decode("utf-16-be"))
    return found


def test_every_message_arrives_whole(seen: dict[str, Any]) -> None:
    assert set(seen["outcomes"]) == {"accepted"}
    arrived = {key: "".join(parts(seen)[number]) for key, number in seen["to"].items()}
    assert arrived == seen["texts"]


def test_it_takes_as_many_parts_as_we_count(seen: dict[str, Any]) -> None:
    counted = {key: len(parts(seen)[number]) for key, number in seen["to"].items()}
    assert counted == {key: sms_parts("", text) for key, text in seen["texts"].items()}
    assert Counter(counted.values()) == {1: 42, 3: 1}


def test_its_reports_become_receipts(seen: dict[str, Any]) -> None:
    assert sorted(seen["delivered"]) == sorted(seen["texts"])


def test_a_persons_reply_comes_back(seen: dict[str, Any]) -> None:
    assert [(reply["to"], reply["text"]) for reply in seen["replies"]] == [("+8613800138001", "TD")]
