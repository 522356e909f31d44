"""Who is it, of ours, whom a host app or an identity provider vouches for? Known, recognised by their number, or new.

Somebody new proves an address of ours by a code once; from then on the issuer's word is enough.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import date

from profiles.address import AddressError, parse_address
from pushsvc.context import Context
from pushsvc.pipeline import membership, proving
from pushsvc.pipeline.proving import Place
from pushsvc.store import access, identities, people
from pushsvc.store.audit import record
from pushsvc.store.session import transaction


@dataclass(frozen=True)
class Claim:
    """What an issuer said: the natural person's `subject` there, what it verified of them, and for a legal person's
    sign-in the credit code of the firm."""

    issuer: str
    subject: str
    mobile: str = ""
    name: str = ""
    born: date | None = None
    credit_code: str = ""


@dataclass(frozen=True)
class Newcomer:
    """Somebody an issuer vouches for and we do not know yet: of the subject a keyed hash."""

    issuer: str
    subject: bytes
    credit_code: str = ""


def newcomer(ctx: Context, claim: Claim) -> Newcomer:
    """The claim as it may wait in a cookie until an address is proven."""
    return Newcomer(claim.issuer, _subject(ctx, claim), claim.credit_code)


def who_is(ctx: Context, claim: Claim) -> int | None:
    """The person of ours; None where nobody is linked and the number does not say who it is."""
    subject = _subject(ctx, claim)
    with transaction(ctx.engine) as conn:
        known = identities.person_of(conn, claim.issuer, subject)
    if known is not None:
        return known
    person, place = _by_number(ctx, claim)
    if person is None or place is None:
        return None
    proving.put_verified(ctx, place)
    link(ctx, Newcomer(claim.issuer, subject), person, how="mobile")
    return person


def link(ctx: Context, new: Newcomer, person_id: int, *, how: str) -> bool:
    """From now on the issuer's word signs this person in; False where that account is somebody's already, or the person
    was erased a moment ago."""
    with transaction(ctx.engine) as conn:
        found, now = people.lock_profile(conn, person_id), ctx.clock()
        if found is None or found.erased:
            return False
        made = identities.link(conn, (new.issuer, new.subject), person_id, how=how, now=now)
        if made:
            about, detail = f"profile:{person_id}", {"issuer": new.issuer, "how": how}
            record(conn, at=now, actor=new.issuer, action="identity.link", object=about, detail=detail)
    return made


def prove_firm(ctx: Context, person_id: int, credit_code: str) -> int | None:
    """The firm that a legal person's sign-in speaks for: the person is its proven admin. None: no such firm here."""
    if not credit_code:
        return None
    return membership.prove_admin(ctx, person_id=person_id, credit_code=credit_code, how="host")


def _by_number(ctx: Context, claim: Claim) -> tuple[int | None, Place | None]:
    """Whom the verified number serves, if that is exactly one: and either nothing speaks against it, or the name or the
    date of birth that the issuer verified is theirs as well. A family may share the number of the one we know."""
    try:
        value = parse_address(proving.CHANNEL, claim.mobile).value
    except AddressError:
        return None, None
    place = Place(proving.CHANNEL, ctx.keyring.lookup(proving.CHANNEL, value))
    with transaction(ctx.engine) as conn:
        served = access.people_at(conn, place.channel, place.lookup)
    if len(served) != 1:
        return None, None
    doubtful = proving.is_doubtful(ctx, place) or proving.contradicts(ctx, served[0], born=claim.born, name=claim.name)
    sure = proving.confirm(ctx, place, born=claim.born, name=claim.name) if doubtful else served
    return (sure[0], place) if sure else (None, None)


def _subject(ctx: Context, claim: Claim) -> bytes:
    told = f"{claim.issuer}\0{claim.subject}".encode(errors="replace")
    return hmac.digest(ctx.keyring.secret, b"subject\0" + told, hashlib.sha256)
