"""What a verb of the pipeline cannot do: one base error, with a code and a sentence."""

from __future__ import annotations


class PipelineError(ValueError):
    """It cannot be done: `code` names why, `sentence` says it."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence
