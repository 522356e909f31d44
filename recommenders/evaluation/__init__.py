"""Is a model any good? Protocols, baselines, figures and charts, for our own log and for published data."""

from recommenders.evaluation.own_log import Evaluated, evaluate
from recommenders.evaluation.published import evaluate_dir

__all__ = ["Evaluated", "evaluate", "evaluate_dir"]
