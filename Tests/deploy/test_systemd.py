"""The units: as deploy/systemd/install puts them, by systemd's own check."""

import os
import pathlib
import shutil
import subprocess

import pytest

from manifests import ASKED, DEPLOY, document, elsewhere, ports

FOLDER = DEPLOY / "systemd"
UNITS = sorted(path.name for path in (FOLDER / "units").glob("*.service"))
CONFIGS = {path.stem: document(path) for path in sorted((FOLDER / "config").glob("*.yaml"))}
# Exposure by systemd-analyze's own weights, of 10; what is left is the network and the disk that a node needs.
ALLOWED_EXPOSURE = 1.5
NEEDS_SYSTEMD = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="there is no systemd-analyze: the units were not verified"
)


def install(target, *arguments, **environment):
    return subprocess.run(
        [str(FOLDER / "install"), *arguments],
        env={**os.environ, "DESTDIR": str(target), **environment},
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """A machine's root with Switchboard installed, and the units that every systemd has."""
    target = tmp_path_factory.mktemp("root")
    cache = tmp_path_factory.mktemp("cache")
    (cache / "models").mkdir()
    (cache / "models" / "all-MiniLM-L6-v2.Q8_0.gguf").write_text("a model\n")
    run = install(target, "--program", "/bin/true", SWITCHBOARD_CACHE=str(cache))
    assert run.returncode == 0, run.stderr
    for place in (pathlib.Path("/usr/lib/systemd/system"), pathlib.Path("/lib/systemd/system")):
        if place.is_dir():
            shutil.copytree(place, target / "usr/lib/systemd/system", symlinks=True)
            break
    return target


def analyze(root, *arguments):
    return subprocess.run(
        ["systemd-analyze", f"--root={root}", "--man=no", "--no-pager", *arguments],
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_there_is_a_unit_for_each_role_and_one_for_all():
    assert UNITS == [
        "switchboard-clusterer.service", "switchboard-gateway.service", "switchboard-node.service", "switchboard-retriever@.service",
        "switchboard-scorer@.service", "switchboard-updater.service",
    ]  # fmt: skip


@NEEDS_SYSTEMD
@pytest.mark.parametrize("unit", UNITS)
def test_systemd_finds_nothing_wrong(root, unit):
    run = analyze(root, "verify", str(root / "etc/systemd/system" / unit))
    # A key that there is not is told, and no failure of the command.
    assert (run.returncode, run.stdout + run.stderr) == (0, "")


@NEEDS_SYSTEMD
def test_a_key_that_there_is_not_would_be_found(root):
    unit = root / "etc/systemd/system/switchboard-wrong.service"
    unit.write_text("[Service]\nExecStart=/usr/local/bin/switchboard\nWatchdogSecs=3\n")
    assert "WatchdogSecs" in analyze(root, "verify", str(unit)).stderr
    unit.unlink()


@NEEDS_SYSTEMD
@pytest.mark.parametrize("unit", UNITS)
def test_units_may_do_little(root, unit):
    threshold = f"--threshold={ALLOWED_EXPOSURE * 10:.0f}"
    run = analyze(root, "security", "--offline=true", threshold, str(root / "etc/systemd/system" / unit))
    assert run.returncode == 0, run.stdout + run.stderr


@pytest.mark.skipif(
    shutil.which("systemd-sysusers") is None or os.geteuid() != 0, reason="that takes systemd-sysusers, and root"
)
def test_the_units_user_is_made(root, tmp_path):
    (tmp_path / "etc").mkdir()
    made = root / "etc/sysusers.d/switchboard.conf"
    subprocess.run(["systemd-sysusers", f"--root={tmp_path}", str(made)], check=True, timeout=60)
    names = [line.split(":")[0] for line in (tmp_path / "etc/passwd").read_text().splitlines()]
    assert "switchboard" in names
    common = (root / "etc/systemd/system/switchboard-.service.d/10-common.conf").read_text()
    assert "\nUser=switchboard\n" in common


@pytest.mark.parametrize("unit", UNITS)
def test_each_unit_has_its_config_and_its_folder(root, unit):
    text = (root / "etc/systemd/system" / unit).read_text()
    role = unit.removeprefix("switchboard-").removesuffix(".service").removesuffix("@")
    assert f" --config /etc/switchboard/{role}.yaml" in text
    assert f"StateDirectory=switchboard/{role}" in text
    config = CONFIGS[role]
    assert config.get("roles", "node") == role
    assert (root / "etc/switchboard" / f"{role}.yaml").is_file()
    if "data" in config:
        assert config["data"] == f"/var/lib/switchboard/{role}"


def test_roles_find_each_other_on_one_machine():
    listening = [port for role in ("updater", "gateway") for port in ports(CONFIGS[role]).values()]
    assert len(set(listening)) == len(listening), "on one machine ports have to differ"
    for role in ("updater", "gateway", "retriever", "scorer"):
        for host, port, key in elsewhere(CONFIGS[role]):
            owner = {"worker": "gateway", "index": "updater"}[ASKED[int(port)]]
            assert (host, key) == ("127.0.0.1", None) and int(port) in ports(CONFIGS[owner]).values()


def test_a_second_install_keeps_what_was_configured(root):
    config = root / "etc/switchboard/node.yaml"
    config.write_text("data: /srv\n")
    (root.parent / "models").mkdir(exist_ok=True)
    assert install(root, "--program", "/bin/false", SWITCHBOARD_CACHE=str(root.parent)).returncode == 0
    assert config.read_text() == "data: /srv\n"
    installed = root / "usr/local/bin/switchboard"
    assert installed.read_bytes() == pathlib.Path("/bin/false").read_bytes()


def test_what_is_missing_is_said(tmp_path):
    run = install(tmp_path, "--program", str(tmp_path / "none"), SWITCHBOARD_CACHE=str(tmp_path))
    assert run.returncode == 69 and "build it first" in run.stderr
    run = install(tmp_path, "--program", "/bin/true", SWITCHBOARD_CACHE=str(tmp_path))
    assert run.returncode == 69 and "deploy/setup" in run.stderr
    assert install(tmp_path, "--porgram", "/bin/true").returncode == 2
