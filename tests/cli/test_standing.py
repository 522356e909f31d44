"""`pushsvc rule` and `pushsvc events`: two people make a rule, and a pass lists what happened."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import Engine

from pushsvc.context import Context
from pushsvc.keyring import Keyring
from pushsvc.settings import Settings
from tests.cli.test_bad_words import _service, run
from tests.clock import Clock
from tests.pipeline.test_event_trouble import broken, mend

__all__ = ["_service"]


def told(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """What a command that works prints."""
    code, out, err = run(capsys, *words)
    assert (code, err) == (0, "")
    return out


@pytest.mark.usefixtures("_service", "engine")
def test_a_rule_is_made_by_two_and_ended_for_a_reason(capsys: pytest.CaptureFixture[str]) -> None:
    made = told(capsys, "rule", "create", "截止提醒", "--author", "李萌", "--event", "deadline", "--topic", "talent")
    assert made == "rule 1: draft\n"
    assert told(capsys, "rule", "submit", "1", "--by", "李萌") == "rule 1: in_review\n"
    code, _, err = run(capsys, "rule", "approve", "1", "--by", "李萌")
    assert (code, err) == (1, "pushsvc: Whoever wrote or edited a rule may not approve it.\n")
    assert told(capsys, "rule", "approve", "1", "--by", "周岚") == "rule 1: approved\n"
    line = told(capsys, "rule", "list").splitlines()[1].split()
    assert line == ["1", "截止提醒", "approved", "deadline", "any", "talent", "any", "bulk", "李萌", "周岚"]
    assert told(capsys, "rule", "end", "1", "--by", "周岚", "--reason", "换季") == "rule 1: ended\n"
    (found,) = json.loads(told(capsys, "rule", "list", "--json"))["rules"]
    assert (found["state"], found["ended_reason"]) == ("ended", "换季")


@pytest.mark.usefixtures("_service", "engine")
def test_an_edit_changes_what_it_names_and_makes_a_draft(capsys: pytest.CaptureFixture[str]) -> None:
    told(capsys, "rule", "create", "截止提醒", "--author", "李萌", "--event", "deadline", "--topic", "talent")
    told(capsys, "rule", "submit", "1", "--by", "李萌")
    assert told(capsys, "rule", "edit", "1", "--by", "周岚", "--lane", "normal", "--event", "new") == "rule 1: draft\n"
    line = told(capsys, "rule", "list").splitlines()[1].split()
    assert line == ["1", "截止提醒", "draft", "new", "any", "talent", "any", "normal", "周岚", "-"]
    assert run(capsys, "rule", "edit", "1", "--by", "周岚")[0] == 2


@pytest.mark.usefixtures("_service", "engine")
def test_a_pass_by_hand_lists_what_happened(capsys: pytest.CaptureFixture[str]) -> None:
    assert told(capsys, "events").splitlines()[-1] == "0 answered now"
    assert json.loads(told(capsys, "events", "--json")) == {"answered": 0, "events": [], "troubled": []}


@pytest.mark.usefixtures("_service", "engine")
def test_an_unknown_event_or_rule_is_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "rule", "create", "r", "--author", "李萌", "--event", "birthday")[0] == 2
    code, _, err = run(capsys, "rule", "submit", "7", "--by", "李萌")
    assert (code, err) == (1, "pushsvc: There is no rule 7.\n")
    assert (
        run(capsys, "rule", "create", "r", "--author", "李萌")[2]
        == "pushsvc: events: A rule names at least one kind of event.\n"
    )


@pytest.mark.usefixtures("_service", "engine")
def test_an_urgent_rule_that_is_not_for_emergencies_alone_is_refused(
    capsys: pytest.CaptureFixture[str],
) -> None:
    words = ("rule", "create", "r", "--author", "李萌", "--event", "new", "--lane", "urgent")
    code, out, err = run(capsys, *words, "--kind", "fund")
    assert (code, out) == (1, "")
    assert err.startswith("pushsvc: The lane urgent is for emergencies")
    assert told(capsys, *words, "--kind", "emergency") == "rule 1: draft\n"


@pytest.mark.usefixtures("_service")
def test_what_went_wrong_is_listed_and_tried_again_by_hand(
    capsys: pytest.CaptureFixture[str], settings: Settings, engine: Engine, keyring: Keyring, clock: Clock
) -> None:
    ctx = Context(settings, engine, keyring, clock)
    (number,) = broken(ctx, "x")
    *_, line, last = told(capsys, "events").splitlines()
    assert last == "0 answered now"
    assert line.startswith(f"event {number} (deadline of a) went wrong (tries: 1, again at ")
    assert "unforeseen: " in line
    (found,) = json.loads(told(capsys, "events", "--json"))["troubled"]
    assert (found["id"], found["tries"], found["code"]) == (number, 1, "unforeseen")
    code, out, err = run(capsys, "events", "retry", str(number), "--by", "周岚")
    assert (code, out, "some day" in err) == (1, "", True)
    mend(ctx, number, closes="2999-01-01")
    assert told(capsys, "events", "retry", str(number), "--by", "周岚") == f"event {number}: answered\n"
    assert run(capsys, "events", "retry", str(number), "--by", "周岚")[2].endswith("nothing to try again.\n")
