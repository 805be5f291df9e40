"""Starts a real node for the tests, with the Python classes made from Protos/ beside it."""

import json
import pathlib
import subprocess
import time
import urllib.error
import urllib.request

import pytest
import zmq
from chaos import protos

ROOT = pathlib.Path(__file__).resolve().parents[2]


def pytest_addoption(parser):
    parser.addoption("--switchboard", default=str(ROOT / ".build/debug/switchboard"), help="the command to test")
    parser.addoption("--adapter", help="an adapter that deploy/train made")
    parser.addoption("--namer", help="an adapter for names that deploy/train made")


def pytest_configure(config):
    protos.make()


class Node:
    """A node process on ports that the system picked."""

    def __init__(self, command, folder, *arguments, waits=True):
        self.log = open(folder / "node.log", "w")
        self.process = subprocess.Popen(
            [
                command, "node", "--data", str(folder / "data"), "--listen", "tcp://127.0.0.1:0", "--json",
                "--log-level", "debug", *arguments,
            ],
            stdout=subprocess.PIPE,
            stderr=self.log,
            text=True,
        )
        line = self.process.stdout.readline()
        assert line, (folder / "node.log").read_text()
        bound = json.loads(line)
        # A node listens only for the roles that it plays.
        self.router, self.worker, self.index, self.discovery = (
            next(iter(bound[name]), None) for name in ("router", "worker", "index", "discovery")
        )
        self.http = bound.get("http")
        if waits:
            self.wait_until_ready()

    def wait_until_ready(self):
        """As a router's supervisor would: asks /readyz until a Classify would be answered."""
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                with urllib.request.urlopen(f"http://{self.http}/readyz", timeout=5) as answer:
                    if answer.status == 200:
                        return
            except urllib.error.HTTPError:
                pass
            time.sleep(0.05)
        raise AssertionError("the node did not become ready within a minute")

    def readiness(self):
        """What /readyz says, whether it is good or not."""
        try:
            with urllib.request.urlopen(f"http://{self.http}/readyz", timeout=10) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            return json.load(error)

    def metric(self, name):
        """The sum of a metric's series whose lines begin with the name, labels and all."""
        with urllib.request.urlopen(f"http://{self.http}/metrics", timeout=5) as answer:
            lines = answer.read().decode().splitlines()
        return sum(float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith(name))

    def wait_for_metric(self, name, value):
        deadline = time.monotonic() + 60
        while self.metric(name) != value:
            assert time.monotonic() < deadline, f"{name} is {self.metric(name)} after a minute, not {value}"
            time.sleep(0.05)

    def stop(self):
        self.process.terminate()
        code = self.process.wait(timeout=30)
        self.log.close()
        return code


@pytest.fixture(scope="session")
def node(request, tmp_path_factory):
    node = Node(request.config.getoption("--switchboard"), tmp_path_factory.mktemp("node"))
    yield node
    assert node.stop() == 0


@pytest.fixture(scope="session")
def context():
    context = zmq.Context()
    yield context
    context.destroy(linger=0)


PAIRS = [
    ("my parcel never showed up", "delivery/lost"),
    ("the courier lost my package", "delivery/lost"),
    ("where is the box you shipped last week", "delivery/track"),
    ("can you tell me when it arrives", "delivery/track"),
    ("i want my money back", "refund/ask"),
    ("please refund the broken kettle", "refund/ask"),
    ("i forgot my password", "account/password"),
    ("cannot log in any more", "account/password"),
]


@pytest.fixture(scope="session")
def filled(node, context):
    """The node with a few pairs in its index."""
    from switchboard.v1 import index_pb2
    from switchboard_client import ReqClient

    client = ReqClient(context, node.index, timeout_ms=60_000)
    request = index_pb2.AppendRequest(
        operation_id=b"first-pairs", source=b"tests", author=b"python", wait=index_pb2.WAIT_APPLIED
    )
    for text, intent in PAIRS:
        command = request.commands.add()
        command.upsert.vertical = "shop"
        command.upsert.text = text.encode()
        command.upsert.intent = intent.encode()
    receipt = client.call("switchboard.v1.Index/Append", request, index_pb2.AppendReceipt, 30_000_000)
    assert receipt.added == len(PAIRS)
    client.close()
    return node, receipt
