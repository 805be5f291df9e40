"""Questions whose right answers are known, from the demonstration's utterances (deploy/demo-data)."""

import dataclasses
import itertools
import json

from chaos.checks.answers import Answer, Equal, Leading, Scores
from chaos.load import asking
from chaos.load.calls import CLASSIFY, SCORE
from chaos.protos import ROOT
from switchboard.v1 import common_pb2, index_pb2, router_pb2, scorer_pb2

VERTICAL = "orders"
# Between the first and the second candidate's score: below it rounding may turn them round.
CLEAR_LEAD = 0.15


@dataclasses.dataclass(frozen=True)
class Question:
    method: str
    text: str
    payload: bytes
    expected: object


def utterances(name):
    """(text, intent) of a file of deploy/demo-data."""
    lines = (ROOT / "deploy" / "demo-data" / name).read_text().splitlines()
    return [(row["text"], row["intent"]) for row in map(json.loads, lines)]


def load_orders(context, index, limit, name="orders", key=None):
    """Appends the first of the demonstration's pairs without vectors, once each. Returns text to intent."""
    pairs = dict(itertools.islice(dict(utterances("orders.train.jsonl")).items(), limit))
    listed = list(pairs.items())
    for start in range(0, len(listed), 100):
        request = index_pb2.AppendRequest(
            operation_id=f"{name}-{start}".encode(), source=b"chaos", author=b"deploy/chaos",
            wait=index_pb2.WAIT_APPLIED,
        )
        for text, intent in listed[start:start + 100]:
            upsert = request.commands.add().upsert
            upsert.vertical, upsert.text, upsert.intent = VERTICAL, text.encode(), intent.encode()
        asking.append(context, index, request, 60, key)
    return pairs


def classify_payload(text):
    # Without the language model: the answer is to be the same every time.
    return router_pb2.ClassifyRequest(
        text=text.encode(), verticals=[VERTICAL], llm=common_pb2.LLM_MODE_OFF, do_not_store=True
    ).SerializeToString()


def answer(question, payload):
    if question.method == SCORE:
        return Answer(logprobs=tuple(scorer_pb2.ScoreResponse.FromString(payload).logprobs))
    reply = router_pb2.ClassifyResponse.FromString(payload)
    leader = reply.candidates[0].intent.decode() if reply.candidates else ""
    return Answer(reply.text.decode(), leader, reply.decided_by == router_pb2.DECIDED_BY_EXACT)


def equal_questions(pairs):
    """One for each exemplar. Its text comes back with single spaces; those of the demonstration have no others."""
    return [Question(CLASSIFY, text, classify_payload(text), Equal(intent)) for text, intent in pairs.items()]


def leading_questions(context, router, pairs, limit):
    """Utterances that are no exemplars, with the answer that a calm cluster gives, where its lead is clear."""
    questions = []
    for text, _ in utterances("orders.test.jsonl")[:limit]:
        if text in pairs:
            continue
        request = router_pb2.ClassifyRequest.FromString(classify_payload(text))
        reply = asking.ask(context, router, CLASSIFY, request, router_pb2.ClassifyResponse)
        scores = [candidate.score for candidate in reply.candidates[:2]]
        if reply.decided_by != router_pb2.DECIDED_BY_EXACT and len(scores) == 2 and scores[0] - scores[1] > CLEAR_LEAD:
            expected = Leading(reply.candidates[0].intent.decode())
            questions.append(Question(CLASSIFY, text, classify_payload(text), expected))
    return questions


def score_questions(context, router, pairs, count):
    """Short questions to the language model with the answers of a calm cluster."""
    questions, intents = [], sorted(set(pairs.values()))
    for number, (text, _) in enumerate(utterances("orders.test.jsonl")[:count]):
        candidates = [intent.encode() for intent in intents[number:number + 3]]
        request = scorer_pb2.ScoreRequest(text=text.encode(), candidates=candidates)
        reply = asking.ask(context, router, SCORE, request, scorer_pb2.ScoreResponse, 60)
        expected = Scores(tuple(reply.logprobs))
        questions.append(Question(SCORE, text, request.SerializeToString(), expected))
    return questions
