"""Titles as words. Chinese is written without spaces, so a dictionary and the frequency of words decide where to cut.

Long words come with the shorter ones inside them, as a search engine would index them: who knows 中小企业 has then
something in common with 企业. Single characters say too little, and numbers are another year's next year.
"""

import re
import unicodedata
from collections.abc import Iterator

_RUNS = re.compile(r"[\u3400-\u9fff]+|[0-9]*[a-z][a-z0-9]*")

# Words by which an official title says what kind of paper it is, not what it is about: the kind is a token of its own,
# and two notices would otherwise be alike for being notices. No word here names a subject.
_FORMAL = """
关于 印发 转发 公布 发布 下达 通知 公告 通告 复函 批复 意见 决定 决议 办法 规定 规则 规程 条例 细则 方案 措施 指南
实施 施行 试行 暂行 修订 修改 废止 征求 征求意见 有关 相关 若干 事项 事宜 问题 工作 做好 开展 进行 进一步 加强 推进
年度 年版 本市 人民政府 国务院 国务 办公 办公厅 办公室 人民 政府
"""
FORMAL = frozenset(_FORMAL.split())


def words(title: str) -> Iterator[str]:
    """Its words in order, some of them inside others: Chinese ones of two characters or more, and Latin ones.

    Width and case do not matter. The same title gives the same words in every process and thread.
    """
    for run in _RUNS.findall(unicodedata.normalize("NFKC", title).lower()):
        for word in [run] if run.isascii() else _cut(run):
            if len(word) > 1 and word not in FORMAL:
                yield word


def _cut(run: str) -> list[str]:
    import rjieba  # its dictionary takes 40 MB and a tenth of a second: only who reads titles waits for it

    found: list[str] = rjieba.cut_for_search(run)
    return found
