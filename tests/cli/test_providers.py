"""`pushsvc provider`: a table for people, one JSON object for programs, one sentence for a mistake."""

from __future__ import annotations

import json
import re

import pytest

from tests.cli.test_bad_words import _service, run

__all__ = ["_service"]


def told(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """What a command that works prints."""
    code, out, err = run(capsys, "provider", *words)
    assert (code, err) == (0, "")
    return out


@pytest.mark.usefixtures("_service", "engine")
def test_a_provider_is_paused_weighed_and_resumed(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PUSHSVC_SMS_URL", "main=http://127.0.0.1:1;weight=80 reserve=http://127.0.0.1:2;weight=20")
    monkeypatch.setenv("PUSHSVC_GATEWAY_KEYS", "main=one reserve=two")
    assert told(capsys, "pause", "reserve", "--reason", "合同到期") == "provider reserve: paused\n"
    assert told(capsys, "weight", "main", "30") == "provider main: weight 30\n"
    lines = told(capsys, "list").splitlines()
    assert lines[0].split()[:5] == ["provider", "channel", "state", "weight", "share"]
    assert [line.split()[:5] for line in lines[2:4]] == [
        ["main", "sms", "on", "30", "100%"],
        ["reserve", "sms", "paused", "20", "0%"],
    ]
    assert lines[3].endswith("合同到期")
    told(capsys, "resume", "reserve")
    told(capsys, "weight", "main")
    found = {one["name"]: one for one in json.loads(told(capsys, "list", "--json"))["providers"]}
    assert (found["main"]["share"], found["reserve"]["state"]) == (0.8, "on")


@pytest.mark.usefixtures("_service", "engine")
def test_a_mistake_is_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = run(capsys, "provider", "pause", "pigeon", "--reason", "x")
    assert (code, err) == (1, "pushsvc: There is no provider 'pigeon'; the settings name email, sms, app.\n")


@pytest.mark.usefixtures("_service")
def test_a_provider_without_its_key_starts_no_command(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PUSHSVC_SMS_URL", "https://sms.example")
    for words in (("provider", "list"), ("up",)):
        code, _, err = run(capsys, *words)
        assert code == 1
        assert "PUSHSVC_GATEWAY_KEY is missing: PUSHSVC_SMS_URL" in err
    code, out, _ = run(capsys, "doctor")
    assert code == 1
    assert "PUSHSVC_GATEWAY_KEY is missing: PUSHSVC_SMS_URL" in out


@pytest.mark.usefixtures("_service", "engine")
def test_each_provider_is_told_its_address(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PUSHSVC_SMS_URL", "ali=aliyun://id:secret@a.example own=https://b.example")
    monkeypatch.setenv("PUSHSVC_GATEWAY_KEYS", "own=key")
    monkeypatch.setenv("PUSHSVC_PUBLIC_URL", "https://policy.example/")
    found = dict(line.split(": ", 1) for line in told(capsys, "hooks").splitlines())
    assert found.keys() == {"ali", "own", "app"}
    assert re.fullmatch(r"https://policy\.example/hooks/ali/[0-9a-f]{40}", found["ali"])
    assert found["own"] == "https://policy.example/hooks/own"
