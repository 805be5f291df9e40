"""Bad input for the language model, through a socket and in its files: a clear error or a cut, and answers go on."""

import json
import math
import os
import pathlib
import subprocess
import urllib.request

import pytest
from conftest import PAIRS, ROOT, Node
from switchboard.v1 import call_pb2, common_pb2, index_pb2, router_pb2, scorer_pb2
from switchboard_client import CallError, ReqClient

CLASSIFY = "switchboard.v1.Router/Classify"
SCORE = "switchboard.v1.Scorer/Score"
PATIENCE_US = 60_000_000
# Of short syllables that no tokenizer has as one piece.
LONG_NAME = b"/".join(b"xq zv kj wq vx qj zx jv kq xw vz qk jx" for _ in range(4))
LONG_TEXT = b"a b c d e f g h " * 500


def append(address, context, operation, vertical, pairs):
    client = ReqClient(context, address, timeout_ms=60_000)
    batch = index_pb2.AppendRequest(
        operation_id=operation, source=b"tests", author=b"python", wait=index_pb2.WAIT_APPLIED
    )
    for text, intent in pairs:
        command = batch.commands.add()
        command.upsert.vertical = vertical
        command.upsert.text = text.encode()
        command.upsert.intent = intent if isinstance(intent, bytes) else intent.encode()
    receipt = client.call("switchboard.v1.Index/Append", batch, index_pb2.AppendReceipt, 30_000_000)
    client.close()
    return receipt


def classify(client, text, llm=common_pb2.LLM_MODE_ALWAYS, vertical="shop"):
    request = router_pb2.ClassifyRequest(text=text, verticals=[vertical], llm=llm)
    return client.call(CLASSIFY, request, router_pb2.ClassifyResponse, PATIENCE_US)


@pytest.fixture(scope="module")
def asked(filled, context):
    """A client of a node whose language model is attached, and answers afterwards as before."""
    node = filled[0]
    node.wait_for_metric('switchboard_workers{service="switchboard.v1.Scorer"}', 1)
    client = ReqClient(context, node.router, timeout_ms=90_000)
    yield client
    reply = classify(client, b"the courier never brought my package")
    assert len([candidate for candidate in reply.candidates if candidate.HasField("llm_logprob")]) > 1
    client.close()


def score(client, candidates, text=b"where did the parcel go"):
    request = scorer_pb2.ScoreRequest(
        text=text,
        pairs=[scorer_pb2.Pair(query=query.encode(), intent=intent.encode()) for query, intent in PAIRS],
        candidates=candidates,
    )
    return client.call(SCORE, request, scorer_pb2.ScoreResponse, PATIENCE_US)


def assert_scored(reply, count):
    assert len(reply.logprobs) == count
    assert all(math.isfinite(figure) and figure < 0 for figure in reply.logprobs)


def test_candidates_that_read_alike_get_the_same_score(asked):
    reply = score(asked, [b"card_lost", b"card-lost", b"card lost"])
    assert_scored(reply, 3)
    assert len(set(reply.logprobs)) == 1


def test_one_candidate_is_scored(asked):
    reply = score(asked, [b"delivery/lost"])
    assert_scored(reply, 1)
    assert not reply.truncated


def test_where_there_is_one_intent_only_nobody_asks(filled, asked, context):
    append(filled[0].index, context, b"one-intent", "single", [("hello there", "greeting"), ("good morning", "greeting")])
    reply = classify(asked, b"good evening", vertical="single")
    assert [candidate.intent for candidate in reply.candidates] == [b"greeting"]
    assert not reply.candidates[0].HasField("llm_logprob")
    assert reply.decided_by == router_pb2.DECIDED_BY_RETRIEVAL


def test_names_of_more_than_sixty_tokens_are_scored(filled, asked, context):
    assert_scored(score(asked, [LONG_NAME, LONG_NAME + b"/end", b"short"]), 3)
    pairs = [("the pump leaks", LONG_NAME), ("the pump is loud", LONG_NAME + b"/end")]
    append(filled[0].index, context, b"long-names", "pumps", pairs)
    reply = classify(asked, b"my pump makes a noise", vertical="pumps")
    assert {candidate.intent for candidate in reply.candidates} == {LONG_NAME, LONG_NAME + b"/end"}
    assert all(candidate.HasField("llm_logprob") for candidate in reply.candidates)


def test_an_utterance_of_4000_tokens_is_cut_and_says_so(asked):
    reply = score(asked, [b"delivery/lost", b"refund/ask"], LONG_TEXT)
    assert_scored(reply, 2)
    assert reply.truncated
    assert 0 < reply.prompt_tokens < 2_048
    answer = classify(asked, LONG_TEXT)
    assert answer.truncated
    assert answer.decided_by != router_pb2.DECIDED_BY_DEGRADED


@pytest.mark.parametrize("count", [0, 65])
def test_no_candidate_and_too_many_are_refused(asked, count):
    with pytest.raises(CallError) as error:
        score(asked, [b"intent %d" % number for number in range(count)])
    assert error.value.code == call_pb2.STATUS_CODE_INVALID_ARGUMENT


def test_what_ships_belongs_together_and_is_asked(asked):
    """The shipped policy names the very models that serve; with other ids it would be passed over."""
    policy = json.loads((ROOT / "deploy/models/switchboard-policy.json").read_text())
    ids = score(asked, [b"refund/ask"])
    assert policy["llm"]["base_model_id"] == ids.base_model_id.hex()
    assert policy["llm"]["adapter_id"] == ids.adapter_id.hex()
    assert policy["llm"]["prompt_id"] == ids.prompt_id.hex()
    # Of nobody's choice: the mode is the shipped policy's.
    reply = classify(asked, b"i want my parcel back", llm=common_pb2.LLM_MODE_UNSPECIFIED)
    assert reply.policy_seq > 0
    assert reply.decided_by == router_pb2.DECIDED_BY_LLM


def test_a_policy_for_other_models_is_passed_over(filled, asked, context):
    append(filled[0].index, context, b"policy-pairs", "policies", PAIRS)
    text = b"i want my parcel back"
    before = classify(asked, text, vertical="policies")
    assert before.decided_by == router_pb2.DECIDED_BY_LLM
    # With it nothing would be familiar, and the language model's word would not count.
    other = bytes([9]) * 32
    batch = index_pb2.AppendRequest(
        operation_id=b"other-policy", source=b"tests", author=b"python", wait=index_pb2.WAIT_APPLIED
    )
    command = batch.commands.add().set_policy
    command.scope = "policies"
    command.policy.retrieval.CopyFrom(
        common_pb2.RetrievalPolicy(
            encoder_id=other, k=1, vote_temperature=0.05, min_familiarity=9, route_score=9, clarify_margin=9
        )
    )
    command.policy.llm.CopyFrom(
        common_pb2.LlmPolicy(
            base_model_id=score(asked, [b"refund/ask"]).base_model_id, adapter_id=other, prompt_id=other, vote_weight=1, llm_weight=0
        )
    )
    client = ReqClient(context, filled[0].index, timeout_ms=60_000)
    client.call("switchboard.v1.Index/Append", batch, index_pb2.AppendReceipt, 30_000_000)
    client.close()
    after = classify(asked, text, vertical="policies")
    assert after.outcome == before.outcome
    assert after.decided_by == router_pb2.DECIDED_BY_LLM
    assert after.policy_seq == before.policy_seq
    assert [each.intent for each in after.candidates] == [each.intent for each in before.candidates]


def models_folder():
    cache = os.environ.get("SWITCHBOARD_CACHE")
    return pathlib.Path(cache or os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache").joinpath(
        *([] if cache else ["switchboard"]), "models"
    )


def damaged(kind, folder):
    """Options of a node whose language model cannot be used, and what is said of it."""
    adapter = (ROOT / "deploy/models/switchboard-scorer.gguf").read_bytes()
    path = folder / "damaged.gguf"
    if kind == "cut model":
        whole = models_folder() / "SmolLM2-135M-Instruct.Q8_0.gguf"
        with whole.open("rb") as file:
            path.write_bytes(file.read(whole.stat().st_size // 2))
        return ["--scorer", str(path)], str(path)
    if kind == "no model":
        path.write_bytes(b"GGUF" + bytes(range(256)) * 40)
        return ["--scorer", str(path)], str(path)
    if kind == "cut adapter":
        path.write_bytes(adapter[: len(adapter) // 2])
    else:
        # The first of the file's strings: of which kind the model is.
        place = adapter.index(b"llama", adapter.index(b"general.architecture"))
        path.write_bytes(adapter[:place] + b"gemma" + adapter[place + 5 :])
    return ["--adapter", str(path)], str(path)


@pytest.mark.parametrize("kind", ["cut model", "no model", "cut adapter", "another model's adapter"])
def test_a_damaged_file_leaves_retrieval(request, tmp_path, context, kind):
    options, path = damaged(kind, tmp_path)
    node = Node(request.config.getoption("--switchboard"), tmp_path, "--threads", "1", *options)
    try:
        assert append(node.index, context, b"pairs", "shop", PAIRS).added == len(PAIRS)
        client = ReqClient(context, node.router)
        reply = classify(client, b"the courier never brought my package")
        assert reply.candidates[0].intent == b"delivery/lost"
        assert reply.decided_by == router_pb2.DECIDED_BY_DEGRADED
        client.close()
        with urllib.request.urlopen(f"http://{node.http}/readyz", timeout=10) as answer:
            assert any(path in note for note in json.load(answer)["notes"])
    finally:
        assert node.stop() == 0


def test_a_scorer_by_itself_is_refused_with_such_a_file(request, tmp_path):
    options, path = damaged("another model's adapter", tmp_path)
    refuse(request, [*options, "--roles", "scorer", "--connect", "tcp://127.0.0.1:1"], tmp_path, path)


def test_a_training_set_is_counted(request, tmp_path):
    labelled, made = tmp_path / "pairs.jsonl", tmp_path / "examples.jsonl"
    labelled.write_text("".join(json.dumps({"text": text, "intent": intent}) + "\n" for text, intent in PAIRS))
    command = [request.config.getoption("--switchboard"), "training-set", str(labelled), "--for", "encoder"]
    done = subprocess.run([*command, "--out", str(made), "--json"], capture_output=True, check=True, timeout=120)
    assert json.loads(done.stdout) == {"file": str(made), "for": "encoder", "examples": len(PAIRS)}
    assert len(made.read_text().splitlines()) == len(PAIRS)


def test_a_file_that_is_not_there_is_refused(request, tmp_path):
    path = str(tmp_path / "nowhere.gguf")
    refuse(request, ["--adapter", path], tmp_path, path)


def refuse(request, options, folder, path):
    ended = subprocess.run(
        [
            request.config.getoption("--switchboard"), "node", "--data", str(folder / "data"), "--listen",
            "tcp://127.0.0.1:0", *options,
        ],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode not in (0, -11)
    assert path in ended.stderr
