"""`pushsvc sms-template`: a table for people, one JSON object for programs, one sentence for a mistake."""

from __future__ import annotations

import json

import pytest

from tests.cli.test_bad_words import _service, run
from tests.pipeline.vendors import ALIYUN, POLICY, TENCENT

__all__ = ["_service"]

FILE = ("file", "policy", "aliyun", "--code", "SMS_1", "--signature", "江澜政策", "--by", "周岚")


@pytest.fixture
def _vendors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PUSHSVC_SMS_URL", f"aliyun={ALIYUN} tencent={TENCENT}")


def told(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """What a command that works prints."""
    code, out, err = run(capsys, "sms-template", *words)
    assert (code, err) == (0, "")
    return out


@pytest.mark.usefixtures("_service", "_vendors", "engine")
def test_a_template_goes_its_way(capsys: pytest.CaptureFixture[str]) -> None:
    assert told(capsys, "add", "policy", POLICY, "--by", "李萌") == "sms-template policy (zh): version 1\n"
    assert told(capsys, "list").splitlines()[1].split()[:7] == ["policy", "zh", "1", "notice", "-", "-", "not"]
    limits = ("--limit", "title=20", "--limit", "until=6", "--expected", "2099-07-01")
    assert told(capsys, *FILE, *limits) == "sms-template policy (zh) at aliyun: filed\n"
    assert told(capsys, "list").splitlines()[1].split()[4:9] == ["aliyun", "SMS_1", "filed", "1", "2099-07-01"]
    told(capsys, "refuse", "policy", "aliyun", "--reason", "签名未报备", "--by", "周岚")
    assert told(capsys, "list").splitlines()[1].endswith("签名未报备")
    told(capsys, *FILE)
    told(capsys, "approve", "policy", "aliyun", "--expires", "2099-12-31", "--by", "周岚")
    told(capsys, "add", "policy", "Policy ${title}", "--locale", "en", "--by", "李萌")
    found = json.loads(told(capsys, "list", "--json"))["templates"]
    assert [(one["locale"], one["version"], len(one["filings"])) for one in found] == [("zh", 1, 1), ("en", 1, 0)]
    filing = found[0]["filings"][0]
    assert (filing["state"], filing["expires_at"], filing["limits"], filing["most_parts"]) == (
        "approved", "2099-12-31", {}, 2,
    )  # fmt: skip
    told(capsys, "expire", "policy", "aliyun", "--version", "1", "--by", "周岚")
    assert told(capsys, "list").splitlines()[1].split()[6] == "expired"


@pytest.mark.usefixtures("_service", "_vendors", "engine")
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("add", "policy", "看https://a.example", "--by", "x"), "body: An SMS bears no link"),
        (("add", "Policy", "更新", "--by", "x"), "name: It has small letters"),
        (FILE, "name: There is no template 'policy'"),
        (("file", "policy", "sms", *FILE[3:]), "There is no vendor 'sms' for SMS: there are aliyun, tencent."),
        ((*FILE, "--limit", "title"), "limits: A limit is written title=20"),
        ((*FILE, "--limit", "title=２０"), "limits: A limit is written title=20"),
        (
            ("approve", "policy", "aliyun", "--version", "3", "--by", "x"),
            "There is no template 'policy' (zh, version 3).",
        ),
    ],
)
def test_a_mistake_is_one_sentence_with_its_place(
    capsys: pytest.CaptureFixture[str], words: tuple[str, ...], said: str
) -> None:
    code, out, err = run(capsys, "sms-template", *words)
    assert (code, out) == (1, "")
    assert said in err
    assert len(err.splitlines()) == 1
