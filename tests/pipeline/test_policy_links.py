"""What one document says of another is found in either order; a repeal ends what it names, and guesses nothing."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from pushsvc.context import Context
from pushsvc.pipeline.ingest_policies import import_policies
from pushsvc.pipeline.publish import publish
from pushsvc.pipeline.queue import judged
from tests.documents import document
from tests.registering import ask, json_file

OLD_TITLE = "江澜市人民政府关于扶持小微企业的意见"
OLD = document(5, year=2020, title=OLD_TITLE, end="本意见自2020年3月1日起施行。")
OLD["content"] = OLD["content"].replace("研发投入超过上年", "新招用本市高校毕业生")
NEW = document(3, end=f"本意见自2026年3月1日起施行，《{OLD_TITLE}》（江政发〔2020〕5号）同时废止。")
PEOPLE = {"author": "李萌", "reviewer": "周岚"}


def load(ctx: Context, folder: Path, *rows: dict[str, object]) -> None:
    for row in rows:
        report = import_policies(ctx, json_file(folder / f"{row['id']}.jsonl", [row]))
        assert (report.new, report.errors) == (1, ())


def links(ctx: Context) -> list[tuple[object, ...]]:
    query = "select p.ref, l.relation, t.ref from policy_link l join policy p on p.id = l.policy_id"
    return ask(ctx, f"{query} left join policy t on t.id = l.target_id order by 1, 2")


@pytest.mark.parametrize("rows", [(OLD, NEW), (NEW, OLD)], ids=["old first", "new first"])
def test_a_link_is_resolved_in_either_order(ctx: Context, tmp_path: Path, rows: tuple[dict[str, object], ...]) -> None:
    load(ctx, tmp_path, *rows)
    assert links(ctx) == [("jl-2026-3", "repeals", "jl-2020-5")]


def test_a_link_to_what_is_not_stored_waits(ctx: Context, tmp_path: Path) -> None:
    load(ctx, tmp_path, NEW)
    assert links(ctx) == [("jl-2026-3", "repeals", None)]


def test_publishing_a_repeal_ends_the_old_one_the_day_before(ctx: Context, tmp_path: Path) -> None:
    load(ctx, tmp_path, OLD, NEW)
    publish(ctx, "jl-2020-5", **PEOPLE)
    publish(ctx, "jl-2026-3", **PEOPLE)
    old = judged(ctx, "jl-2020-5")
    assert old is not None
    assert old.policy.valid_to == date(2026, 2, 28)
    assert old.policy.repealed_by is not None
    assert [one.code for one in old.findings if one.place == "valid_to"] == ["repealed"]
    rows = ask(ctx, "select actor, object, detail->>'by' from audit where action = 'policy.repealed'")
    assert rows == [("system", "policy:jl-2020-5", "jl-2026-3")]


def test_a_repealed_text_that_comes_in_later_is_closed_on_arrival(ctx: Context, tmp_path: Path) -> None:
    load(ctx, tmp_path, NEW)
    publish(ctx, "jl-2026-3", **PEOPLE)
    load(ctx, tmp_path, OLD)
    assert ask(ctx, "select valid_to from policy where ref = 'jl-2020-5'") == [(date(2026, 2, 28),)]
    again = import_policies(ctx, tmp_path / "jl-2020-5.jsonl")
    assert (again.unchanged, again.changed) == (1, 0)


def test_an_earlier_end_is_not_put_off_by_a_repeal(ctx: Context, tmp_path: Path) -> None:
    ended = OLD["content"].replace("起施行。", "起施行，有效期至2023年12月31日。")
    load(ctx, tmp_path, OLD | {"content": ended}, NEW)
    publish(ctx, "jl-2026-3", **PEOPLE)
    assert ask(ctx, "select valid_to from policy where ref = 'jl-2020-5'") == [(date(2023, 12, 31),)]


def test_a_draft_repeals_nothing(ctx: Context, tmp_path: Path) -> None:
    load(ctx, tmp_path, OLD, NEW)
    assert ask(ctx, "select valid_to, repealed_by from policy where ref = 'jl-2020-5'") == [(None, None)]


def test_a_number_that_two_policies_bear_closes_neither_and_is_told(ctx: Context, tmp_path: Path) -> None:
    ours = {"title": OLD_TITLE, "agency": "江澜市人民政府", "body": OLD["content"], "doc_no": "江政发〔2020〕5号"}
    for ref in ("one", "two"):
        load_ours = json_file(tmp_path / f"{ref}.jsonl", [{"ref": ref, **ours}])
        assert import_policies(ctx, load_ours).new == 1
    load(ctx, tmp_path, NEW)
    publish(ctx, "jl-2026-3", **PEOPLE)
    assert ask(ctx, "select count(*) from policy where repealed_by is not null") == [(0,)]
    found = judged(ctx, "jl-2026-3")
    assert found is not None
    assert [(one.code, one.place, one.blocking) for one in found.findings] == [
        ("repeal_unclear", "江政发〔2020〕5号", False)
    ]
