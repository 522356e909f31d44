"""The registry of devices: whose a token is, how many one has, what is kept of it, and how it ends."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from sqlalchemy import select, text

from pushsvc.context import Context
from pushsvc.pipeline.devices import (
    DeviceError,
    devices_of,
    finder,
    forget,
    forget_device,
    reach,
    register,
)
from pushsvc.pipeline.ingest_profiles import upsert_profile
from pushsvc.pipeline.rights import erase, export_data
from pushsvc.store import tables
from pushsvc.store.session import transaction
from tests.clock import Clock
from tests.making import make_person

POINT = "BNcRdreALRFXTkOOUHK1EtK2wtaz5Ry4YfYCA_0QTpQtUbVlUls0VJXg7A8u-Ts1XbjhazAkj7I99e8QcYP7DkM"
AUTH = "tBHItJI5svbpez7KI4CCXg"  # both are those of RFC 8291, 5
ENDPOINT = "https://fcm.googleapis.com/fcm/send/abc"


def someone(ctx: Context, n: int = 1, **more: object) -> int:
    with transaction(ctx.engine) as conn:
        return make_person(conn, ctx, n, **more)  # type: ignore[arg-type]  # as it is


def found(ctx: Context, person: int) -> list[tuple[str, str]]:
    """(platform, token) as the app channel sees them."""
    held = finder(ctx, ("jpush", "wechat", "webhook", "web", "gateway"))([person])
    return [(platform, token) for platform, token, _ in held.get(person, [])]


def stored(ctx: Context) -> str:
    """All devices and addresses as PostgreSQL writes them."""
    with transaction(ctx.engine) as conn:
        return "\n".join(str(row[0]) for row in conn.execute(text("select d::text from device d order by id")))


def subscription(endpoint: str = ENDPOINT, auth: str = AUTH) -> str:
    return json.dumps({"endpoint": endpoint, "expirationTime": None, "keys": {"p256dh": POINT, "auth": auth}})


def test_a_token_is_ciphertext_bound_to_its_platform(ctx: Context) -> None:
    me = someone(ctx)
    one = register(ctx, me, "jpush", "registration-id-1")
    assert (one.platform, one.created_at, one.last_seen_at) == ("jpush", ctx.clock(), ctx.clock())
    assert found(ctx, me) == [("jpush", "registration-id-1")]
    assert b"registration-id-1".hex() not in stored(ctx)
    with transaction(ctx.engine) as conn:
        conn.execute(text("update device set platform = 'wechat'"))
    assert found(ctx, me) == []  # what was moved from its place is not believed


def test_seen_again_it_is_the_same_device(ctx: Context, clock: Clock) -> None:
    me = someone(ctx)
    first = register(ctx, me, "jpush", "r")
    clock.forward(days=3)
    again = register(ctx, me, "jpush", "r")
    assert (again.id, again.created_at, again.last_seen_at) == (first.id, first.created_at, clock())
    assert devices_of(ctx, me) == [again]


def test_a_phone_that_changed_hands_is_its_new_owners(ctx: Context, clock: Clock) -> None:
    me, other = someone(ctx), someone(ctx, 2)
    register(ctx, me, "jpush", "r")
    clock.forward(hours=1)
    moved = register(ctx, other, "jpush", "r")
    assert (found(ctx, me), found(ctx, other)) == ([], [("jpush", "r")])
    assert moved.created_at == clock()
    assert not forget(ctx, me, "jpush", "r")
    assert not forget_device(ctx, me, moved.id)
    assert found(ctx, other) == [("jpush", "r")]


def test_the_one_unseen_the_longest_gives_way(ctx: Context, clock: Clock) -> None:
    me = someone(ctx)
    for n in range(11):
        clock.forward(minutes=1)
        register(ctx, me, "jpush", f"r{n % 11}")
        if n == 5:
            register(ctx, me, "jpush", "r0")  # seen again
    tokens = {token for _, token in found(ctx, me)}
    assert tokens == {f"r{n}" for n in range(11) if n != 1}
    with transaction(ctx.engine) as conn:
        gone = conn.execute(text("select drop_reason, token from device where dropped_at is not null")).one()
    assert (gone.drop_reason, bytes(gone.token)) == ("gave_way", b"")


def test_a_dead_one_comes_back_by_a_registration_alone(ctx: Context, clock: Clock) -> None:
    me = someone(ctx)
    one = register(ctx, me, "jpush", "r")
    known = reach(ctx, {})
    known.drop("wechat", {one.id: "43004"})  # another platform's word says nothing
    assert found(ctx, me) == [("jpush", "r")]
    known.drop("jpush", {one.id: "1011"})
    assert (found(ctx, me), devices_of(ctx, me)) == ([], [])
    clock.forward(days=1)
    assert register(ctx, me, "jpush", "r").created_at == clock()
    assert found(ctx, me) == [("jpush", "r")]


def test_it_is_forgotten_by_token_and_by_number(ctx: Context) -> None:
    me = someone(ctx)
    register(ctx, me, "jpush", "r")
    assert forget(ctx, me, "jpush", "r")
    assert not forget(ctx, me, "jpush", "r")
    assert forget_device(ctx, me, register(ctx, me, "wechat", "w").id)
    assert not forget(ctx, me, "pigeon", "r")
    assert stored(ctx) == ""


@pytest.mark.parametrize(
    ("platform", "token", "code"),
    [
        ("pigeon", "r", "unknown_platform"),
        ("jpush", "", "bad_token"),
        ("jpush", "a" * 4097, "bad_token"),
        ("jpush", "政" * 1366, "bad_token"),
        ("jpush", "a\0b", "bad_token"),
        ("jpush", "a\ud800", "bad_token"),
        ("jpush", "a\nb", "bad_token"),
        ("jpush", " a", "bad_token"),
        ("web", "{}", "bad_token"),
        ("web", "[" * 2000, "bad_token"),
        ("web", "7", "bad_token"),
        ("web", '{"endpoint": 7, "keys": []}', "bad_token"),
        ("web", subscription("https://127.0.0.1/internal"), "bad_token"),
        ("web", subscription("https://evil.example/"), "bad_token"),
        ("web", subscription(auth="c2hvcnQ"), "bad_token"),
    ],
)
def test_what_is_no_token_is_refused_and_not_repeated(ctx: Context, platform: str, token: str, code: str) -> None:
    me = someone(ctx)
    with pytest.raises(DeviceError) as caught:
        register(ctx, me, platform, token)
    assert caught.value.code == code
    assert "evil" not in str(caught.value)
    assert stored(ctx) == ""


def test_a_browser_is_its_endpoint(ctx: Context) -> None:
    me = someone(ctx)
    first = register(ctx, me, "web", subscription())
    flat = json.dumps({"endpoint": ENDPOINT, "p256dh": POINT, "auth": "AAAAAAAAAAAAAAAAAAAAAA"})
    assert register(ctx, me, "web", flat).id == first.id
    ((_, kept),) = found(ctx, me)
    assert json.loads(kept) == json.loads(flat)


def test_only_a_person_has_devices(ctx: Context) -> None:
    for who in (someone(ctx, kind="enterprise"), someone(ctx, 2, erased_at=ctx.clock()), 99):
        with pytest.raises(DeviceError) as caught:
            register(ctx, who, "jpush", "r")
        assert caught.value.code == "unknown_person"


def test_who_had_no_app_address_has_an_inbox_from_now_on_until_a_token_is_imported(ctx: Context) -> None:
    me = someone(ctx, channels=("sms",))
    register(ctx, me, "jpush", "r")
    register(ctx, me, "jpush", "s")
    query = (
        select(tables.address.c.cipher, tables.address.c.mask)
        .join(tables.profile_address, tables.profile_address.c.address_id == tables.address.c.id)
        .where(tables.address.c.channel == "app", tables.profile_address.c.profile_id == me)
    )
    with transaction(ctx.engine) as conn:
        ((cipher, mask),) = conn.execute(query).all()
    assert (ctx.keyring.decrypt(cipher, "address:app"), mask) == ("", "-")
    upsert_profile(ctx, {"ref": "p1", "kind": "citizen", "app_token": "device-token-of-wang"})
    with transaction(ctx.engine) as conn:
        ((cipher, _),) = conn.execute(query).all()
    assert ctx.keyring.decrypt(cipher, "address:app") == "device-token-of-wang"


def test_the_imported_token_stays_as_it_is(ctx: Context) -> None:
    me = someone(ctx, channels=("app",))
    with transaction(ctx.engine) as conn:
        before = conn.execute(select(tables.address)).all()
    register(ctx, me, "jpush", "r")
    with transaction(ctx.engine) as conn:
        assert conn.execute(select(tables.address)).all() == before


def test_the_copy_tells_of_devices_without_tokens_and_erasure_ends_them(ctx: Context) -> None:
    me, other = someone(ctx), someone(ctx, 2)
    register(ctx, me, "jpush", "registration-id-1")
    register(ctx, other, "jpush", "of-somebody-else")
    copy = export_data(ctx, me)
    assert copy is not None
    (told,) = copy["devices"]
    assert (told["platform"], told["last_seen_at"]) == ("jpush", ctx.clock())
    assert "registration-id-1" not in json.dumps(copy, default=str)
    assert erase(ctx, me, actor="person")
    assert (found(ctx, me), found(ctx, other)) == ([], [("jpush", "of-somebody-else")])
    assert stored(ctx).count("\n") == 0


def test_claims_are_given_once_and_only_of_letters_that_stand(ctx: Context) -> None:
    me = someone(ctx)
    row = {"recipient_id": me, "profile_id": me, "title": "一", "body": "二", "at": ctx.clock()}
    with transaction(ctx.engine) as conn:
        conn.execute(tables.inbox.insert(), [{"wire_key": key, **row} for key in ("a", "b")])
    known = reach(ctx, {})
    assert known.claim([("a", 1), ("a", 2), ("gone", 1)]) == {("a", 1), ("a", 2)}
    assert known.claim([("a", 2), ("b", 2)]) == {("b", 2)}
    known.release([("a", 1), ("b", 2)])
    assert known.claim([("a", 1), ("a", 2), ("b", 2)]) == {("a", 1), ("b", 2)}
    assert known.owners("jpush", ["r"]) == {}


def test_a_person_may_have_what_another_platform_calls_the_same(ctx: Context, clock: Clock) -> None:
    me, other = someone(ctx), someone(ctx, 2)
    clock.now += timedelta(seconds=1)
    one, two = register(ctx, me, "jpush", "same"), register(ctx, other, "wechat", "same")
    assert one.id != two.id
    assert reach(ctx, {}).owners("wechat", ["same", "none"]) == {"same": two.id}
