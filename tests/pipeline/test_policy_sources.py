"""Nothing sent is lost: each copy with its file, line, header and unknown fields; a folder is read file by file."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from profiles.records import RecordsError
from pushsvc.context import Context
from pushsvc.pipeline.ingest_policies import held_codes, import_folder, import_policies
from pushsvc.pipeline.queue import judged
from pushsvc.pipeline.report import Funnel, RowError
from tests.documents import document
from tests.registering import POLICY, ask, count, csv_file, json_file


def test_a_copy_keeps_its_header_and_what_we_have_no_name_for(ctx: Context, tmp_path: Path) -> None:
    rows = [document(2), document(3, clicks=7, crawler={"seen": "2026\u0000"})]
    import_policies(ctx, json_file(tmp_path / "crawl.jsonl", rows))
    found = judged(ctx, "jl-2026-3")
    assert found is not None
    (copy,) = found.sources
    assert (copy.origin, copy.line, copy.host) == ("crawl.jsonl", 2, "www.jianglan.example")
    assert copy.header["doc_no"] == "江政发〔2026〕3号"
    assert copy.extra["clicks"] == 7
    assert len(copy.checksum) == 64


def test_the_same_text_of_another_host_is_linked_and_held(ctx: Context, tmp_path: Path) -> None:
    copy = document(3) | {"id": "mirror-1", "url": "https://news.elsewhere.example/9"}
    report = import_policies(ctx, json_file(tmp_path / "crawl.jsonl", [document(3), copy]))
    assert (report.new, report.passed, dict(report.held)) == (2, 1, {"duplicate": 1})
    assert held_codes(ctx, "mirror-1") == ["duplicate"]
    rows = ask(ctx, "select t.ref from policy_link l join policy t on t.id = l.target_id where relation = 'duplicates'")
    assert rows == [("jl-2026-3",)]


def test_two_policies_with_one_number_are_named(ctx: Context, tmp_path: Path) -> None:
    other = document(
        3, title="江澜市人民政府关于城市供水价格的通知", clauses=("一、居民用水价格由市发展改革部门另行公布。",)
    )
    report = import_policies(ctx, json_file(tmp_path / "crawl.jsonl", [document(3), other | {"id": "water"}]))
    assert dict(report.held) == {"same_number": 1}
    assert held_codes(ctx, "water") == ["same_number"]


@pytest.mark.parametrize("form", ["array", "csv"])
def test_other_forms_say_the_same(ctx: Context, tmp_path: Path, form: str) -> None:
    path = tmp_path / f"crawl.{'json' if form == 'array' else 'csv'}"
    if form == "array":
        path.write_text(json.dumps([document(3)], ensure_ascii=False), encoding="utf-8")
    else:
        csv_file(path, [document(3)])
    assert import_policies(ctx, path).new == 1
    assert ask(ctx, "select ref, doc_no, agency from policy") == [("jl-2026-3", "江政发〔2026〕3号", "江澜市人民政府")]


@pytest.mark.parametrize("suffix", ["txt", "html"])
def test_a_file_may_be_one_text(ctx: Context, tmp_path: Path, suffix: str) -> None:
    text = str(document(3)["content"])
    page = "<html><head><title>江澜市人民政府</title></head><body>{}</body></html>"
    if suffix == "html":
        text = page.format("".join(f"<p onclick='x()'>{line}</p>" for line in text.split("\n")))
    path = tmp_path / f"notice.{suffix}"
    path.write_text(text, encoding="utf-8")
    assert import_policies(ctx, path).new == 1
    ((number, html),) = ask(ctx, "select doc_no, html from policy")
    assert number == "江政发〔2026〕3号"
    assert "onclick" not in (html or "")
    assert import_policies(ctx, path).unchanged == 1


def test_a_folder_is_a_row_a_file_and_one_bad_file_costs_the_others_nothing(ctx: Context, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    (folder / "more").mkdir(parents=True)
    json_file(folder / "a.jsonl", [document(3), "{oops"])
    json_file(folder / "more" / "b.jsonl", [{"ref": "own", **POLICY, "colour": "red"}, {"ref": "own", **POLICY}])
    (folder / "c.pdf").write_bytes(b"%PDF-1.7")
    (folder / "d.txt").write_bytes(b"\x89PNG\x00\x01")
    funnel = import_folder(ctx, folder)
    assert [(name, report.new) for name, report in funnel.files] == [
        ("a.jsonl", 1), ("c.pdf", 0), ("d.txt", 0), ("more/b.jsonl", 1),
    ]  # fmt: skip
    assert Counter(funnel.total().refused_by) == {"not_json": 1, "unknown_kind": 1, "binary": 1, "unknown_field": 1}
    assert add_up(funnel)
    assert ask(ctx, "select distinct origin from policy_source order by 1") == [("a.jsonl",), ("more/b.jsonl",)]


def test_again_a_folder_changes_nothing(ctx: Context, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    json_file(folder / "a.jsonl", [document(3), document(4)])
    import_folder(ctx, folder)
    before = ask(ctx, "select * from policy, policy_source")
    total = import_folder(ctx, folder).total()
    assert (total.read, total.new, total.changed, total.unchanged) == (2, 0, 0, 2)
    assert ask(ctx, "select * from policy, policy_source") == before


@pytest.mark.parametrize(("content", "code"), [(b"", "empty"), (b"PK\x03\x04\x00\x00", "binary")])
def test_a_file_that_cannot_be_read_changes_nothing(ctx: Context, tmp_path: Path, content: bytes, code: str) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(content)
    with pytest.raises(RecordsError) as caught:
        import_policies(ctx, path)
    assert caught.value.code == code
    assert (count(ctx, "policy"), count(ctx, "policy_source")) == (0, 0)


def test_what_a_column_cannot_hold_is_left_out_and_said(ctx: Context, tmp_path: Path) -> None:
    rows = [document(3) | {"url": "javascript:alert(1)", "行业": "人工智能"}]
    assert import_policies(ctx, json_file(tmp_path / "crawl.jsonl", rows)).passed == 1
    found = judged(ctx, "jl-2026-3")
    assert found is not None
    assert found.policy.url is None
    assert {(one.code, one.place) for one in found.findings} >= {("bad_url", "url")}
    assert found.sources[0].url == "javascript:alert(1)"


def add_up(funnel: Funnel) -> bool:
    """Whether every row is counted once."""
    total = funnel.total()
    assert all(isinstance(error, RowError) for _, report in funnel.files for error in report.errors)
    by_fate = total.passed + total.held + total.refused
    return total.read == by_fate == total.new + total.changed + total.unchanged + total.refused
