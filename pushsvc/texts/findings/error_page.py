"""A page that stands where the text should: an error, a login, a check for robots, an empty shell."""

from __future__ import annotations

import re

from pushsvc.texts.findings.shape import Finding, Page, at
from pushsvc.texts.prose import fold, letters

# What only a site says to its visitor. Texts of law say 不存在, 登录 and 验证码 too: alone these words prove nothing.
_SAYS = re.compile(
    r"(?:页面|网页|网址|文章|信息|内容|栏目|资源|文件|链接|地址|稿件)[^。!?;\s]{0,12}"
    r"(?:不存在|未找到|没有找到|找不到|无法(?:访问|显示|打开|找到)|已(?:被|经)?(?:删除|移除|下线|撤稿|失效|过期|关闭)|走丢|丢失|出错)"
    r"|(?:找不到|未找到|没有找到|无法(?:访问|显示|打开|找到))[^。!?;\s]{0,12}(?:页|文件|网站|资源|信息|内容)"
    r"|(?:页面?|网页|栏目|服务|网站|本站|系统|功能)[^。!?;\s]{0,6}(?:不可用|建设中|开发中|维护中|暂停服务|(?:升级)?改版|已关闭)"
    r"|页面.{0,4}(?:错误|异常|跑丢|迷路|被外星人|飞走)|(?:出错|迷路)(?:了|啦)"
    r"|(?:系统|服务器|服务|网络|网站)(?:正)?(?:繁忙|忙|异常|错误|发生错误|内部错误|出错|超时|维护中|升级中|建设中|正在维护|正在升级|开小差)"
    r"|(?:登录|会话|登陆|连接|请求|网关|身份验证)(?:已)?(?:超时|过期|失效)|(?:请|您尚未|您还未|用户未)(?:先|重新)?(?:登录|登陆)"
    r"|(?:输入|填写|点击|获取|刷新|完成|进行)[^。;\s]{0,8}(?:验证码|滑动验证|安全验证|人机验证|图形验证)|滑块|人机验证|安全验证|看不清.{0,3}换一张"
    r"|访问(?:过于|太|过)频繁|操作(?:过于|太)频繁|访问被(?:拒绝|拦截|阻断|禁止)|(?:无权|没有权限|禁止|拒绝|限制)访问|访问受限|权限不足|请求被(?:拦截|阻断|拒绝)"
    r"|(?:无权限?|没有权限|无法|暂不能)(?:查看|浏览|阅读)|(?:无|没有|查无)(?:此|该|相关)(?:页面?|文章|信息|稿件|记录|内容)|页(?:面)?无法(?:显示|访问|打开)"
    r"|(?:信息|内容|页面|文章|稿件)(?:暂)?已(?:被)?(?:下架|撤回|撤下|屏蔽|作废|迁移)|(?:页面?|文章|内容)(?:不见|消失)了"
    r"|(?:使用|通过|在)[^。;\s]{0,8}(?:微信|客户端|app)[^。;\s]{0,6}(?:打开|访问|查看)|浏览器[^。;\s]{0,6}(?:过低|太低|过旧|不支持|不兼容)"
    r"|(?:升级|更换|更新)[^。;\s]{0,4}浏览器|(?:网站|本站)[^。;\s]{0,6}(?:关闭|停止服务|停用|改造|迁移)|即将(?:离开|跳转)|离开本(?:网站|站)"
    r"|(?:请求|加载|访问|打开|获取|响应)(?:错误|失败|异常|出错|有误)|刷新(?:页面|重试|后)"
    r"|(?:账号|密码|验证码|扫码|短信|微信)登[录陆]|新用户注册|(?:忘记|找回)密码|页面?不再显示"
    r"|疑似(?:攻击|黑客)|存在(?:安全威胁|攻击行为|风险)|(?:参数|数据库|编译|运行时?|程序)(?:错误|异常|出错)"
    r"|(?:正在|数据|页面|努力)加载中?(?:\.|…|,|$)|暂无(?:数据|内容|信息|相关)|敬请期待|请稍[后候]?(?:再试|重试|访问)|稍后(?:再试|重试)"
    r"|(?:启用|开启|支持|打开)[^。;]{0,6}javascript|秒后(?:自动)?(?:跳转|返回)|非常抱歉,您|抱歉[,!]?(?:您|页面|找)"
    r"|\b(?:40[0134]|405|410|429|50[0234])\s*[-:|]?\s*(?:not found|forbidden|error|bad|unauthori[sz]ed"
    r"|internal|service|gateway|gone|错误|页面|页|too many)"
    r"|\bhttp(?:\s*status)?\s*(?:错误|error)?\s*[:-]?\s*[45]\d\d\b|(?:错误|error)\s*(?:代码|码|code)?\s*[:-]?\s*[45]\d\d\b"
    r"|not found|page (?:can(?:not|'t) be|you)|bad gateway|access (?:to .{0,40} )?(?:is )?denied"
    r"|service (?:is )?(?:temporarily )?unavailable"
    r"|internal server error|gateway time-?out|request (?:blocked|rejected)|just a moment"
    r"|checking your browser|enable javascript"
    r"|whitelabel error|runtime error|server error|object moved|under (?:maintenance|construction)"
    r"|session (?:has )?(?:expired|timed? ?out)"
    r"|too many requests|are you (?:a )?(?:human|robot)|captcha|it works!|index of /"
    r"|verify(?:ing)? (?:that )?you are|ray id|error\s*1\d{3}\b|welcome to \w{3,12}!|default (?:web )?page",
    re.IGNORECASE,
)
_ONLY = re.compile(r"\s*(?:error\s*)?(?:40[0-9]|410|429|50[0-9])\s*(?:error)?[\s.!]*", re.IGNORECASE)
_TITLE = re.compile(
    r"(?:^|\D)(?:40[0134]|50[0234])(?:\D|$).{0,12}(?:页|错误|error|not|$)|错误页|出错|(?:错误|系统|操作)提示$|提示信息$"
    r"|^(?:用户|系统|统一身份)?(?:登录|登陆|认证)(?:页面)?$"
    r"|(?:登录|登陆|注册)(?:页面|界面)?$|页面不存在|访问(?:验证|拦截)|安全(?:验证|检测)$|加载中|维护(?:中|公告页)$",
    re.IGNORECASE,
)
_NAVIGATION = re.compile(
    r"首页|网站地图|无障碍|长者|关怀版|繁体|ICP备|公网安备|网站标识码|版权所有|返回|友情链接|联系我们|关于我们|登录|注册|个人中心"
    r"|政务公开|办事服务|互动交流|政民互动|新闻中心|主办单位|承办单位|设为首页|加入收藏|当前位置|搜索|上一[页篇]|下一[页篇]|打印|分享|关闭",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"[。!?]")
# A line or two that speak to a visitor of a site's own things are its, whatever the words.
_ADDRESSED = re.compile(r"[您请]|抱歉")
_OF_SITE = re.compile(
    r"浏览器|客户端|网页|页面|链接|网站|本站|网址|刷新|跳转|扫码|二维码|登[录陆]|域名|服务器|app\b", re.IGNORECASE
)
SHORT = 40  # Chinese characters of such a line or two
LITTLE = 60  # as many are a text too, where a fourth of them at most is talk of the site
SUBSTANCE = 100  # Chinese characters of running prose that are no talk of the site: with as many a text stands there


def find(page: Page) -> tuple[Finding, ...]:
    """An error said where no text is; or nothing but navigation."""
    if not page.body.strip():
        return ()
    sentences = [sentence for token in page.prose for sentence in _SENTENCE.split(token)]
    talk = sum(letters(sentence) for sentence in sentences if _talks(sentence))
    substance = sum(map(letters, sentences)) - talk
    if substance >= LITTLE and substance >= 4 * talk:
        return _shell(page)
    said = _SAYS.search(page.body) or _ONLY.fullmatch(page.body) or _to_a_visitor(page.body)
    offset = said.start() if said else 0
    if said and substance < SUBSTANCE and not page.is_norm:
        return (_error(at(offset), said.group()[:20].strip()),)
    if _TITLE.search(fold(page.title)) and substance < SUBSTANCE and not page.is_norm:
        return (_error("title", page.title[:20]),)
    return _shell(page)


def _to_a_visitor(body: str) -> re.Match[str] | None:
    short = letters(body[: 10 * SHORT]) <= SHORT and len(body) <= 10 * SHORT
    return _OF_SITE.search(body) if short and _ADDRESSED.search(body) else None


def _talks(token: str) -> bool:
    return bool(_SAYS.search(token) or len(_NAVIGATION.findall(token)) >= 2)


def _shell(page: Page) -> tuple[Finding, ...]:
    """Entries of menus and no sentence at all."""
    entries = {match.group() for match in _NAVIGATION.finditer(page.body)}
    if page.is_norm or len(entries) < 3 or any(_SENTENCE.search(token) and not _talks(token) for token in page.prose):
        return ()
    zh, en = "只有导航和页脚，没有正文", "There is only navigation and a footer, no text"
    return (Finding("error_page", "body", zh, en, True),)


def _error(place: str, said: str) -> Finding:
    zh = f"这是网站的出错或提示页面（“{said}”），不是政策正文"
    return Finding("error_page", place, zh, f"This is a site's error or notice page ({said!r}), not a policy", True)
