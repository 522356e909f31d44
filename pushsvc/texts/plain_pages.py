"""What stands around a text that was flattened to words: header, bread crumbs, forms, menus and the footer.

One rule for lines and for a page that is one line: the text begins after the labels, and ends where the menus begin.
"""

from __future__ import annotations

import re

from pushsvc.texts.labels import ZONE, page_labels

_CRUMBS = re.compile(r"^\s*(?:(?:您?的?当前|您现在的?|您所在的?)位置\s*[:：]|[>＞»]|首页\s*[>＞»/›])")
_BUTTONS = (
    "打印|关闭|关闭窗口|返回|返回首页|查询|分享|分享到|收藏|下载|字体|大|中|小|放大|缩小|无障碍|长者版|关怀版|繁体|首页|个人中心|"
    "微信|微博|扫一扫|打印本页|关闭本页|语音播报|默认|特大|智能问答|登录|注册|政务公开|公众服务|政民互动|新闻中心|一网通办"
)
_BUTTON = re.compile(rf"(?:状态查询\S*|(?:{_BUTTONS})|[|/【】\[\]]+|\S{{1,16}}[:：])")
# Words that only the foot of a site has.
_FOOT = re.compile(
    r"政府网站标识码|网站标识码|[\u4e00-\u9fff]ICP备|公网安备|版权所有|主办单位\s*[:：]|承办单位\s*[:：]|[\u4e00-\u9fff]{2,20}人民政府主办|"
    r"及各区网站|友情链接|网站地图|建议您?使用|扫一扫在手机|关闭窗口|打印本页|【打印】|相关链接\s*[:：]|分享到\s*[:：]"
)
_MENU = re.compile(
    r"[\u4e00-\u9fff·（）()]{1,16}(?:局|委员会|委|办|办公室|网|网站|门户|街道|镇|乡|区|市|县|省|政协|人大|图书馆|大学|残联|处|台|院|检察|"
    r"档案|馆|中心|联盟|首页|公安|联合会)|中国[\u4e00-\u9fff]{2,8}|友情链接|网站地图|街道/镇|[|/>＞]+"
)
_RUN_ON = 200  # letters of a line from which a page counts as flattened to one


def without_surroundings(text: str, title: str) -> str:
    """The text alone; the whole text where nothing but surroundings would be left of it."""
    trimmed = _without_foot(_without_head(text, title))
    return trimmed if len(trimmed) >= 20 or not text else text.strip()


def _without_head(text: str, title: str) -> str:
    end = page_labels(text).end
    if end and "\n" not in text[:end].strip() and len(text.partition("\n")[0]) > _RUN_ON:
        return _after_buttons(text[end:])
    if end:
        rest = text[end:]
        first, _, others = rest.partition("\n")
        return others if len(first.strip()) <= 40 else rest
    return _after_crumbs(text, title)


def _after_buttons(text: str) -> str:
    """One long line: words of buttons and forms go, up to the first word of the text."""
    words = list(re.finditer(r"\S+", text[:ZONE]))
    place = 0
    while place < len(words) and _BUTTON.fullmatch(words[place].group()):
        place += 1
    if place < len(words) and place and words[place - 1].group()[-1] in ":：" and len(words[place].group()) <= 2:
        place += 1  # the value of the last form field
    if place < len(words) and words[place].group().isdigit():
        place += 1  # a counter
        return _after_buttons(text[words[place - 1].end() :]) if place < len(words) else text
    return text[words[place].start() :] if place < len(words) else text


def _after_crumbs(text: str, title: str) -> str:
    """Lines of bread crumbs and buttons at the top go; a text that was no page has none."""
    lines = text.split("\n")
    place = 0
    while place < min(len(lines), 40):
        line = lines[place].strip()
        words = line.split()
        crumb = bool(_CRUMBS.match(line)) and line != title.strip()
        if not crumb and not (words and all(re.fullmatch(_BUTTON, word) for word in words)) and line:
            break
        place += 1
    return "\n".join(lines[place:])


def _without_foot(text: str) -> str:
    """From the first words of the foot on, and the menus before them: names of agencies without a sentence."""
    half = len(text) // 3
    found = _FOOT.search(text, half)
    if not found:
        return text.strip()
    head = text[: found.start()]
    words = list(re.finditer(r"\S+", head))
    while words and words[-1].start() >= half and _MENU.fullmatch(words[-1].group()):
        head = head[: words.pop().start()]
    while words and words[-1].start() >= half and _BUTTON.fullmatch(words[-1].group()):
        head = head[: words.pop().start()]
    return head.strip()
