"""A node that takes clients with keys only, from Python and from the command."""

import json
import os
import subprocess
import time

import pytest
import zmq
from conftest import Node
from switchboard_client import CallError, KeyFile, ReqClient


@pytest.fixture(scope="module")
def keyed(request, tmp_path_factory):
    """A gateway and updater with a first admin, and a function that runs the command beside them."""
    folder = tmp_path_factory.mktemp("keyed")
    command = request.config.getoption("--switchboard")
    data = folder / "data"

    def run(*words, fails=False):
        environment = {name: value for name, value in os.environ.items() if not name.startswith("SWITCHBOARD_")}
        done = subprocess.run([command, *words], capture_output=True, text=True, env=environment, timeout=60)
        assert (done.returncode != 0) == fails, done.stderr
        return done

    made = json.loads(run("keys", "generate", "--role", "admin", "--data", str(data), "--json").stdout)
    node = subprocess.Popen(
        [
            command, "node", "--roles", "gateway", "updater", "--data", str(data), "--listen", "tcp://127.0.0.1:0",
            "--listen", "http=none", "--json",
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    bound = json.loads(node.stdout.readline())
    place = ["--connect", bound["router"][0], "--updater", bound["index"][0], "--key", made["file"]]
    yield folder, bound, made, run, place
    node.terminate()
    assert node.wait(timeout=30) == 0


def stats(context, address, key, timeout_ms=5_000):
    from switchboard.v1 import index_pb2

    client = ReqClient(context, address, timeout_ms=timeout_ms, key=key)
    try:
        return client.call("switchboard.v1.Index/Stats", index_pb2.StatsRequest(), index_pb2.StatsResponse)
    finally:
        client.close()


def test_the_first_admin_gets_in_and_nobody_else_does(keyed, context):
    _, bound, made, _, _ = keyed
    address = bound["index"][0]
    assert address.endswith("#" + made["node_public_key"])
    admin = KeyFile(made["file"])
    assert stats(context, address, admin).position.seq >= 1
    stranger = KeyFile(made["file"])
    stranger.public, stranger._secret = zmq.curve_keypair()
    with pytest.raises(zmq.Again):
        stats(context, address, stranger, timeout_ms=500)
    with pytest.raises(zmq.Again):
        stats(context, address.partition("#")[0], None, timeout_ms=500)


def test_a_key_is_added_limited_and_revoked(keyed, context):
    folder, bound, made, run, place = keyed
    file = str(folder / "web.key")
    half = json.loads(run("keys", "generate", "--out", file, "--json").stdout)["public_key"]
    assert (folder / "web.key").stat().st_mode & 0o777 == 0o600
    run("keys", "add", "web", "--role", "publish", "--vertical", "shop", "--public-key", half, *place)
    key = KeyFile(file)
    assert key.public.decode() == half
    assert stats(context, bound["index"][0], key).epoch >= 1

    listed = [json.loads(line) for line in run("keys", "list", "--json", *place).stdout.splitlines()]
    assert [(entry["name"], entry["roles"], entry["verticals"]) for entry in listed] == [
        ("admin", ["admin"], []),
        ("web", ["publish"], ["shop"]),
    ]
    # A publisher is no admin.
    own = [*place[:4], "--key", file]
    assert "PERMISSION_DENIED" in run("keys", "list", *own, fails=True).stderr

    from switchboard.v1 import call_pb2, index_pb2

    client = ReqClient(context, bound["index"][0], key=key)
    request = index_pb2.StatsRequest()
    client.call("switchboard.v1.Index/Stats", request, index_pb2.StatsResponse)
    run("keys", "revoke", "web", *place)
    # The connection lives on, and nothing that comes over it is answered.
    with pytest.raises(CallError) as failure:
        client.call("switchboard.v1.Index/Stats", request, index_pb2.StatsResponse)
    assert failure.value.code == call_pb2.STATUS_CODE_UNAUTHENTICATED
    client.close()
    assert "last admin" in run("keys", "revoke", "admin", *place, fails=True).stderr


def test_who_is_not_let_in_hears_what_to_do(request, keyed, tmp_path):
    _, bound, _, run, place = keyed
    file = str(tmp_path / "stranger.key")
    half = json.loads(run("keys", "generate", "--out", file, "--json").stdout)["public_key"]
    advice = f"switchboard keys add NAME --role ROLE --public-key '{half}'"
    gateway = place[1]
    refused = run("classify", "hello", "--connect", gateway, "--connect", gateway, "--key", file, fails=True).stderr
    assert f"{gateway.split('#')[0]} does not let this command in" in refused and advice in refused
    node = Node(
        request.config.getoption("--switchboard"), tmp_path, "--roles", "gateway", "--key", file, "--updater",
        bound["index"][0], waits=False,
    )
    deadline = time.monotonic() + 60
    while "this node is not let in" not in (tmp_path / "node.log").read_text():
        assert time.monotonic() < deadline, (tmp_path / "node.log").read_text()
        time.sleep(0.05)
    assert node.stop() == 0
    told = [line for line in (tmp_path / "node.log").read_text().splitlines() if "this node is not let in" in line]
    assert len(told) == 1 and advice in told[0] and bound["index"][0].split("#")[0] in told[0]


def test_an_admins_key_in_the_environment_is_not_the_nodes(request, keyed, tmp_path):
    _, _, _, run, _ = keyed
    command = request.config.getoption("--switchboard")
    data = ["--roles", "gateway", "updater", "--data", str(tmp_path / "data")]
    made = json.loads(run("keys", "generate", "--role", "admin", *data[3:], "--json").stdout)
    environment = {**os.environ, "SWITCHBOARD_KEY": made["file"]}

    def start(*words, log):
        return subprocess.Popen(
            [command, "node", *data, "--listen", "tcp://127.0.0.1:0", "--listen", "http=none", "--json", *words],
            stdout=subprocess.PIPE, stderr=log, text=True, env=environment,
        )

    with open(tmp_path / "node.log", "w", encoding="utf-8") as log:
        node = start(log=log)
        bound = json.loads(node.stdout.readline())
    assert bound["router"][0].endswith("#" + made["node_public_key"])
    assert (tmp_path / "node.log").read_text().count("SWITCHBOARD_KEY") == 1
    places = [f"{name}={bound[name][0].split('#')[0]}" for name in ("router", "worker", "index")]
    listen = [word for place in [*places, "http=none"] for word in ("--listen", place)]
    told = subprocess.run(
        [command, "doctor", *data, *listen], capture_output=True, text=True, env=environment, timeout=120
    )
    assert told.returncode == 0, told.stdout + told.stderr
    assert told.stdout.count("the node answers") == 3
    node.terminate()
    assert node.wait(timeout=30) == 0

    # Said on purpose it is refused.
    with open(tmp_path / "refused.log", "w+", encoding="utf-8") as log:
        assert start("--key", made["file"], log=log).wait(timeout=30) != 0
    refused = (tmp_path / "refused.log").read_text()
    assert made["file"] in refused and "keys/node.key" in refused and "leave --key out" in refused


def test_secrets_stay_in_their_files(keyed):
    folder, _, made, _, _ = keyed
    secret = next(line for line in open(made["file"], encoding="ascii") if line.startswith("secret: "))[8:].strip()
    written = [path for path in folder.rglob("*") if path.is_file() and path.suffix != ".key"]
    assert any(path.name == "audit.jsonl" for path in written)
    for path in written:
        assert secret.encode() not in path.read_bytes(), path
    assert secret not in json.dumps(made)
