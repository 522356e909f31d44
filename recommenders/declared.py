"""What people told us they are interested in, as documents: the words and tags of a policy that would be just that.

With them a policy finds people in a city that has no log at all, by cosine similarity, feature by feature.
"""

from __future__ import annotations

import numpy as np

from recommenders.content import Space, document
from recommenders.kept import Kept
from recommenders.matrix import Csr, from_lists, unit_rows
from recommenders.vocabulary import Vocabulary

_documents: Kept[Csr] = Kept()


def documents(profiles: Vocabulary, policies: Space) -> Csr:
    """One row a profile token over the policies' tokens (Fu × Fp), of unit length; empty where the token tells nothing.

    Tokens that the policies' vocabulary does not know are left out; kept while both live.
    """
    return _documents.get((profiles, policies), "documents", lambda: _made(profiles, policies))


def _made(profiles: Vocabulary, policies: Space) -> Csr:
    index = policies.vocabulary.index
    known = ([index[name] for name in document(token) if name in index] for token in profiles.levels)
    rows = [np.unique(np.array(columns, dtype=np.int64)) for columns in known]
    return unit_rows(from_lists(rows, policies.weight, len(policies.vocabulary)))
