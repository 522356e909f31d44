"""The funnel's table and JSON, and the queue on the command line."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner

from profiles.records import RowError
from pushsvc.cli.main import cli
from pushsvc.cli.tables import funnel_json, funnel_table
from pushsvc.pipeline.report import Funnel, ImportReport
from tests.documents import TITLE, document
from tests.registering import json_file


def test_the_table_has_a_row_a_file_its_reasons_and_a_total() -> None:
    bad = (RowError(2, "", "not_json", "No."), RowError(4, "a", "missing", "No."), RowError(4, "b", "too_long", "No."))
    one = ImportReport(2, 0, 1, bad, {"draft_as_policy": 2})
    assert funnel_table(Funnel((("甲.jsonl", one), ("b.csv", ImportReport(1000, 0, 0))))) == [
        "file                      read    new  changed  unchanged  passed  held  refused",
        "甲.jsonl                     5      2        0          1       1     2        2",
        "  held: draft_as_policy                                               2",
        "  refused: missing                                                             1",
        "  refused: not_json                                                            1",
        "b.csv                    1,000  1,000        0          0   1,000     0        0",
        "total                    1,005  1,002        0          1   1,001     2        2",
        "  held: draft_as_policy                                               2",
        "  refused: missing                                                             1",
        "  refused: not_json                                                            1",
    ]


def test_the_json_names_every_error_with_its_line() -> None:
    report = ImportReport(1, 0, 0, (RowError(7, "title", "missing", "This field is required."),))
    found = funnel_json(Funnel((("a.jsonl", report),)))
    assert found["files"][0]["errors"] == [  # type: ignore[index]  # a list of objects
        {"line": 7, "column": "title", "code": "missing", "sentence": "This field is required."}
    ]
    assert found["total"]["refused_by"] == {"missing": 1}  # type: ignore[index]  # an object


def test_import_list_show_and_settle(
    database_url: str, engine: object, redis_url: str, var: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    json_file(
        folder / "crawl.jsonl", [document(3), document(4, title=f"{TITLE}（征求意见稿）", clauses=("一、征求意见。",))]
    )

    keys = {"PUSHSVC_SECRET_KEY": "tests", "PUSHSVC_DATA_KEYS": "A" * 43 + "="}
    environ = {**keys, "PUSHSVC_DATABASE_URL": database_url, "PUSHSVC_REDIS_URL": redis_url, "PUSHSVC_VAR": str(var)}

    def run(*words: str, code: int = 0) -> str:
        done = CliRunner(env=environ).invoke(cli, words)
        assert done.exit_code == code, done.output
        return done.stdout

    total = json.loads(run("import", "policies", str(folder), "--json"))["total"]
    assert (total["read"], total["new"], total["held_by"]) == (2, 2, {"draft_as_policy": 1})
    assert "jl-2026-4  draft_as_policy" in run("queue", "list")
    found = json.loads(run("queue", "show", "jl-2026-4", "--json"))
    number = next(one["id"] for one in found["findings"] if one["blocking"])
    assert "is settled" in run("queue", "settle", str(number), "--by", "周岚", "--reason", "已核对")
    assert json.loads(run("queue", "list", "--json"))["total"] == 0
    run("queue", "show", "nothing", code=1)
