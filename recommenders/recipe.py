"""How a score is put together: what is added up in each direction, and how much each part counts.

A score is a plain sum with fixed weights. So it can be taken apart into exact terms, and scores of the same policy
(in an audience) or of the same person (in a feed) compare. The weights are chosen on validation policies.
"""

from dataclasses import dataclass, field, fields

import numpy as np

from recommenders.errors import ArtifactError

ALGORITHM = "2"  # what an impact assessment is made of: 1 had one direction and no past policies
LARGEST = 1e30  # of a weight: a score that is made with it is still a finite float32
PARTS = ("lightfm", "other", "nearest", "ridge", "declared")


@dataclass(frozen=True)
class Blend:
    """The weights of one direction. What is 0 is not computed.

    `lightfm`: LightFM trained in this direction; `other`: the one trained in the other; `nearest`: the `k` past
    policies most like the new one; `ridge`: all past policies, with the penalty `penalty`; `declared`: interests
    that a person told us. `epochs`: how long this direction's LightFM is trained; 0: not at all. `policy_own`: what a
    policy's own column counts in that training, beside its words: the less, the better for policies without
    readers; `rate`: the learning rate; `members`: trainings, each with a seed of its own, whose scores are averaged.
    """

    lightfm: float = 0.0
    other: float = 0.0
    nearest: float = 0.0
    ridge: float = 0.0
    declared: float = 1.0
    epochs: int = 0
    k: int = 100
    penalty: float = 10.0
    policy_own: float = 0.1
    rate: float = 0.05
    members: int = 1

    def __post_init__(self) -> None:
        finite = (np.abs([getattr(self, one.name) for one in fields(self)]) <= LARGEST).all()
        if not finite or min(self.k, self.penalty, self.rate, self.members) <= 0:
            raise ArtifactError(
                "bad_recipe", "A weight is not finite, or k, the rate, the penalty or the members not positive."
            )
        if any(type(whole) is not int for whole in (self.epochs, self.k, self.members)):
            raise ArtifactError("bad_recipe", "The epochs, k and the members are whole numbers.")


@dataclass(frozen=True)
class Recipe:
    """Both directions. Without a log only what people declared counts."""

    audience: Blend = field(default_factory=Blend)
    feed: Blend = field(default_factory=Blend)

    @property
    def trained(self) -> bool:
        """Whether LightFM has a part in it."""
        return any(one.lightfm or one.other for one in (self.audience, self.feed))
