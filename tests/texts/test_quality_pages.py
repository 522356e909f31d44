"""Pages that are no texts: errors, logins, checks, shells; and texts that only speak of such things."""

from __future__ import annotations

import pytest

from tests.texts.judging import PROSE, blocked

MENU = "首页 政务公开 办事服务 互动交流 新闻中心 无障碍 长者版 "
FOOT = " 主办单位：某市人民政府 网站地图 联系我们 网站标识码：3300000001 浙ICP备00000000号 版权所有"

ERRORS = [
    ("404 Not Found", "404 Not Found\nnginx/1.18.0"),
    ("某市政府网", MENU + "抱歉，您访问的页面不存在！ 返回首页" + FOOT),
    ("提示信息", "您要查看的信息不存在或已被删除，5秒后自动返回首页。"),
    ("某省政务服务网", MENU + "登录超时，请重新登录" + FOOT),
    ("系统提示", "系统繁忙，请稍后再试。"),
    ("安全验证", "请输入验证码后继续访问 看不清？换一张 提交"),
    ("访问拦截", "您的访问请求疑似攻击行为，已被阻断。事件编号：20240101-000001，如有疑问请联系网站管理员处理。"),
    ("502 Bad Gateway", "<html>502 Bad Gateway openresty</html>"),
    ("Just a moment...", "Checking your browser before accessing the site. Enable JavaScript and cookies to continue"),
    ("", "该文章已被移除或者您没有权限访问该页面，请检查网址是否正确，或返回首页重新查找您需要的内容。"),
    ("统一身份认证", "请先登录 用户名 密码 忘记密码 注册 " + FOOT),
    ("某区人民政府", "网站正在维护中，给您带来不便，敬请谅解。"),
    ("某区人民政府", MENU + "暂无数据 共0条 上一页 下一页" + FOOT),
    ("某区关于促进外贸的若干政策", MENU * 3 + FOOT),
    ("某县公告", "数据加载中..."),
    ("出错啦", "ERROR 500 服务器内部错误，请联系管理员！"),
    ("403", "４０３ Ｆｏｒｂｉｄｄｅｎ"),
    ("政策文件", "访问过于频繁，请稍候再试，或者完成下方的滑动验证后继续访问本站。"),
    ("某市人社局", "无法访问此网站。检查是否有拼写错误，或者尝试运行网络诊断。"),
    ("跳转中", "页面走丢了，3秒后自动跳转"),
    ("HTTP Status 404", "HTTP Status 404 – Not Found Type Status Report Apache Tomcat"),
    ("某市", "对不起，没有找到您要访问的页面！可能是地址输入有误或者页面已经被删除。" + FOOT),
]
TEXTS = [
    ("某市网上办事管理办法", PROSE + "四、系统繁忙或者登录超时的，应当提示用户稍后再试。\n"),
    ("某市验证码短信管理规定", PROSE + "四、运营者发送验证码的，应当核验身份，不得拒绝访问。\n"),
    ("某市不动产登记若干规定", PROSE + "四、登记信息不存在或者已被删除的，由登记机构书面说明理由。\n"),
    ("关于表彰404研究所的决定", PROSE + "四、授予404研究所先进集体称号。\n"),
    ("某区企业发展支持办法", MENU + PROSE + FOOT),
    (
        "关于同意设立某镇的批复",
        "某县人民政府：\n你县《关于设立某镇的请示》收悉。经研究，同意设立某镇，原某乡行政区域划归某镇管辖，镇人民政府驻原地。\n某市人民政府\n2024年1月2日",
    ),
    (
        "某市政府网站管理办法",
        PROSE + "四、网站出现页面不存在、服务器错误的，主办单位应当在两小时内处置，并在首页公布。\n",
    ),
    (
        "关于社保系统停机升级的通知",
        "因系统升级，全市社会保险经办业务自2024年5月1日零时起暂停办理，预计5月3日恢复，请参保单位和个人提前安排办理时间。停机期间急需办理住院结算"
        "登记的，可以先到医院窗口进行人工登记，待系统恢复之后统一补录，不影响参保人员的正常待遇。如网络繁忙请稍后再试。\n某市社会保险中心\n2024年4月20日",
    ),
    ("关于调整公交线路的通知", "自五月一日起，十二路公交车改经人民路，请市民相互转告，并提前安排好出行的时间和线路。"),
    ("某市人工智能应用条例", PROSE + "四、提供安全验证、人机验证服务的，应当保护个人信息。\n"),
    ("某市数据条例", "第一条 数据库错误由运营者改正。\n第二条 禁止访问未公开的数据。\n第三条 本条例自公布之日起施行。"),
    ("关于推广电子证照的通知", PROSE + "登录政务服务网首页，点击获取验证码，即可查看证照。\n"),
]


@pytest.mark.parametrize(("title", "body"), ERRORS)
def test_a_page_without_a_text_is_named(title: str, body: str) -> None:
    assert "error_page" in blocked(title, body)


@pytest.mark.parametrize(("title", "body"), TEXTS)
def test_a_text_that_speaks_of_errors_passes(title: str, body: str) -> None:
    assert blocked(title, body) == set()


@pytest.mark.parametrize("body", ["", " \n\u3000", "无", "详见附件", "-", "……", "。", "12345", "null", "\u200b"])
def test_no_body_is_named(body: str) -> None:
    assert blocked("某区企业发展支持办法", body) == {"no_body"}
