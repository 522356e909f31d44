"""What people mean by an answer to an SMS: stop, or that the number is somebody else's. All else is for people."""

from __future__ import annotations

import unicodedata
from typing import Literal

Kind = Literal["stop", "not_mine", "other"]
# What our messages name (回R停收), also as it stands there, what carriers and vendors have people answer, and the words
# themselves. N is not among them: no message of ours names it, and it answers questions.
_KEYS = ("r", "t", "td")
_WORDS = ("退订", "退訂", "拒收", "取消订阅", "取消訂閱", "请退订", "我要退订", "stop", "unsubscribe")
STOP = frozenset({*_WORDS, *_KEYS, *(f"{answer}{key}" for answer in ("回", "回复") for key in _KEYS)})
NOT_MINE = frozenset({"非本人", "不是本人", "打错了"})
LONGEST = 200  # characters that are looked at


def kind_of(text: str) -> Kind:
    """The meaning of an answer, whatever its width, case, spaces and punctuation."""
    said = plain(text)
    if said in STOP:
        return "stop"
    return "not_mine" if said in NOT_MINE else "other"


def plain(text: str) -> str:
    """`［Ｔ Ｄ］！` -> `td`: compatibility forms are folded (Unicode NFKC), and letters and figures alone are left."""
    folded = unicodedata.normalize("NFKC", text[:LONGEST]).casefold()
    return "".join(letter for letter in folded if unicodedata.category(letter)[0] in "LN")
