"""The credit codes of firms as an import tells them: kept as keyed hashes, by which a firm is found again."""

from __future__ import annotations

from profiles.standards.identifiers import IdentifierError, parse_credit_code
from pushsvc.pipeline.membership import LOOKUP
from pushsvc.pipeline.profile_batch import Batch
from pushsvc.store.memberships import put_codes
from pushsvc.store.session import Connection

_LENGTH = 18


def write_codes(conn: Connection, batch: Batch) -> None:
    """Keep the code of each row that says one; many registers refer to a firm by nothing else."""
    said = batch.said.texts("credit_code").to_pylist()
    refs, kinds = batch.said.texts("ref").to_pylist(), batch.said.texts("kind").to_pylist()
    codes = [
        code or ("" if kind == "citizen" else _code(ref)) for code, ref, kind in zip(said, refs, kinds, strict=True)
    ]
    rows = [row for row, code in enumerate(codes) if code]
    if rows:
        lookups = batch.ctx.keyring.lookups(LOOKUP, [codes[row] for row in rows])
        put_codes(conn, [batch.ids[row] for row in rows], lookups)


def _code(ref: str) -> str:
    if len(ref) != _LENGTH:
        return ""
    try:
        return parse_credit_code(ref).value
    except IdentifierError:
        return ""
