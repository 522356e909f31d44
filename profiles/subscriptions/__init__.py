"""Explicit wishes against policies, over columns: by tags (any or all of a key's values) and by words in the text."""

from profiles.subscriptions.asking import KEYS, Asks, written
from profiles.subscriptions.columns import WishColumns, wish_columns
from profiles.subscriptions.folding import ALL, ANY, alternatives, fold, plain_marks, spelled
from profiles.subscriptions.index import SubscriptionIndex, build_index
from profiles.subscriptions.layers import Found, Layers
from profiles.subscriptions.policies import PolicyColumns, policy_columns
from profiles.subscriptions.tags import PolicyTags

__all__ = [
    "ALL",
    "ANY",
    "KEYS",
    "Asks",
    "Found",
    "Layers",
    "PolicyColumns",
    "PolicyTags",
    "SubscriptionIndex",
    "WishColumns",
    "alternatives",
    "build_index",
    "fold",
    "plain_marks",
    "policy_columns",
    "spelled",
    "wish_columns",
    "written",
]
