"""The one base error of this library."""

from __future__ import annotations


class ProfilesError(ValueError):
    """Something handed in cannot be used: `code` for machines, `place` where, `sentence` for people."""

    def __init__(self, code: str, place: str, sentence: str) -> None:
        super().__init__(f"{place}: {sentence}" if place else sentence)
        self.code = code
        self.place = place
        self.sentence = sentence

    def __reduce__(self) -> tuple[type[ProfilesError], tuple[str, str, str]]:
        return type(self), (self.code, self.place, self.sentence)
