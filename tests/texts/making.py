"""Invented documents in the shapes that real ones have."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pushsvc.texts.aliases import renamed
from pushsvc.texts.files import read_texts
from pushsvc.texts.raw import RawText

TITLE = "云州市人民政府办公厅关于印发云州市小微企业融资服务办法的通知"
LETTER = f"""{TITLE}
云政办发〔2021〕8号
各区、县（市）人民政府，市政府各部门：
根据《国务院关于促进融资服务的意见》（国发〔2015〕43号）和《中华人民共和国中小企业促进法》，制定本办法。
现将《云州市小微企业融资服务办法》印发给你们，请认真组织实施。
附件：融资服务清单
云州市人民政府办公厅
2021年6月17日
（此件公开发布）
附件
融资服务清单
转自云州市财政局的说明，请一并执行。
云州市财政局
2021年5月2日
"""


def raw(body: str = LETTER, markup: Any = "plain", **fields: Any) -> RawText:
    """A raw text with these header fields, named as a crawl may name them."""
    found = renamed(fields, 1)
    assert isinstance(found, tuple), found
    return RawText(1, found[0], found[1], body, markup, "made.jsonl", "0" * 64)


def read(path: Path, content: bytes) -> list[Any]:
    """The file written and read back."""
    path.write_bytes(content)
    return list(read_texts(path))
