"""Industries to choose from: the tree of GB/T 4754-2017, and what a person's words or digits may mean in it."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from profiles.standards.industries import LONGEST, Industry, canonical, table

# What people call their trade where the standard's names have no such word, or hundreds of others do.
SPOKEN = {
    "软件": "I65", "信息技术": "I65", "IT": "I65", "APP": "I65", "人工智能": "I65", "大数据": "I655", "区块链": "I65",
    "芯片": "C397|I652", "电商": "F5292", "电子商务": "F5292", "网店": "F5292", "直播": "F5292|R87|I642",
    "餐饮": "H62", "饭店": "H62", "餐厅": "H62", "奶茶": "H623", "咖啡": "H623", "外卖": "H624", "小吃": "H629",
    "酒店": "H61", "宾馆": "H61", "旅馆": "H61", "民宿": "H613", "农家乐": "H613|H62", "旅游": "L729|N78",
    "超市": "F5212", "小卖部": "F521", "便利店": "F5213", "菜市场": "F522", "水果": "F522|A015", "药店": "F525",
    "物流": "G58|G59|G54", "快递": "G60", "货运": "G543|G58", "网约车": "G541", "出租车": "G541", "仓库": "G59",
    "家政": "O801", "保姆": "O801", "保洁": "O82", "洗车": "O811", "修车": "O811", "美发": "O804", "美甲": "O804",
    "洗浴": "O805", "幼儿园": "P831", "托育": "O802", "托管": "O802|P83", "培训": "P839", "养老": "Q851",
    "诊所": "Q842", "牙科": "Q842", "医院": "Q841", "中介": "K703|L726", "物业": "K702", "装修": "E50", "工程": "E",
    "加油站": "F526", "充电桩": "F526", "光伏": "C382|D44", "新能源": "C384|D44|M75", "机器人": "C349|C396",
    "农业": "A", "种地": "A01", "养猪": "A03", "养鸡": "A03", "养鱼": "A04", "茶叶": "A016|C153",
    "保安": "L727", "律师": "L723",
    "会计": "L724", "广告": "L725", "设计": "M748|M749", "打印": "O81|C23", "健身": "R89", "网吧": "R90",
    "网红": "R87", "养老院": "Q851",
}  # fmt: skip
_CODE = re.compile(r"[A-T]?\d{0,4}", re.ASCII)


def children(code: str) -> tuple[Industry, ...]:
    """What lies directly below; of "" the sections."""
    return _below().get(code, ())


def lineage(code: str) -> tuple[Industry, ...]:
    """From the section down to the industry itself; empty where there is no such."""
    found = table().get(code)
    return () if found is None else (*lineage(found.parent), found)


def find(text: str) -> tuple[Industry, ...]:
    """Every industry that a code (`I65`, `65`, `i6`), a name, a part of names or a usual word may mean.

    What is meant exactly comes first, then what people call so, then names that hold all the words; the wider first.
    """
    plain = unicodedata.normalize("NFKC", text[: LONGEST + 1]).strip().upper()
    if not plain or len(plain) > LONGEST:
        return ()
    exact = canonical(plain)
    codes = [exact, *_coded(plain), *_spoken(plain), *_named(plain.split())]
    return tuple(table()[code] for code in dict.fromkeys(codes) if code in table())


def _coded(plain: str) -> list[str]:
    """Codes that begin so, with or without the section's letter."""
    if not _CODE.fullmatch(plain) or (plain.isdecimal() and len(plain) < 2):
        return []
    return [code for code in table() if code.startswith(plain) or (plain.isdecimal() and code[1:].startswith(plain))]


def _spoken(plain: str) -> list[str]:
    known = {word: codes.split("|") for word, codes in SPOKEN.items()}
    return known.get(plain, []) + [code for word in known if word != plain and word in plain for code in known[word]]


def _named(words: list[str]) -> list[str]:
    held = [row for row in table().values() if all(word in row.name.upper() for word in words)]
    return [row.code for row in sorted(held, key=lambda row: (len(row.code), row.code))]


@cache
def _below() -> dict[str, tuple[Industry, ...]]:
    found: dict[str, list[Industry]] = {}
    for row in table().values():
        found.setdefault(row.parent, []).append(row)
    return {code: tuple(sorted(rows, key=lambda row: row.code)) for code, rows in found.items()}
