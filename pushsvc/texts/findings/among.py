"""Texts against each other: the same text twice, and one number on two policies.

Near ones are found by bands of the signature, 16 of four places each. Two signatures that differ in fewer than 16
places agree in a whole band, so every pair at NEAR or above (at most 12 places apart) is met: nothing is missed against
comparing all.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from pushsvc.texts.findings.shape import Finding
from pushsvc.texts.fingerprints import Fingerprint, share

NEAR, SAME, ONE_POLICY = 0.8, 0.95, 0.5
BANDS, BAND_BYTES = 16, 16
MOST = 100  # candidates looked at in one band; more share it only in a batch made to do so


class Index:
    """The texts seen so far, by digest, by band and by number. One of each content is kept in the bands."""

    def __init__(self) -> None:
        self._by_digest: dict[int, Fingerprint] = {}
        self._by_band: dict[tuple[int, bytes], list[Fingerprint]] = defaultdict(list)
        self._by_number: dict[str, list[Fingerprint]] = defaultdict(list)

    def add(self, one: Fingerprint) -> None:
        """Those that come later are held against it."""
        if one.number and len(self._by_number[one.number]) < MOST:
            self._by_number[one.number].append(one)
        if not one.signature or one.digest in self._by_digest:
            return
        self._by_digest[one.digest] = one
        for key in _bands(one.signature):
            self._by_band[key].append(one)

    def nearest(self, one: Fingerprint) -> tuple[Fingerprint, float] | None:
        """The earliest of those that have most in common with it, from NEAR on."""
        same = self._by_digest.get(one.digest) if one.signature else None
        if same is not None and same.ref != one.ref:
            return same, 1.0
        best: tuple[Fingerprint, float] | None = None
        for other in self._candidates(one):
            common = share(one.signature, other.signature)
            if common >= NEAR and (best is None or common > best[1]):
                best = other, common
        return best

    def with_number(self, one: Fingerprint) -> list[Fingerprint]:
        """The others under its number."""
        return [other for other in self._by_number.get(one.number or "", ()) if other.ref != one.ref]

    def _candidates(self, one: Fingerprint) -> Iterator[Fingerprint]:
        met = {one.ref}
        for key in _bands(one.signature):
            for other in self._by_band.get(key, ())[:MOST]:
                if other.ref not in met:
                    met.add(other.ref)
                    yield other


def find(texts: Sequence[Fingerprint], held: Iterable[Fingerprint]) -> dict[str, tuple[Finding, ...]]:
    """By ref, only those with findings. What is held came first, then the batch in its order: the later one is named.

    A text under its own ref again is no repetition: what is held of it gives way to what is brought now.
    """
    brought = {one.ref for one in texts}
    index, found = Index(), {}
    for one in held:
        if one.ref not in brought:
            index.add(one)
    for one in texts:
        named = (*_duplicate(one, index), *_same_number(one, index))
        if named:
            found[one.ref] = named
        index.add(one)
    return found


def _bands(signature: bytes) -> Iterator[tuple[int, bytes]]:
    for band in range(BANDS if signature else 0):
        yield band, signature[band * BAND_BYTES : (band + 1) * BAND_BYTES]


def _duplicate(one: Fingerprint, index: Index) -> tuple[Finding, ...]:
    """The same text blocks; a near one too, unless its number or its title's figures make it another edition."""
    nearest = index.nearest(one)
    if nearest is None:
        return ()
    other, common = nearest
    blocking = common >= SAME or not _other_edition(one, other)
    where = f"（{other.host}）" if other.host and other.host != one.host else ""
    zh = f"与 {other.ref}{where} 内容相同 {common:.0%}"
    host = f" on {other.host}" if where else ""
    return (Finding("duplicate", "body", zh, f"{common:.0%} the same text as {other.ref}{host}", blocking),)


def _other_edition(one: Fingerprint, other: Fingerprint) -> bool:
    if one.number and other.number:
        return one.number != other.number
    return bool(one.title and other.title) and _figures(one.title) != _figures(other.title)


def _figures(title: str) -> list[str]:
    return [sign for sign in title if sign.isdigit() or sign in "一二三四五六七八九十"]


def _same_number(one: Fingerprint, index: Index) -> tuple[Finding, ...]:
    for other in index.with_number(one):
        if not _one_policy(one, other):
            zh = f"与 {other.ref} 文号相同（{one.number}），但不是同一政策"
            en = f"It bears the number of {other.ref} ({one.number}), which is another policy"
            return (Finding("same_number", "doc_no", zh, en, True),)
    return ()


def _one_policy(one: Fingerprint, other: Fingerprint) -> bool:
    """One title holds the other (a site adds or drops words at its ends), or the texts have half in common."""
    titles = sorted((one.title, other.title), key=len)
    if titles[0] and (titles[0] == titles[1] or (len(titles[0]) >= 8 and titles[0] in titles[1])):
        return True
    return share(one.signature, other.signature) >= ONE_POLICY
