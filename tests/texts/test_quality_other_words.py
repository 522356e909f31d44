"""Samples written after the rules, in other words than theirs: they showed where the rules were too narrow."""

from __future__ import annotations

import pytest

from tests.texts.judging import PROSE, blocked

FAULTY = [
    ("error_page", "某市人民政府", "您所访问的内容不存在或已删除！点击返回"),
    ("error_page", "无标题", "对不起，您请求的页面暂时无法访问，请联系系统管理员。"),
    ("error_page", "浙江政务服务网-用户登录", "个人登录 法人登录 扫码登录 短信登录 忘记密码 立即注册"),
    ("error_page", "", "此页面不可用"),
    ("error_page", "502", "<h1>502 Bad Gateway</h1>"),
    ("error_page", "xx区政府", "当前访问人数过多，请稍候重试"),
    ("error_page", "xx局", "服务暂不可用"),
    ("error_page", "某县", "该栏目正在建设中"),
    ("error_page", "404", "您访问的链接已失效"),
    ("error_page", "xx", "The requested URL was not found on this server."),
    ("error_page", "公告", "本站已升级改版，请访问新网址"),
    (
        "result_list",
        "关于对2025年度拟推荐省级工业设计中心名单进行公示的通知",
        "根据通知要求，经企业申报、专家评审，现将拟推荐名单进行公示，时间为2025年3月1日至3月7日。"
        + "\n1.某市甲有限公司\n2.某市乙股份有限公司",
    ),
    (
        "result_list",
        "某区第二批数字经济专项资金补助企业情况表",
        "序号 企业名称 补助金额（万元） 1 杭州甲乙科技有限公司 20 2 杭州丙丁科技有限公司 30 3 "
        "杭州戊己科技有限公司 10 4 杭州庚辛有限公司 5",
    ),
    ("result_list", "2023年认定的众创空间公布", "经审定，认定“某某空间”等12家单位为市级众创空间，现予公布。"),
    (
        "result_list",
        "某县关于2024年农机购置补贴受益对象的公示",
        "受益对象信息公示如下 姓名 所在乡镇 机具 补贴额 张三 某镇 拖拉机 5000",
    ),
    ("draft_as_policy", "某市绿色建筑条例（草案·一审稿）", PROSE),
    ("draft_as_policy", "某区促进办法（第二次征求意见稿）", PROSE),
    ("draft_as_policy", "某区促进办法 （公示稿）", PROSE),
    ("draft_as_policy", "某区促进办法", "某区促进办法\n（征求意见）\n" + PROSE),
    ("draft_as_policy", "某区促进办法（意见征求稿）", PROSE),
    ("draft_as_policy", "某区促进办法(草稿)", PROSE),
    ("draft_as_policy", "某区促进办法（修订征求意见稿）", PROSE),
    ("truncated_body", "办法", PROSE + "四、申报流程（一）企业申报。企业登录平台填写"),
    ("truncated_body", "办法", PROSE[:-30]),
]

SOUND = [
    ("关于公布2024年度市级政府规章制定计划的通知", PROSE),
    ("某市人民政府关于命名表彰工作的管理规定", PROSE),
    ("某市科技创新券管理办法", PROSE + "附件1：申请表\n序号 单位名称 金额\n"),
    ("关于进一步做好拟退役士兵安置工作的通知", PROSE),
    ("某区实施意见", "某区实施意见\n（2024年1月2日区政府常务会议通过）\n" + PROSE),
    ("某市登录备案管理办法", PROSE),
    ("某市专项资金项目申报指南", PROSE + "四、申报单位请登录系统，填写申请表，上传材料，系统繁忙时请错峰办理。"),
    ("关于公开征集项目的通知", PROSE),
    ("某市人才政策", "一、支持对象。全市企业。二、支持标准。最高100万元。三、附则。自2024年1月1日起施行。"),
]


@pytest.mark.parametrize(("code", "title", "body"), FAULTY)
def test_what_is_faulty_in_other_words_is_named(code: str, title: str, body: str) -> None:
    assert code in blocked(title, body)


@pytest.mark.parametrize(("title", "body"), SOUND)
def test_what_is_sound_in_other_words_passes(title: str, body: str) -> None:
    assert blocked(title, body) == set()
