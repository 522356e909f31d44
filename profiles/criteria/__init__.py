"""Who a policy is for: a tree of conditions on facts -> yes, no or unknown, with the facts that are missing."""

from profiles.criteria.clauses import Clause
from profiles.criteria.deciding import Decision, decide
from profiles.criteria.parameters import Parameters, read_parameters
from profiles.criteria.parsing import parse
from profiles.criteria.proofs import prove
from profiles.criteria.shapes import SCHEMA
from profiles.criteria.trees import Criteria, CriteriaError
from profiles.criteria.words import say, say_state

__all__ = [
    "SCHEMA",
    "Clause",
    "Criteria",
    "CriteriaError",
    "Decision",
    "Parameters",
    "decide",
    "parse",
    "prove",
    "read_parameters",
    "say",
    "say_state",
]
