"""The same text known again, across sites and among many; compared with comparing all."""

from __future__ import annotations

import random
import time
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pushsvc.texts.findings.among import NEAR
from pushsvc.texts.fingerprints import Fingerprint, fingerprint, normalised, share, signature_of
from pushsvc.texts.policy import PolicyText
from pushsvc.texts.quality import findings_among
from tests.texts.fuzzing import MANY, batches

LETTERS = "".join(chr(0x4E00 + place) for place in range(0, 3000, 7))


def prose(seed: int, sentences: int = 40) -> list[str]:
    chance = random.Random(seed)
    return ["".join(chance.choices(LETTERS, k=30)) + "。" for _ in range(sentences)]


def text(ref: str, body: list[str], host: str = "a.gov.cn", number: str | None = None, title: str = "") -> Fingerprint:
    url = f"https://{host}/{ref}"
    return fingerprint(
        PolicyText(ref, title or f"关于{ref}的办法", "".join(body), "", "policy", doc_no=number, url=url)
    )


def codes(texts: list[Fingerprint], held: list[Fingerprint] | None = None) -> dict[str, list[tuple[str, bool]]]:
    return {
        ref: [(one.code, one.blocking) for one in found] for ref, found in findings_among(texts, held or []).items()
    }


def test_a_copy_on_another_host_is_named_and_the_first_stays() -> None:
    found = findings_among([text("one", prose(1)), text("two", prose(1), "b.gov.cn")], [])
    assert list(found) == ["two"]
    assert (found["two"][0].code, found["two"][0].blocking) == ("duplicate", True)
    assert "one" in found["two"][0].en
    assert "a.gov.cn" in found["two"][0].en


def test_a_copy_of_what_is_held_is_named() -> None:
    assert codes([text("two", prose(1))], [text("one", prose(1))]) == {"two": [("duplicate", True)]}


def test_the_same_ref_again_is_no_copy() -> None:
    assert codes([text("one", prose(1))], [text("one", prose(1))]) == {}
    assert codes([text("one", prose(1)), text("one", prose(1))]) == {}


@pytest.mark.parametrize(
    "change",
    [
        lambda body: [" 首页 政务公开 打印 关闭 ", *body],
        lambda body: [one.replace("。", "。\n\u3000\u3000") for one in body],
    ],
)
def test_menus_and_blanks_do_not_hide_a_copy(change: object) -> None:
    assert codes([text("one", prose(1)), text("two", change(prose(1)), "b.cn")]) == {"two": [("duplicate", True)]}  # type: ignore[operator]  # a function of the table above


def test_other_texts_are_no_copies() -> None:
    assert codes([text(str(seed), prose(seed)) for seed in range(50)]) == {}
    half = prose(1)[:20] + prose(2)[:20]
    assert codes([text("one", prose(1)), text("two", half)]) == {}


def test_another_edition_that_is_near_is_only_noted() -> None:
    later = [*prose(1)[:-2], *prose(2)[:1]]
    first = text("one", prose(1), number="A〔2023〕1号", title="某办法")
    assert codes([first, text("two", later, number="A〔2024〕1号", title="某办法")]) == {"two": [("duplicate", False)]}
    assert codes([first, text("two", later, title="某办法")]) == {"two": [("duplicate", True)]}


def test_one_number_on_two_policies_is_named() -> None:
    one, two = (text(ref, prose(seed), number="A〔2023〕1号") for seed, ref in enumerate(("one", "two")))
    assert codes([one, two]) == {"two": [("same_number", True)]}
    assert codes([two], [one]) == {"two": [("same_number", True)]}


def test_one_number_on_the_same_policy_is_none() -> None:
    one = text("one", prose(1), number="A〔2023〕1号", title="某市养老服务补贴办法")
    cut = text("two", prose(1)[:10], number="A〔2023〕1号", title="某市养老服务补贴办法_某市政府")
    assert codes([one, cut]) == {}
    assert codes([one, replace(cut, number=None)]) == {}


def test_texts_without_a_body_are_no_copies_of_each_other() -> None:
    assert codes([text("one", []), text("two", [])]) == {}
    assert text("one", []).signature == b""


def test_a_fingerprint_is_small() -> None:
    one = text("one", prose(1, 400))
    assert (len(one.signature), one.digest < 2**63) == (256, True)


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 14)), max_size=14), st.integers(0, 10))
@settings(max_examples=60, deadline=None)
def test_bands_find_what_comparing_all_finds(made: list[tuple[int, int]], split: int) -> None:
    texts = [
        text(f"t{place}", prose(seed)[: -cut or None] + prose(50 + place)[:cut])
        for place, (seed, cut) in enumerate(made)
    ]
    held, brought = texts[:split], texts[split:]
    expected = set()
    for place, one in enumerate(texts):
        if place >= split and any(share(one.signature, other.signature) >= NEAR for other in texts[:place]):
            expected.add(one.ref)
    assert set(findings_among(brought, held)) == expected


@given(
    st.lists(st.sampled_from(prose(3, 60)), min_size=20, unique=True),
    st.lists(st.sampled_from(prose(3, 60)), min_size=20, unique=True),
)
@settings(max_examples=100, deadline=None)
def test_the_share_is_near_the_true_one(one: list[str], other: list[str]) -> None:
    first, second = (
        {body[i : i + 6] for i in range(len(body) - 5)}
        for body in (normalised("".join(one)), normalised("".join(other)))
    )
    true = len(first & second) / len(first | second)
    assert abs(share(signature_of(normalised("".join(one))), signature_of(normalised("".join(other)))) - true) < 0.3


@MANY
@given(batches(24, lambda drawn: drawn.decode("gb18030", "replace")))
def test_any_text_has_a_fingerprint(bodies: list[str]) -> None:
    for body in bodies:
        one = fingerprint(PolicyText("r", body[:20], body, "", "policy", url=body))
        assert len(one.signature) in (0, 256)
        assert (one.digest == 0) == (one.signature == b"")


SIGNATURES = [b"", *(signature_of("".join(prose(seed, 3))) for seed in range(3))]
PRINTS = [
    Fingerprint(
        f"{place % 5}", "", (None, "", "A〔2023〕1号")[place % 3], "ab"[: place % 2], place % 3, SIGNATURES[place % 4]
    )
    for place in range(60)
]


@MANY
@given(batches(7, bytes))
def test_any_batch_is_judged(many: list[bytes]) -> None:
    for drawn in many:
        texts, held = ([PRINTS[place % len(PRINTS)] for place in part] for part in (drawn[:4], drawn[4:]))
        assert set(findings_among(texts, held)) <= {one.ref for one in texts}


@pytest.mark.parametrize("same", [True, False])
def test_many_texts_take_time_in_line_with_their_number(same: bool) -> None:
    base = [
        text(str(seed), prose(0 if same else seed, 2), number="A〔2023〕1号" if same else None) for seed in range(100)
    ]
    texts = [replace(base[place % 100], ref=f"r{place}", digest=place) for place in range(2000)]
    begin = time.process_time()
    findings_among(texts, [])
    assert time.process_time() - begin < 10


@pytest.mark.parametrize("piece", ["附件：", "1", "。", "\n", "字", "a b "])
def test_a_large_body_takes_no_time(piece: str) -> None:
    begin = time.process_time()
    fingerprint(PolicyText("r", "", piece * (1_000_000 // len(piece)), "", "policy"))
    assert time.process_time() - begin < 4
