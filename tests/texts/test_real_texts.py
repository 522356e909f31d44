"""Real texts of law, notices and crawled pages: all are read, and what their own words say is found."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from pushsvc.texts.files import read_texts
from pushsvc.texts.interpreting import interpret
from pushsvc.texts.policy import PolicyText
from pushsvc.texts.raw import RawText
from tests.shared import shared_file

FILES = (
    "policies/gov_cn_2019.jsonl",
    "policies/hangzhou_local_regs.jsonl",
    "policies/zhejiang_provincial_regs.jsonl",
)


def _read(path: Path | None) -> list[tuple[RawText, PolicyText]]:
    raws = [raw for raw in read_texts(path) if isinstance(raw, RawText)] if path else []
    return [(raw, interpret(raw)) for raw in raws]


def test_every_one_is_read() -> None:
    paths = [shared_file(name) for name in FILES]
    texts = [text for path in paths for _, text in _read(path)]
    if all(paths):
        assert len(texts) == 312
    for name in ("title", "agency", "region", "date_written", "date_published", "date_effective", "doc_no", "links"):
        known = sum(getattr(text, name) not in (None, "", ()) for text in texts)
        print(f"{name}: known of {known} of {len(texts)}")
    assert all(text.title and text.agency and text.region and text.date_published and text.body for text in texts)


@pytest.mark.parametrize("name", FILES[1:])
def test_the_day_of_effect_is_read_from_the_text_alone(name: str) -> None:
    for raw, _ in _read(shared_file(name)):
        told = raw.fields.get("date_effective")
        bare = {field: value for field, value in raw.fields.items() if field != "date_effective"}
        found = interpret(replace(raw, fields=bare)).date_effective
        assert told is None or found is None or str(found) == told, raw.fields["title"]


@pytest.mark.parametrize("name", FILES[1:])
def test_what_is_repealed_is_linked(name: str) -> None:
    for raw, text in _read(shared_file(name)):
        ended = [link for link in text.links if link.relation == "repeals"]
        assert bool(ended) == ("同时废止" in raw.body), text.title


def test_the_page_says_who_issued_it_where_the_crawl_read_a_menu() -> None:
    texts = [text for _, text in _read(shared_file("policies/xuhui_noisy_import.jsonl"))]
    for text in texts:
        assert text.region == "310104"
        assert text.agency in (None, "徐汇区新型工业化推进办公室")
        assert "个人中心" not in text.body or text.doc_no is None
    kinds = [text.kind for text in texts]
    assert not texts or (kinds.count("consultation"), kinds.count("gazette"), kinds.count("fund")) == (4, 1, 1)


def test_the_traditional_notice_is_read_in_simplified_characters() -> None:
    for _, text in _read(shared_file("policies/hangzhou_2021_open_government_notice.txt")):
        assert text.traditional
        assert text.title == "杭州市人民政府办公厅关于印发2021年杭州市政务公开工作要点的通知"
        assert (text.agency, text.region) == ("杭州市人民政府办公厅", "330100")
        assert (text.date_written, text.date_published) == (date(2021, 6, 17), date(2021, 8, 4))
        assert text.family == "杭州市政务公开工作要点"
        assert "當前位置" not in text.body
        assert "浏览次数" not in text.body
