"""Who a policy is for: a tree of conditions on facts -> yes, no or unknown, with the facts that are missing."""

from profiles.criteria.clauses import Clause
from profiles.criteria.deciding import Decision, decide
from profiles.criteria.parsing import parse
from profiles.criteria.proofs import prove
from profiles.criteria.schema import SCHEMA
from profiles.criteria.trees import Criteria, CriteriaError
from profiles.criteria.words import say, say_state

__all__ = ["SCHEMA", "Clause", "Criteria", "CriteriaError", "Decision", "decide", "parse", "prove", "say", "say_state"]
