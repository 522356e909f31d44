"""What can go wrong with the embedded servers."""


class EmbeddedError(RuntimeError):
    """An embedded server cannot be run; `code` names the reason, the text is one sentence."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code
