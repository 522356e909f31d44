"""Bodies that break off, and bodies that only look so."""

from __future__ import annotations

import pytest

from tests.texts.judging import PROSE, blocked, noted

LAW = (
    "第一条 为了规范管理，制定本办法。\n第二条 本办法适用于本市。\n第三条 市主管部门负责组织实施。"
    "\n第四条 本办法自公布之日起施行。"
)

CUT = [
    PROSE + "四、其他事项。在实施过程",
    PROSE + "（四）在本意见政策期间",
    PROSE + "四、资金由区级财政统筹安排，并",
    PROSE + "四、资金由区级财政统筹安排……",
    PROSE + "四、资金由区级财政统筹安排...",
    PROSE + "四、资金统筹安排。查看全文",
    PROSE + "四、具体条件如下：",
    PROSE + "四、按照《某市财政专项资金管理",
    PROSE + "第四章 监督管理",
    LAW.replace("第三条", "第五条").replace("第四条", "第六条"),
    LAW + "\n第五条 违反本办法第三十条规定的，责令改正。",
    "第一章 总则\n第一条 为了规范管理，制定本条例，保护各方权益。\n第二条 本条例适用于本市行政区域内的各项活动。",
    PROSE + "四、申请人应当提交营业执照、信用报告、",
    PROSE + "四、补助资金的申请、审核和",
    PROSE.replace("\n", " ") + "四、对新引进的企业给予一次性奖励，对规模以上企业按照",
]
WHOLE = [
    PROSE,
    LAW,
    PROSE + "某区人民政府\n2024年1月2日",
    PROSE.replace("\n", " ") + "某区人民政府办公室 2024年1月2日 （此件公开发布）",
    PROSE + "国务院办公厅 中央军委办公厅\n一九九六年六月二十九日",
    PROSE + "附件：申请表",
    PROSE + "附件\n重点区域表\n杭州\n120\n宁波\n80\n湖州\n45",
    PROSE + "召集人：张三 副市长\n成 员：李四 发展改革局局长\n王五 财政局副局长",
    PROSE + "联系人：张三，电话：0571-00000000，地址：人民路1号",
    PROSE + "主办单位：某区人民政府 网站标识码：3300000001",
    LAW.replace("第三条 ", "第三 条"),
    LAW.replace("第一条 ", "第五条 违反国家有关办法第九十条的，从其规定。\n第一条 "),
    PROSE + "四、省略号“……”表示可以续写的内容，不影响本办法的理解和执行。",
    PROSE + "四、主管部门应当建立台账，并定期检查；",
    "为了加强和规范城市绿化管理，保护生态环境，改善人居条件，根据有关法律，制定本办法。\n"
    + LAW.removeprefix("第一条 为了规范管理，制定本办法。\n"),
    "第一章 总则\n" + LAW,
]


@pytest.mark.parametrize("body", CUT)
def test_a_body_that_breaks_off_is_named(body: str) -> None:
    assert blocked("某区企业发展支持办法", body) == {"truncated_body"}


@pytest.mark.parametrize("body", WHOLE)
def test_a_whole_body_passes(body: str) -> None:
    assert blocked("某区企业发展支持办法", body) == set()


def test_fewer_articles_than_the_header_tells_is_a_cut() -> None:
    assert blocked("某办法", LAW, articles=9) == {"truncated_body"}


@pytest.mark.parametrize("told", [4, 3, None, "4", True])
def test_as_many_articles_as_told_is_whole(told: object) -> None:
    assert blocked("某办法", LAW, articles=told) == set()


def test_an_attachment_that_is_not_there_is_a_note() -> None:
    assert "attachment_missing" in noted("某区办法", PROSE + "附件：申请表")


def test_a_law_that_does_not_say_when_it_takes_effect_gets_a_note() -> None:
    assert "no_effective_clause" in noted("某市管理办法", LAW.replace("本办法自公布之日起施行", "由市主管部门解释"))
