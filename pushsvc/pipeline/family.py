"""A person's family, as far as policies ask for it: no names; of children below fourteen only as the guardian consents.

What a person says of their family is their own word. Whom a register tells of is the register's; the guardian may
object to the use of every child's information, whoever told it, and take that back.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
import secrets
from dataclasses import dataclass, replace
from datetime import date

from profiles import cells
from profiles.errors import ProfilesError
from profiles.facts import FACTS
from profiles.sources import SELF
from pushsvc.context import Context
from pushsvc.keyring import KeyringError
from pushsvc.pipeline.days import city_day
from pushsvc.pipeline.held_reading import read_said
from pushsvc.pipeline.profile_events import births
from pushsvc.pipeline.stages import refresh_stages
from pushsvc.store import family as stored
from pushsvc.store.audit import record
from pushsvc.store.consents import ConsentEntry, append_consents
from pushsvc.store.contacts import ADULT, OWN_CONSENT, PERSONS, years_before
from pushsvc.store.family import CHILDREN, Relative
from pushsvc.store.life import add_life_events
from pushsvc.store.people import Profile, lock_profile, profile_by_id
from pushsvc.store.session import Connection, transaction

RELATIONS = ("child", "elder", "other")
MOST = 20  # family members of one profile
_KEY = re.compile("[0-9a-f]{12}")
WORDING = "dependants-1"  # the version of the words under which a guardian consents


class FamilyError(ValueError):
    """It cannot be kept so; `place` is the field."""

    def __init__(self, code: str, place: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code, self.place, self.sentence = code, place, sentence


@dataclass(frozen=True)
class Given:
    """What a person fills in about one family member; `agrees`: as the guardian, to the use of what they say.

    `key`: twelve hex digits of the form, so that the same form sent twice is one family member.
    """

    relation: str
    birth_date: str
    household_region: str = ""
    agrees: bool = False
    key: str = ""


@dataclass(frozen=True)
class Member:
    """One family member as shown. `child`: below fourteen; `own`: the person named them, and may change that."""

    one: Relative
    child: bool
    own: bool


@dataclass(frozen=True)
class Family:
    """`agreed`: the guardian's newest word, None where there is none; `guardian`: whether the reader may consent."""

    members: tuple[Member, ...]
    agreed: bool | None
    guardian: bool


def family_of(ctx: Context, profile_id: int) -> Family | None:
    """The family of a person; None for firms and where there is nobody."""
    with transaction(ctx.engine) as conn:
        person = profile_by_id(conn, profile_id)
        if person is None or person.erased or person.kind not in PERSONS:
            return None
        members = [_member(ctx, one) for one in stored.family_of(conn, profile_id)]
        agreed = stored.agrees_for_children(conn, profile_id)
    return Family(tuple(members), agreed, _may_be_guardian(ctx, person))


def put(ctx: Context, profile_id: int, given: Given, *, number: int | None = None, by: int | None = None) -> None:
    """Add a family member, or change the one with this number, whom the person named. Raises FamilyError.

    A child below fourteen is kept but not used until the guardian consents; `given.agrees` is that consent.
    """
    with transaction(ctx.engine) as conn:
        person = _person(conn, profile_id)
        family = stored.family_of(conn, profile_id)
        ref = f"own-{given.key}" if _KEY.fullmatch(given.key) else f"own-{secrets.token_hex(6)}"
        mine = [one for one in family if one.source == SELF]
        before = next((one for one in mine if (one.ref == ref if number is None else one.id == number)), None)
        if number is not None and before is None:
            raise FamilyError("unknown_member", "id", "There is no such family member to change.")
        if before is None and len(family) >= MOST:
            raise _too_many()
        made = _read(ctx, given, before.ref if before else ref)
        if given.agrees and _is_child(ctx, made.birth_date):
            _consent(conn, ctx, person, given=True)
        _keep(conn, ctx, person, made)
        _note(conn, ctx, profile_id, "family.put", by)


def remove(ctx: Context, profile_id: int, number: int, *, by: int | None = None) -> str:
    """Remove a family member whom the person named; a sealed copy for `undo`. Raises FamilyError unknown_member."""
    with transaction(ctx.engine) as conn:
        _person(conn, profile_id)
        found = next((one for one in stored.family_of(conn, profile_id) if one.id == number), None)
        if found is None or not stored.remove_relative(conn, profile_id, number):
            raise FamilyError("unknown_member", "id", "There is no such family member to remove.")
        refresh_stages(conn, ctx, [profile_id])
        _note(conn, ctx, profile_id, "family.remove", by)
    held = {"ref": found.ref, "relation": found.relation, "born": found.birth_date, "home": found.household_region}
    sealed = ctx.keyring.encrypt(json.dumps(held, default=str), _place(profile_id))
    return base64.urlsafe_b64encode(sealed).decode()


def undo(ctx: Context, profile_id: int, sealed: str, *, by: int | None = None) -> None:
    """Hold again whom `remove` took away. Again is harmless. Raises FamilyError: bad_copy or too_many."""
    try:
        held = json.loads(ctx.keyring.decrypt(base64.urlsafe_b64decode(sealed), _place(profile_id)))
    except (KeyringError, ValueError, binascii.Error) as error:
        raise FamilyError("bad_copy", "sealed", "This is no copy of what was removed.") from error
    born = date.fromisoformat(held["born"]) if held["born"] else None
    one = Relative(0, held["ref"], held["relation"], born, held["home"], SELF, city_day(ctx), used=True)
    with transaction(ctx.engine) as conn:
        person = _person(conn, profile_id)
        family = [held.ref for held in stored.family_of(conn, profile_id)]
        if one.ref not in family and len(family) >= MOST:
            raise _too_many()
        _keep(conn, ctx, person, one)
        _note(conn, ctx, profile_id, "family.put", by)


def agree(ctx: Context, profile_id: int, *, on: bool) -> None:
    """The guardian consents to the use of their children's information, or takes it back. Raises FamilyError."""
    with transaction(ctx.engine) as conn:
        person = _person(conn, profile_id)
        before = {one.id for one in stored.family_of(conn, profile_id) if one.used}
        _consent(conn, ctx, person, given=on)
        fresh = [one for one in stored.family_of(conn, profile_id) if one.used and one.id not in before]
        born = [(profile_id, one.ref, one.birth_date) for one in fresh]
        add_life_events(conn, list(births(born, ctx.clock())))
        refresh_stages(conn, ctx, [profile_id])


def _too_many() -> FamilyError:
    return FamilyError("too_many", "birth_date", f"At most {MOST} family members.")


def _person(conn: Connection, profile_id: int) -> Profile:
    person = lock_profile(conn, profile_id)
    if person is None or person.erased or person.kind not in PERSONS:
        raise FamilyError("unknown_profile", "profile", "There is nobody who could have a family.")
    return person


def _read(ctx: Context, given: Given, ref: str) -> Relative:
    """What was filled in, checked as a row of a register is."""
    if given.relation not in RELATIONS:
        raise FamilyError("unknown_relation", "relation", "Say how they belong to you.")
    born = _value(ctx, "birth_date", given.birth_date)
    if not isinstance(born, date):
        raise FamilyError("missing", "birth_date", "The date of birth is needed.")
    home = _value(ctx, "household_region", given.household_region)
    return Relative(0, ref, given.relation, born, None if home is None else str(home), SELF, city_day(ctx), used=True)


def _value(ctx: Context, fact: str, text: str) -> object:
    assert fact in FACTS
    if not cells.plain(text):
        return None
    try:
        return read_said(fact, text[:200], city_day(ctx))
    except ProfilesError as error:
        raise FamilyError(error.code, fact, error.sentence) from error


def _keep(conn: Connection, ctx: Context, person: Profile, one: Relative) -> None:
    """Write the row; of a child it is used only where the guardian's newest word is a yes."""
    used = not _is_child(ctx, one.birth_date) or bool(stored.agrees_for_children(conn, person.id))
    stored.put_relative(conn, person.id, replace(one, used=used))
    if used:
        add_life_events(conn, list(births([(person.id, one.ref, one.birth_date)], ctx.clock())))
    refresh_stages(conn, ctx, [person.id])


def _consent(conn: Connection, ctx: Context, person: Profile, *, given: bool) -> None:
    if given and not _may_be_guardian(ctx, person):
        raise FamilyError("minor", "agrees", "Who is a minor consents for nobody.")
    entry = ConsentEntry(person.id, CHILDREN, "any", given, WORDING, "web", ctx.clock())
    append_consents(conn, [entry])


def _may_be_guardian(ctx: Context, person: Profile) -> bool:
    born = person.facts.get("birth_date")
    return not isinstance(born, date) or born <= years_before(city_day(ctx), ADULT)


def _member(ctx: Context, one: Relative) -> Member:
    return Member(one, _is_child(ctx, one.birth_date), one.source == SELF)


def _is_child(ctx: Context, born: date | None) -> bool:
    return born is not None and born > years_before(city_day(ctx), OWN_CONSENT)


def _note(conn: Connection, ctx: Context, profile_id: int, action: str, by: int | None) -> None:
    detail = {"by": by or profile_id}
    record(conn, at=ctx.clock(), actor="person", action=action, object=f"profile:{profile_id}", detail=detail)


def _place(profile_id: int) -> str:
    return f"family:{profile_id}"
