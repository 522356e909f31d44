"""What the kinds and states of questions are called on pages, in Chinese; the catalogue has the English."""

from __future__ import annotations

QUESTION_KINDS = {
    "policy": "政策内容或办理",
    "algorithm": "对推荐或算法有意见",
    "wrong_person": "信息弄错了人",
    "other": "其他",
}
QUESTIONS = {"open": "等待答复", "answered": "已答复", "withdrawn": "已撤回"}
