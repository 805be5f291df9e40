"""A node tells systemd, by sd_notify's protocol, when it serves, that it lives, and when it stops."""

import os
import socket
import subprocess

import pytest


@pytest.fixture(params=["path", "abstract"])
def supervisor(request, tmp_path):
    """A socket as systemd opens one, and what NOTIFY_SOCKET says of it."""
    name = f"switchboard-{os.getpid()}-{request.param}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.settimeout(60)
        written = f"@{name}" if request.param == "abstract" else str(tmp_path / "n")
        listener.bind(f"\0{name}" if request.param == "abstract" else written)
        yield listener, written


def test_a_node_tells_its_supervisor_how_it_does(request, supervisor, tmp_path):
    listener, written = supervisor
    command = [
        request.config.getoption("--switchboard"), "node", "--data", str(tmp_path / "data"),
        "--listen", "tcp://127.0.0.1:0", "--scorer", "none",
    ]  # fmt: skip
    environment = {**os.environ, "NOTIFY_SOCKET": written, "WATCHDOG_USEC": "100000"}
    with open(tmp_path / "log", "w") as log:
        node = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=log)
        try:
            words = []
            while "READY=1" not in words or words[-1] != "WATCHDOG=1":
                words += listener.recv(4096).decode().splitlines()
            assert "STOPPING=1" not in words
            node.terminate()
            while "STOPPING=1" not in words:
                words += listener.recv(4096).decode().splitlines()
            assert node.wait(timeout=30) == 0
        finally:
            node.kill()
            node.wait()
    statuses = [word for word in words if word.startswith("STATUS=")]
    assert statuses[-1] == "STATUS=finishing what is in flight"
    assert any("serving as clusterer, gateway" in status for status in statuses)


def test_a_node_starts_where_no_supervisor_listens(request, tmp_path):
    command = [
        request.config.getoption("--switchboard"), "node", "--data", str(tmp_path / "data"),
        "--listen", "tcp://127.0.0.1:0", "--scorer", "none",
    ]  # fmt: skip
    environment = {**os.environ, "NOTIFY_SOCKET": str(tmp_path / "nobody")}
    with open(tmp_path / "log", "w") as log:
        node = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=log, text=True)
        try:
            assert node.stdout.readline(), (tmp_path / "log").read_text()
            node.terminate()
            assert node.wait(timeout=30) == 0
        finally:
            node.kill()
            node.wait()
    assert "could not be told" in (tmp_path / "log").read_text()
