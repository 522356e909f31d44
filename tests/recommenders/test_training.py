"""Trainings in a child of their own: seeds, progress, what ends them, and every way they can be refused."""

from __future__ import annotations

import importlib.util
import os
import select
import signal
import subprocess
import sys
import sysconfig
import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from recommenders.errors import FeatureError, InteractionError, TrainingFailed, TrainingUnavailable
from recommenders.matrix import Csr, from_parts
from recommenders.training import Arrays, Child, Config, Pairs, build, train
from tests.recommenders.city import QUICK, can_train
from tests.recommenders.halves import half

ROOT = Path(__file__).resolve().parents[2]
OTHER = Path(sys.prefix, "other-lightfm")  # where scripts/test puts the build that is not installed
WITHOUT_LIGHTFM = "import sys; sys.modules['lightfm'] = None; from recommenders.trainer import main; exit(main([]))"
WAITING = "import os, signal; from recommenders.trainer import die_with; die_with(os.getppid()); "
WAITING += "print(os.getpid(), flush=True); signal.pause()"
NAMES = ("anchor", "ranked", "bias")


def trained(config: Config = QUICK, *, swapped: bool = False, **more: Any) -> dict[int, Arrays]:
    """The earlier half of the city, learnt: policies as anchors, or profiles."""
    given = half()
    if swapped:
        return train(given.pairs.swapped(), given.profiles, given.policies, config=config, **more)
    return train(given.pairs, given.policies, given.profiles, config=config, **more)


def bytes_of(learnt: Arrays) -> list[bytes]:
    return [getattr(learnt, name).tobytes() for name in NAMES]


@pytest.mark.parametrize("swapped", [False, True])
def test_the_same_seed_gives_the_same_bytes_in_either_direction(swapped: bool) -> None:
    if not can_train():
        return
    first, again, other = (trained(replace(QUICK, seed=seed), swapped=swapped)[QUICK.epochs] for seed in (7, 7, 8))
    assert bytes_of(first) == bytes_of(again)
    assert all(a != b for a, b in zip(bytes_of(first), bytes_of(other), strict=True))


def test_a_snapshot_is_what_a_shorter_training_gives_and_each_epoch_is_told() -> None:
    if not can_train():
        return
    told: list[tuple[int, int]] = []
    both = trained(snapshots=(4, 2), child=Child(lambda done, total: told.append((done, total))))
    assert told == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert bytes_of(both[2]) == bytes_of(trained(snapshots=(2,))[2]) != bytes_of(both[4])


def test_two_threads_learn_too() -> None:
    if not can_train():
        return
    learnt = trained(replace(QUICK, threads=2))[QUICK.epochs]
    assert all(np.isfinite(getattr(learnt, name)).all() for name in NAMES)


def child_of(folder: str) -> tuple[str, ...]:
    """A training that loads LightFM from this folder."""
    lines = (
        f"import sys; sys.path.insert(0, {folder!r}); import recommenders.trainer as it; exit(it.main(sys.argv[1:]))"
    )
    return (sys.executable, "-c", lines)


def test_both_builds_of_lightfm_learn_the_same() -> None:
    if not can_train() or not OTHER.exists():
        warnings.warn("One build of LightFM is here, or none: there is nothing to compare.", stacklevel=1)
        return
    folders = (sysconfig.get_path("purelib"), str(OTHER))
    one, other = (trained(child=Child(command=child_of(folder)))[QUICK.epochs] for folder in folders)
    for name in NAMES:
        assert np.allclose(getattr(one, name), getattr(other, name), rtol=0, atol=1e-5), name


def test_the_build_that_the_path_names_first_is_the_one_that_trains() -> None:
    if not can_train():
        return
    found = importlib.util.find_spec("lightfm")
    lines = "import lightfm; print(lightfm.__file__)"
    loaded = subprocess.run([sys.executable, "-c", lines], capture_output=True, check=True, text=True, cwd=ROOT)
    assert found is not None
    assert loaded.stdout.strip() == found.origin
    name, version = build().split()
    assert list(Path(loaded.stdout.strip()).parents[1].glob(f"{name.replace('-', '_')}-{version}.dist-info"))


ONE = np.zeros(1, dtype=np.int64)
PAIR = Pairs(ONE, ONE, np.ones(1, dtype=np.float32))


def matrix(values: list[float]) -> Csr:
    """One feature; no entry where the value is 0."""
    rows = np.flatnonzero(values)
    return from_parts(rows, np.zeros_like(rows), np.array(values, dtype=np.float32)[rows], (len(values), 1))


def refused(pairs: Pairs = PAIR, *, anchor: Csr | None = None, ranked: Csr | None = None, **more: Any) -> Any:
    """A training that is no good: the code and the place of what is raised, and its sentence."""
    given = {"config": QUICK, "child": Child(command=("/bin/false",))} | more
    with pytest.raises((FeatureError, InteractionError, TrainingFailed, TrainingUnavailable)) as error:
        train(pairs, matrix([1]) if anchor is None else anchor, matrix([1]) if ranked is None else ranked, **given)
    assert error.value.sentence.endswith(".")
    return error.value


def script(lines: str) -> tuple[str, ...]:
    return (sys.executable, "-c", lines)


def test_an_empty_log_is_refused() -> None:
    assert refused(Pairs(ONE[:0], ONE[:0], PAIR.weight[:0])).code == "no_interactions"


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_features_that_are_no_numbers_are_refused_with_their_row(value: float) -> None:
    error = refused(ranked=matrix([1, value]))
    assert (error.code, error.place) == ("not_finite", "ranked[1]")


def test_a_row_without_features_is_refused_with_its_place() -> None:
    error = refused(anchor=matrix([1, 0]))
    assert (error.code, error.place) == ("row_without_features", "anchor[1]")


@pytest.mark.parametrize("weight", [0.0, -1.0, float("nan"), float("inf")])
def test_a_weight_must_be_above_zero_and_finite(weight: float) -> None:
    assert refused(replace(PAIR, weight=np.array([weight], dtype=np.float32))).code == "bad_weight"


def test_pairs_name_rows_that_are_there() -> None:
    for row in (-1, 1):
        assert refused(replace(PAIR, anchor=ONE + row)).code == "bad_row"
        assert refused(replace(PAIR, ranked=ONE + row)).code == "bad_row"
        assert refused(replace(PAIR, unseen=(ONE, ONE + row))).code == "bad_row"


def test_pairs_that_are_not_equally_many_are_refused() -> None:
    assert refused(replace(PAIR, ranked=ONE[:0])).code == "lengths_differ"
    assert refused(replace(PAIR, unseen=(ONE, ONE[:0]))).code == "lengths_differ"


@pytest.mark.parametrize("wrong", [{"epochs": 0}, {"dim": 0}, {"threads": 0}, {"seed": -1}, {"rate": 0.0}])
def test_a_training_that_cannot_be_is_refused_before_it_starts(wrong: dict[str, Any]) -> None:
    assert refused(config=replace(QUICK, **wrong)).code == "bad_config"
    assert refused(config=replace(QUICK, rate=float("nan"))).code == "bad_config"


def test_without_lightfm_training_says_so() -> None:
    assert refused(child=Child(command=script(WITHOUT_LIGHTFM))).code == "lightfm_missing"


def test_a_lightfm_that_does_not_load_is_named_apart() -> None:
    assert refused(child=Child(command=script("raise SystemExit(4)"))).code == "lightfm_broken"


def test_a_training_that_fails_tells_its_last_words() -> None:
    error = refused(child=Child(command=script("raise ValueError('parameters are not finite.')")))
    assert (error.code, "parameters are not finite" in error.sentence) == ("training_failed", True)
    assert refused(child=Child(command=("/bin/false",))).code == "training_failed"


def test_a_training_that_diverges_is_no_model() -> None:
    if can_train():
        given = half()
        wild = replace(QUICK, rate=1e38)
        error = refused(given.pairs, anchor=given.policies, ranked=given.profiles, config=wild, child=Child())
        assert (error.code, "finite" in error.sentence) == ("training_failed", True)


def test_numbers_that_are_none_are_refused_whoever_made_them() -> None:
    lines = "import sys, numpy as np; from recommenders.trainer import LEARNT; "
    lines += f"[np.save(f'{{sys.argv[1]}}/{{name}}-{QUICK.epochs}.npy', np.array([[np.nan]])) for name in LEARNT]"
    assert "finite" in refused(child=Child(command=script(lines))).sentence


@pytest.mark.parametrize(("number", "why"), [(signal.SIGKILL, "memory"), (signal.SIGILL, "processor"), (40, "crashed")])
def test_a_training_ended_by_a_signal_says_which_and_what_that_may_mean(number: int, why: str) -> None:
    error = refused(child=Child(command=script(f"import os; os.kill(os.getpid(), {number})")))
    assert (error.code, why in error.sentence) == ("training_killed", True)


def test_whoever_stops_listening_leaves_no_training_behind() -> None:
    def deadline(done: int, total: int) -> None:
        raise TimeoutError(done)

    with pytest.raises(TimeoutError) as error:  # and the test ends, although the child would wait forever
        train(PAIR, matrix([1]), matrix([1]), config=QUICK, child=Child(deadline, script(WAITING)))
    with pytest.raises(ProcessLookupError):
        os.kill(int(str(error.value)), 0)


def test_a_training_ends_with_the_process_that_asked_for_it(tmp_path: Path) -> None:
    lines = "import sys; sys.path[:0] = [sys.argv[1]]; from tests.recommenders.test_training import *; "
    lines += "say = lambda done, total: print(done, flush=True); "
    lines += "train(PAIR, matrix([1]), matrix([1]), config=QUICK, child=Child(say, script(WAITING)))"
    asked = [sys.executable, "-c", lines, str(ROOT)]
    env = {**os.environ, "TMPDIR": str(tmp_path)}
    with subprocess.Popen(asked, stdout=subprocess.PIPE, env=env, cwd=ROOT) as parent:
        assert parent.stdout is not None
        child = os.pidfd_open(int(parent.stdout.readline()))
        parent.kill()
    assert select.select([child], [], [], 60)[0]  # a process that has ended is ready to be read
    os.close(child)


def test_this_process_never_loads_lightfm_to_train_or_serve() -> None:
    lines = "import recommenders.evaluation, recommenders.explain, sys; sys.exit('lightfm' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", lines], check=False).returncode == 0
