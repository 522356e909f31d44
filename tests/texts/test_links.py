"""What a document says of others."""

from __future__ import annotations

import pytest

from pushsvc.texts.links import links_of
from pushsvc.texts.policy import Link

REPEALED = [
    ("自公布之日起施行，《云州市商业办法》（云政发〔2010〕3号）同时废止。", [("云政发〔2010〕3号", "云州市商业办法")]),
    (
        "《甲市商业办法》和乙政府发布的《甲市〈工业条例〉办法》同时废止。",
        [(None, "甲市商业办法"), (None, "甲市〈工业条例〉办法")],
    ),
    ("根据《关于修改〈甲条例〉的决定》第一次修正的《甲市甲条例》同时废止。", [(None, "甲市甲条例")]),
    (
        "下列文件予以废止：\n1.《甲市商业办法》（甲政发〔2001〕1号）\n2.《乙市工业办法》\n二、其他",
        [("甲政发〔2001〕1号", "甲市商业办法"), (None, "乙市工业办法")],
    ),
    ("原甲政发〔2001〕1号文件同时废止。", [("甲政发〔2001〕1号", None)]),
    ("《浙江\n\n省测绘条例》同时废止。", [(None, "浙江省测绘条例")]),
    ("违反《甲市商业办法》的，责令改正。", []),
]


@pytest.mark.parametrize(("text", "ended"), REPEALED)
def test_repealed_documents_are_named(text: str, ended: list[tuple[str | None, str | None]]) -> None:
    found = [link for link in links_of("甲市商业新办法", text) if link.relation == "repeals"]
    assert found == [Link("repeals", number, title) for number, title in ended]


def test_a_document_named_in_part_is_changed_and_not_ended() -> None:
    (link,) = links_of("通知", "《甲市商业办法》第五条同时废止。")
    assert link == Link("amends", None, "甲市商业办法")


@pytest.mark.parametrize(
    ("title", "link"),
    [
        ("云州市人民政府办公厅转发市财政局关于支持商业意见的通知", Link("forwards", None, "市财政局关于支持商业意见")),
        ("《云州市商业办法》政策解读", Link("interprets", None, "云州市商业办法")),
        ("关于修改《云州市商业办法》的决定", Link("amends", None, "云州市商业办法")),
        ("云州市商业办法", None),
    ],
)
def test_the_title_says_what_is_passed_on_explained_or_changed(title: str, link: Link | None) -> None:
    assert links_of(title, "") == ((link,) if link else ())


def test_the_explained_documents_number_is_taken_from_the_text() -> None:
    (link,) = links_of("《云州市商业办法》解读", "近日印发了《云州市商业办法》（云政发〔2021〕3号）。")
    assert link == Link("interprets", "云政发〔2021〕3号", "云州市商业办法")


def test_only_the_preamble_tells_the_basis() -> None:
    text = "根据《某某法》（国发〔2015〕1号）、《某条例》，制定本办法。\n" + "略。\n" * 1500 + "根据《丙法规》处理。"
    assert links_of("办法", text) == (Link("based_on", "国发〔2015〕1号", "某某法"), Link("based_on", None, "某条例"))
