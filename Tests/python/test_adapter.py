"""What deploy/train wrote, in a node: run by `deploy/test --train`, which makes it first."""

import hashlib
import math
import pathlib

import pytest
from conftest import PAIRS, Node
from switchboard.v1 import scorer_pb2
from switchboard_client import ReqClient


@pytest.fixture(scope="module")
def adapter(request):
    path = request.config.getoption("--adapter")
    if not path:
        pytest.skip("no --adapter")
    return pathlib.Path(path)


def score(request, folder, context, *arguments):
    """What a node with these arguments makes of one question."""
    node = Node(request.config.getoption("--switchboard"), folder, *arguments)
    client = ReqClient(context, node.router, timeout_ms=60_000)
    question = scorer_pb2.ScoreRequest(
        text=b"the driver must have mislaid my parcel",
        pairs=[scorer_pb2.Pair(query=text.encode(), intent=intent.encode()) for text, intent in PAIRS],
        candidates=sorted({intent.encode() for _, intent in PAIRS}),
    )
    try:
        return client.call("switchboard.v1.Scorer/Score", question, scorer_pb2.ScoreResponse, 30_000_000)
    finally:
        client.close()
        assert node.stop() == 0


def test_a_trained_adapter_changes_the_scores(request, tmp_path_factory, context, adapter):
    plain = score(request, tmp_path_factory.mktemp("plain"), context, "--adapter", "none")
    trained = score(request, tmp_path_factory.mktemp("trained"), context, "--adapter", str(adapter))
    assert plain.adapter_id == b""
    assert trained.adapter_id == hashlib.sha256(adapter.read_bytes()).digest()
    assert trained.base_model_id == plain.base_model_id
    assert all(math.isfinite(figure) and figure < 0 for figure in trained.logprobs)
    differences = [abs(one - other) for one, other in zip(plain.logprobs, trained.logprobs, strict=True)]
    assert max(differences) > 0.01
