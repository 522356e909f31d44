"""`pushsvc model`: which models there are, why one serves, taking it back, and how far the city has moved."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import pytest
from click.testing import CliRunner, Result

from profiles.lifecycle import derive
from pushsvc.cli.doctor import database_findings
from pushsvc.cli.drift import bar
from pushsvc.cli.main import cli
from pushsvc.context import Context, utc_now
from pushsvc.keyring import Keyring
from pushsvc.pipeline.days import city_day
from pushsvc.pipeline.drift import reference
from pushsvc.pipeline.models import admit
from pushsvc.settings import Settings
from pushsvc.store.frames import load_frame
from pushsvc.store.session import Engine, transaction
from recommenders.artifact import with_card
from tests.modelling import assessed, by_hand
from tests.pipeline.damage import damage
from tests.registering import ask, issue, register

Run = Callable[..., Result]
GOOD = {"audience_auc_cold": 0.8, "audience_auc_activity": 0.6, "audience_auc_deciles": [0.7], "feed_auc_cold": 0.72}
ASSESS = ("model", "assess", "PIA-9", "--algorithm", "2", "--title", "影响评估", "--made-on", "2026-01-05")


@pytest.fixture
def run(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs one command on the test's own servers."""
    given = {"DATABASE_URL": settings.database_url, "REDIS_URL": settings.redis_url, "VAR": settings.var}
    given |= {"SECRET_KEY": "tests", "DATA_KEYS": "A" * 43 + "="}
    for name, value in given.items():
        monkeypatch.setenv(f"PUSHSVC_{name}", str(value))
    return lambda *words: CliRunner().invoke(cli, [str(word) for word in words])


@pytest.fixture
def ctx(settings: Settings, engine: Engine, keyring: Keyring) -> Context:
    """A context with the clock that commands have."""
    return Context(settings=settings, engine=engine, keyring=keyring, clock=utc_now)


def admitted(ctx: Context, name: str = "region=990105", **card: object) -> int:
    """A good model of the city as it is."""
    told = {"algorithm": "2", "evaluation": GOOD, "window": {"from": "2025-01-02", "to": "2026-06-20"}}
    made = by_hand({name: 1.0}, card=told | card)
    with transaction(ctx.engine) as conn:
        then = reference(conn, made, derive(load_frame(conn), city_day(ctx)))
    return admit(ctx, with_card(made, {"reference": then})).id


def test_the_list_shows_each_model_with_its_figures(run: Run, ctx: Context) -> None:
    assert "There is no model" in run("model", "list").output
    assessed(ctx)
    admitted(ctx)
    admitted(ctx, evaluation={})
    head, *lines = run("model", "list").output.splitlines()
    assert head.split("  ")[0] == "id"
    assert [line.split()[:2] for line in lines] == [["2", "refused"], ["1", "serving"]]
    assert "2025-01-02 – 2026-06-20  0.800         0.600     0.720     PIA-TEST-1" in lines[1]
    assert [row["state"] for row in json.loads(run("model", "list", "--json").output)["models"]] == [
        "refused",
        "serving",
    ]


def test_one_model_is_shown_with_the_gate_line_by_line(run: Run, ctx: Context) -> None:
    assessed(ctx)
    admitted(ctx, evaluation=GOOD | {"audience_auc_activity": 0.9})
    output = run("model", "show", 1).output
    assert "model 1: refused" in output
    assert "passed  impact assessment: PIA-TEST-1" in output
    assert "FAILED  audience AUC on unseen policies 0.8000, above that of sorting people by activity, 0.9000" in output
    assert "recipe, audience: lightfm 1" in output
    shown = json.loads(run("model", "show", 1, "--json").output)
    assert (shown["id"], shown["served"], len(shown["gate"])) == (1, [], 5)
    missing = run("model", "show", 7)
    assert (missing.exit_code, "There is no model 7" in missing.output) == (1, True)


def test_an_assessment_is_recorded_and_lets_a_waiting_model_serve(run: Run, ctx: Context) -> None:
    number = admitted(ctx)
    refused = run("model", "use", number, "--by", "周岚")
    assert getattr(refused.exception, "code", "") == "refused"
    assert run(*ASSESS, "--by", "沈祺").output == "assessment PIA-9 covers algorithm 2 from 2026-01-05 to 2029-01-05\n"
    assert "model 1 is in use" in run("model", "use", number, "--by", "周岚").output
    assert getattr(run(*ASSESS, "--valid-until", "2026-01-01", "--by", "沈祺").exception, "code", "") == "dates"


def test_one_command_takes_a_model_back(run: Run, ctx: Context) -> None:
    assessed(ctx)
    admitted(ctx)
    admitted(ctx, "region=990101")
    assert run("model", "rollback", "--by", "周岚").output == "model 1 is in use again\n"
    assert ask(ctx, "select actor, object from audit where action = 'model.rollback'") == [("周岚", "model:1")]
    assert getattr(run("model", "rollback", "--by", "周岚").exception, "code", "") == "no_earlier"
    assert "served" in run("model", "show", 2).output
    assert run("model", "rollback").exit_code == 2


def test_the_doctor_names_a_damaged_model_and_the_one_that_serves_instead(
    run: Run, ctx: Context, settings: Settings
) -> None:
    assessed(ctx)
    url = str(settings.database_url)
    good = admitted(ctx)
    assert list(database_findings(url)) == []
    damage(ctx, admitted(ctx, "region=990101"), "byte")
    (finding,) = database_findings(url)
    assert finding.bad
    assert "Model 2 cannot serve: The stored model is damaged" in finding.text
    assert f"model {good} serves in its place" in finding.text
    run("model", "rollback", "--by", "周岚")
    assert list(database_findings(url)) == []


def test_the_doctor_notes_a_model_that_no_assessment_covers(ctx: Context, settings: Settings) -> None:
    past = replace(ctx, clock=lambda: utc_now().replace(year=utc_now().year - 4, day=1))
    assessed(past)
    admit(past, by_hand({"region=990105": 1.0}, card={"algorithm": "2", "evaluation": GOOD}))
    (finding,) = database_findings(str(settings.database_url))
    assert (finding.bad, "No valid impact assessment covers model 1" in finding.text) == (False, True)


def test_drift_is_a_table_with_bars_and_an_object(run: Run, ctx: Context) -> None:
    assert getattr(run("model", "drift").exception, "code", "") == "no_model"
    for number in range(30):
        register(ctx, f"a{number}", region="990105")
    issue(ctx, "p", region="990105")
    assessed(ctx)
    admitted(ctx)
    for number in range(60):
        register(ctx, f"b{number}", region="990101")
    output = run("model", "drift").output
    assert "serving since" in output
    assert "retrain, train anew" in output
    assert [line for line in output.splitlines() if "region" in line and "█" in line and "retrain" in line]
    assert "  recommended  –       –" in output
    found = json.loads(run("model", "drift", "--json").output)
    assert (found["model"], found["status"], found["profiles"]["rows"]) == (1, "retrain", 90)


def test_a_bar_is_as_long_as_the_index_and_ends_somewhere() -> None:
    assert [len(bar(value)) for value in (0.0, 0.25, 0.5, 9.0)] == [1, 24, 48, 48]
    assert (bar(None), bar(9.0)[-1]) == ("·", "▶")
