"""What can go wrong in this library: one base error with a code, a sentence and, where there is one, a place."""


class RecommenderError(Exception):
    """The recommender cannot do what was asked."""

    def __init__(self, code: str, sentence: str, place: str = "") -> None:
        super().__init__(f"{place}: {sentence}" if place else sentence)
        self.code = code
        self.sentence = sentence
        self.place = place


class FeatureError(RecommenderError):
    """Features are missing, not finite, or of another vocabulary than the model's."""


class InteractionError(RecommenderError):
    """Interactions are empty, or their arrays do not fit together."""


class TrainingUnavailable(RecommenderError):  # noqa: N818 - it names a state of the machine
    """LightFM is not installed, or cannot be loaded, on this machine."""


class TrainingFailed(RecommenderError):  # noqa: N818
    """Training started and did not end with finite arrays."""


class ArtifactError(RecommenderError):
    """A stored model is damaged, or its parts do not fit together."""


class DataError(RecommenderError):
    """An evaluation data set cannot be read."""
