"""What `deploy/train namer` wrote, in a node: run by `deploy/test --train`, which makes it first."""

import hashlib
import pathlib

import pytest
from conftest import Node
from switchboard.v1 import scorer_pb2
from switchboard_client import ReqClient

UTTERANCES = [b"where is my parcel", b"track my parcel please", b"has my parcel been sent"]
WORDS = [b"parcel", b"delivery"]


@pytest.fixture(scope="module")
def namer(request):
    path = request.config.getoption("--namer")
    if not path:
        pytest.skip("no --namer")
    return pathlib.Path(path)


def ask(request, folder, context, *arguments):
    """A name, a judgement and a score by a node with these arguments."""
    node = Node(request.config.getoption("--switchboard"), folder, *arguments)
    client = ReqClient(context, node.router, timeout_ms=60_000)
    try:
        return (
            client.call(
                "switchboard.v1.Scorer/Name",
                scorer_pb2.NameRequest(utterances=UTTERANCES, words=WORDS),
                scorer_pb2.NameResponse,
                30_000_000,
            ),
            client.call(
                "switchboard.v1.Scorer/Judge",
                scorer_pb2.JudgeRequest(utterances=UTTERANCES),
                scorer_pb2.JudgeResponse,
                30_000_000,
            ),
            client.call(
                "switchboard.v1.Scorer/Score",
                scorer_pb2.ScoreRequest(text=UTTERANCES[0], candidates=[b"track-parcel", b"refund"]),
                scorer_pb2.ScoreResponse,
                30_000_000,
            ),
        )
    finally:
        client.close()
        assert node.stop() == 0


def test_an_adapter_for_names_names_and_leaves_scores_alone(request, tmp_path_factory, context, namer):
    plain = ask(request, tmp_path_factory.mktemp("plain"), context, "--adapter", "none", "--namer", "none")
    trained = ask(request, tmp_path_factory.mktemp("trained"), context, "--adapter", "none", "--namer", str(namer))
    words = trained[0].name.split(b"-")
    assert 2 <= len(words) <= 5
    assert set(words[1:]) <= set(WORDS)
    assert trained[0].tokens > 100
    digest = hashlib.sha256(namer.read_bytes()).digest()
    assert trained[0].adapter_id == trained[1].adapter_id == digest
    assert plain[0].adapter_id == trained[2].adapter_id == b""
    assert 0 <= trained[1].good <= 1
    assert trained[1].good != plain[1].good
    assert list(trained[2].logprobs) == list(plain[2].logprobs)
