"""An all-in-one node, and somebody who appends to it batch after batch and remembers what he was told."""

from chaos.checks.ledger import Ledger, Receipt
from chaos.cluster.process import NodeProcess
from chaos.load import asking
from chaos.load.calls import CLASSIFY, status_name
from chaos.load.logged import check_log, entry_of
from chaos.load.pairs import append_request, make_pair
from switchboard.v1 import common_pb2, router_pb2
from switchboard_client import CallError

BATCH = 50


def all_in_one(bench, name, data=None):
    return NodeProcess(
        bench.switchboard, bench.folder, name, ["gateway", "retriever", "updater"], ["--threads", "1"], data=data
    )


class Writer:
    """Appends batch after batch to an all-in-one node and keeps the ledger."""

    def __init__(self, bench, node):
        self.bench, self.node = bench, node
        self.ledger, self.number = Ledger(), 0
        self.encoder = None

    def append(self):
        """Appends the next batch. Returns the status' name."""
        self.encoder = self.encoder or asking.encoder_id(self.bench.context, self.node.router)
        pairs = [self.pair(self.number * BATCH + place) for place in range(BATCH)]
        operation = f"disk-{self.bench.seed}-{self.number}".encode()
        self.number += 1
        self.ledger.send(operation, [entry_of(pair) for pair in pairs])
        try:
            receipt = asking.append(self.bench.context, self.node.index, append_request(operation, pairs, self.encoder))
        except CallError as error:
            self.ledger.refuse(operation)
            return status_name(error.code)
        self.ledger.acknowledge(operation, Receipt(receipt.first_seq, receipt.position.seq))
        return "OK"

    def pair(self, number):
        return make_pair(self.bench.seed, number)

    def knows(self, number):
        """Whether a Classify of this pair's text is decided by the pair."""
        pair = self.pair(number)
        request = router_pb2.ClassifyRequest(text=pair.text.encode(), llm=common_pb2.LLM_MODE_OFF, do_not_store=True)
        reply = asking.ask(self.bench.context, self.node.router, CLASSIFY, request, router_pb2.ClassifyResponse, 10)
        return reply.decided_by == router_pb2.DECIDED_BY_EXACT and reply.intent.decode() == pair.intent

    def check(self):
        return check_log(self.bench.context, self.node.index, self.ledger)


def expect(wanted, got, what):
    if got != wanted:
        yield f"{what} was answered with {got}, not {wanted}"
