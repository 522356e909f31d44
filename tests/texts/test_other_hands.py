"""Invented texts as other provinces' sites and crawls hand them in: other names, other words, other wrappings."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from pushsvc.texts.files import read_texts
from pushsvc.texts.interpreting import interpret
from pushsvc.texts.jsonrows import MAX_DEPTH, parse_object
from pushsvc.texts.kinds import kind_of
from pushsvc.texts.links import links_of
from pushsvc.texts.policy import PolicyText
from pushsvc.texts.raw import RawText
from tests.texts.judging import PROSE, blocked
from tests.texts.making import LETTER, TITLE, raw

ROW = {"title": TITLE, "body": LETTER}


def whole(path: Path, content: str) -> list[PolicyText]:
    path.write_text(content, encoding="utf-8")
    return [interpret(one) for one in read_texts(path) if isinstance(one, RawText)]


@pytest.mark.parametrize(
    "row",
    [
        {"docTitle": TITLE, "publishDept": "云州市人民政府办公厅", "pubTime": "2021-06-20", "contentText": LETTER},
        {"文件标题": TITLE, "公布时间": "2021年6月20日", "文件内容": LETTER},
        {"title": TITLE, "publish_time": 1624118400000, "content": LETTER},
        {"title": TITLE, "publishTime": "1624118400", "mainBody": LETTER},
        {"title": TITLE, "published_at": "2021-06-19T16:30:00.000Z", "content": LETTER},
        {"title": TITLE, "date": "20210620093000", "content_html": f"<p>{LETTER}</p>"},
    ],
)
def test_other_names_and_clocks_say_the_same(tmp_path: Path, row: dict[str, Any]) -> None:
    (text,) = whole(tmp_path / "a.jsonl", json.dumps(row))
    assert (text.title, text.doc_no, text.date_published) == (TITLE, "云政办发〔2021〕8号", date(2021, 6, 20))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.json", json.dumps({"code": 0, "data": {"list": [ROW]}}, indent=1)),
        ("a.json", json.dumps({"total": 1, "rows": [ROW]})),
        ("a.json", json.dumps({"one": ROW})),
        ("a.csv", f'title|body\n{TITLE}|"{LETTER}"\n'),
        ("a.csv", f'sep=;\ntitle;body\n{TITLE};"{LETTER}"\n'),
        ("a.csv", f'政策清单,\n标题,正文\n{TITLE},"{LETTER}"\n'),
        ("a.jsonl", json.dumps(ROW | {"body": f"&lt;p&gt;{LETTER}&lt;/p&gt;"})),
        ("a.md", LETTER.replace(TITLE, f"# {TITLE}").replace("云政办发〔2021〕8号", "**云政办发〔2021〕8号**")),
    ],
)
def test_other_wrappings_hold_the_same(tmp_path: Path, name: str, content: str) -> None:
    (text,) = whole(tmp_path / name, content)
    assert (text.title, text.doc_no) == (TITLE, "云政办发〔2021〕8号")


def test_a_table_of_labels_is_read_without_colons(tmp_path: Path) -> None:
    cells = "<tr><td>索 引 号</td><td>YZ/2021-8</td><td>文号</td><td>云政办发〔2021〕8号</td></tr>"
    cells += "<tr><th>发布日期</th><td>2021-06-20</td></tr>"
    body = "".join(f"<p>{line}</p>" for line in LETTER.split("\n") if "〕8号" not in line)
    page = f"<html><title>{TITLE}</title><body><table>{cells}</table><div>{body}</div></body></html>"
    (text,) = whole(tmp_path / "a.html", page)
    assert (text.doc_no, text.index_no, text.date_published) == ("云政办发〔2021〕8号", "YZ/2021-8", date(2021, 6, 20))


def test_a_number_may_stand_in_the_title() -> None:
    assert interpret(raw(PROSE, title=f"{TITLE}（云政办发〔2021〕8号）")).doc_no == "云政办发〔2021〕8号"


def test_a_newspaper_issues_nothing() -> None:
    assert interpret(raw(PROSE, title="关于支持小店的措施", agency="云州日报")).agency is None


@pytest.mark.parametrize(
    "mark", ["（审议修改稿）", "（拟稿）", "（建议稿）", "（待审稿）", "（报审稿）", "（内部讨论）"]
)
def test_any_bracket_of_a_draft_marks_one(mark: str) -> None:
    assert "draft_as_policy" in blocked(f"某区企业发展支持办法{mark}", PROSE)
    assert "draft_as_policy" in blocked(f"【意见征集】某区企业发展支持办法{mark}", PROSE)


@pytest.mark.parametrize(
    ("title", "body"),
    [
        ("某市城市更新导则（发布稿）", PROSE),
        ("某市关于做好民生项目意见建议征集工作的通知", PROSE),
        ("某市人大常委会关于批准预算调整方案（草案）的决议", "会议审查了预算调整方案（草案），决定批准。" + PROSE),
        ("《某办法》问答", PROSE + "问：系统繁忙怎么办？\n答：可以稍后再试，或者到窗口办理。"),
    ],
)
def test_near_misses_pass(title: str, body: str) -> None:
    assert blocked(title, body) == set()


@pytest.mark.parametrize("title", ["某县价格听证办法", "关于公开征集科技成果的公告", "某县公开征求意见工作办法"])
def test_rules_about_consulting_are_no_consultations(title: str) -> None:
    assert kind_of(title, PROSE, "")[0] != "consultation"


@pytest.mark.parametrize(
    "body",
    [
        "您没有权限查看该内容", "该信息已下架", "请使用微信客户端打开链接", "您的浏览器版本过低，请升级后访问",
        "无此文章",
        "请求错误（412）", "加载失败，请刷新重试", "网站暂时关闭，正在进行改造", "Verifying you are human.",
        "Error 1020 Ray ID: 7abc", "Welcome to OpenResty!", "您即将离开本网站 继续访问 放弃", "该页无法显示",
        "欢迎登录 账号密码登录 短信登录 新用户注册 忘记密码", "该政策已失效，页面不再显示",
    ],
)  # fmt: skip
def test_other_sites_errors_are_named(body: str) -> None:
    assert "error_page" in blocked("某县", body)


@pytest.mark.parametrize("end", ["四、本办法自2023年5月1日", "四、申请截至2023年5月", PROSE[:60] + "[详情]"])
def test_a_text_cut_at_a_day_is_truncated(end: str) -> None:
    assert "truncated_body" in blocked("某区企业发展支持办法", PROSE + end)


def test_letters_misread_as_latin_are_named() -> None:
    assert "mojibake" in blocked("某区企业发展支持办法", PROSE.encode().decode("latin-1"))


def test_a_tree_of_criteria_is_not_too_deep_and_one_level_more_than_the_limit_is() -> None:
    fits = '{"a":' * MAX_DEPTH + "1" + "}" * MAX_DEPTH
    assert isinstance(parse_object(1, fits), dict)
    assert getattr(parse_object(1, '{"a":' + fits + "}"), "code", "") == "too_deep"


def test_ninety_thousand_titles_in_one_sentence_take_no_time() -> None:
    assert len(links_of("办法", "废止：" + "1.《一二》 " * 90_000)) <= 100
