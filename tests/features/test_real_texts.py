"""Every real text goes through the import: none crashes it, again changes nothing, what is no policy is named."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pushsvc.context import Context
from pushsvc.pipeline.ingest_policies import held_codes, import_folder, import_policies
from pushsvc.pipeline.publish import PublishError, publish
from pushsvc.pipeline.queue import judged
from tests.registering import ask, count
from tests.shared import SHARED, shared_file

pytestmark = pytest.mark.filterwarnings("default::UserWarning")
STATE_COUNCIL, NOISY = "policies/gov_cn_2019.jsonl", "policies/xuhui_noisy_import.jsonl"
FILES = ("gov_cn_2019", "hangzhou_local_regs", "zhejiang_provincial_regs")


def rows_of(path: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def test_all_of_them_go_in_and_again_change_nothing(ctx: Context) -> None:
    if shared_file(STATE_COUNCIL) is None:
        return
    first = dict(import_folder(ctx, SHARED / "policies").files)
    assert sum(first[f"{name}.jsonl"].loaded for name in FILES) == 312
    assert all(first[f"{name}.jsonl"].errors == () for name in FILES)
    assert first["hangzhou_2021_open_government_notice.txt"].new == 1
    assert count(ctx, "policy_source") == count(ctx, "policy")
    tables = ("policy", "policy_finding", "policy_link", "policy_source", "policy_fingerprint")
    before = [sorted(map(str, ask(ctx, f"select * from {table}"))) for table in tables]
    total = import_folder(ctx, SHARED / "policies").total()
    assert (total.new, total.changed) == (0, 0)
    assert [sorted(map(str, ask(ctx, f"select * from {table}"))) for table in tables] == before


def test_number_agency_and_both_dates_stand_in_the_store(ctx: Context) -> None:
    path = shared_file(STATE_COUNCIL)
    if path is None:
        return
    import_policies(ctx, path)
    query = "select ref, doc_no, agency, date_written::text, date_published::text from policy"
    stored = {ref: values for ref, *values in ask(ctx, query)}
    names = ("doc_no", "agency", "date_written", "date_published")
    right = sum(stored[row["id"]] == [row[name] for name in names] for row in rows_of(path))
    assert right >= 59  # 98 % of 60


def test_only_the_one_in_force_passes_and_each_other_is_named(ctx: Context) -> None:
    path = shared_file(NOISY)
    if path is None:
        return
    report = import_policies(ctx, path)
    assert (report.read, report.passed) == (7, 1)
    assert dict(report.held) == {"draft_as_policy": 4, "error_page": 1, "result_list": 1}
    for (ref,) in ask(ctx, "select ref from policy order by id"):
        codes = held_codes(ctx, ref)
        if codes:
            with pytest.raises(PublishError) as caught:
                publish(ctx, ref, author="李萌", reviewer="周岚")
            assert caught.value.code == codes[0]
        else:
            assert publish(ctx, ref, author="李萌", reviewer="周岚")


def test_nothing_that_was_sent_is_lost(ctx: Context) -> None:
    path = shared_file(NOISY)
    if path is None:
        return
    import_policies(ctx, path)
    sent = rows_of(path)
    for line, ref in ask(ctx, "select s.line, p.ref from policy_source s join policy p on p.id = s.policy_id"):
        found = judged(ctx, ref)
        assert found is not None
        (copy,) = found.sources
        assert (copy.origin, copy.url) == (path.name, sent[line - 1]["url"])
        kept = {str(value) for value in (*copy.header.values(), *copy.extra.values(), found.policy.body)}
        short = {
            str(value) for value in sent[line - 1].values() if value not in (None, "", []) and len(str(value)) < 200
        }
        assert short <= kept, "a field of the row is nowhere"
