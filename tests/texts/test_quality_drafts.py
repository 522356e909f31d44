"""Drafts that rows call policies, and policies that speak of drafts and consultation, as nearly all do."""

from __future__ import annotations

import pytest

from tests.texts.judging import PROSE, blocked

CHROME = "首页 政务公开 政策文件 索引号 : A1 发布机构 : 某区经信局 发文字号 : - 发布时间： 2024-01-02 点击数： 12 "

DRAFTS = [
    ("某区扶持意见（征求意见稿）", PROSE),
    ("某区扶持意见", CHROME + "某区扶持意见 （征求意见稿） " + PROSE),
    ("某区扶持意见", "某区扶持意见\n(公开征求意见稿)\n" + PROSE),
    ("某市条例（草案）", PROSE),
    ("某市条例", "某市条例\n（草案修改二稿征求意见稿）\n" + PROSE),
    ("关于公开征求《某市条例》意见的公告", PROSE),
    ("某市办法（送审稿）", PROSE),
    ("某市办法【讨论稿】", PROSE),
    ("某市办法", "征求意见稿\n某市办法\n" + PROSE),
    ("关于某办法意见征集的通知", PROSE),
    (
        "某市商业补贴若干政策",
        "为广泛听取意见，我局起草了《若干政策》，现向社会公开征求意见，请于2024年5月1日前将意见反馈至邮箱a@b.gov.cn。\n"
        + PROSE,
    ),
    (
        "某县老年人优待规定",
        "现就《优待规定》向社会公开征求意见，公众可以通过来信提出意见。征求意见截止时间为6月1日。\n" + PROSE,
    ),
    ("某市住房办法", "某市住房办法\n〔征求意见稿〕\n" + PROSE),
    (
        "某市住房办法",
        "《某市住房办法》已经起草完成，现面向社会公众征求意见，欢迎于6月1日之前来电来信。"
        "\n意见征集时间：5月1日至6月1日",
    ),
    ("某区扶持意见 (修订草案)", PROSE),
    ("Draft for comments: subsidies", PROSE),
]
TEXTS = [
    (
        "某区扶持意见",
        PROSE + "四、制定专项规划应当向社会公开征求意见，征求意见的时间不得少于三十日，并反馈采纳情况。\n",
    ),
    ("某市规章草案公开征求意见办法", PROSE),
    (
        "重大行政决策程序规定",
        "第一条 为了规范决策，制定本规定。\n第二条 决策草案应当公开征求意见。\n第三条 征求意见期限不少于三十日。"
        "\n第四条 自公布之日起施行。",
    ),
    ("关于做好征求意见采纳反馈工作的意见", PROSE),
    ("某区总体规划实施方案", PROSE + "四、发布草案及起草说明，明确提出征求意见的方式和期限。\n"),
    ("某区扶持意见", "本意见在公开征求意见的基础上修改完善，经区政府同意，现印发给你们，请认真贯彻执行。\n" + PROSE),
    ("某区扶持意见", "《某区扶持意见（草案）》已经区政府常务会议审议通过，现予以公布。\n" + PROSE),
    ("关于废止《某办法（征求意见稿）》有关通知的决定", PROSE),
    ("某市养老服务条例", PROSE + "四、编制养老设施规划，草案应当予以公示，并征求公众意见，请市民积极参与。\n"),
    ("关于推广听证制度的通知", PROSE + "四、起草单位应当将送审稿报送法制机构审核。\n"),
    (
        "某市规划条例",
        "市人民政府应当将规划草案向社会公布，公开征求意见，公众可以书面提出意见，截止时间由编制机关确定并公告，期限不少于三十日。"
        "\n" + PROSE,
    ),
    ("某镇环境整治办法", PROSE + "四、有意见的，请于每月5日前反馈至镇政府。\n"),
    ("立法听证规则", PROSE + "四、（草案）文本应当附有说明。\n"),
]


@pytest.mark.parametrize(("title", "body"), DRAFTS)
def test_a_draft_is_named(title: str, body: str) -> None:
    assert "draft_as_policy" in blocked(title, body)


@pytest.mark.parametrize(("title", "body"), TEXTS)
def test_a_policy_that_speaks_of_drafts_passes(title: str, body: str) -> None:
    assert blocked(title, body) == set()
