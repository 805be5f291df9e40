"""A publisher who sends each operation until it is acknowledged, whatever happens to the nodes meanwhile."""

import time

from chaos.checks.ledger import Receipt
from chaos.load.calls import APPEND, OK, Calls, status_name
from chaos.load.logged import entry_of
from chaos.load.pairs import append_request, make_pair
from switchboard.v1 import call_pb2, index_pb2

# An append that failed so may have been written: it is sent again with its operation id.
UNSURE = {None, call_pb2.STATUS_CODE_UNAVAILABLE, call_pb2.STATUS_CODE_DEADLINE_EXCEEDED,
          call_pb2.STATUS_CODE_RESOURCE_EXHAUSTED, call_pb2.STATUS_CODE_CANCELLED}


class Publisher:
    """Sends operations at a steady pace and each of them until it is acknowledged, and now and then once more.

    `encoder`: of the pairs' own vectors; None: the node has them made. `told`: called at the first receipt with the
    operation and when it was sent first, in seconds of time.time().
    """

    MOST_OPEN = 48
    REPEATED = 0.02

    def __init__(
        self, bench, index, encoder, ledger, pairs_per_second, pairs_each, key=None, told=lambda operation, began: None
    ):
        self.bench, self.index, self.encoder, self.ledger = bench, index, encoder, ledger
        self.pairs_per_second, self.pairs_each, self.told = pairs_per_second, pairs_each, told
        self.calls = Calls(bench.context, key=key)
        self.author = b"" if key else b"deploy/chaos"
        self.payloads, self.began, self.again, self.faults = {}, {}, [], []
        self.number, self.next = 0, time.monotonic()

    def step(self, sends=True):
        """Sends what is due and takes receipts. Returns how many came."""
        now = time.monotonic()
        while sends and now >= self.next and len(self.calls) < self.MOST_OPEN:
            self.next = max(self.next + self.pairs_each / self.pairs_per_second, now - 0.5)
            self._send(self.again.pop() if self.again else self._make())
        return sum(self._take(ended) for ended in self.calls.pump(0.005))

    def _make(self):
        first = self.number * self.pairs_each
        operation = f"op-{self.bench.seed}-{self.number}".encode()
        pairs = [make_pair(self.bench.seed, first + place) for place in range(self.pairs_each)]
        self.number += 1
        self.ledger.send(operation, [entry_of(pair, self.encoder is not None) for pair in pairs])
        request = append_request(operation, pairs, self.encoder, author=self.author)
        self.payloads[operation] = request.SerializeToString()
        self.began[operation] = time.time()
        return operation

    def _send(self, operation):
        self.calls.open(self.index, APPEND, self.payloads[operation], 10, operation)

    def _take(self, ended):
        operation = ended.tag
        if ended.code == OK:
            receipt = index_pb2.AppendReceipt.FromString(ended.payload)
            self.ledger.acknowledge(operation, Receipt(receipt.first_seq, receipt.position.seq))
            if operation in self.began:
                self.told(operation, self.began.pop(operation))
            if self.bench.random.random() < self.REPEATED:
                self.again.append(operation)
            else:
                self.payloads.pop(operation, None)
            return 1
        if ended.code in UNSURE:
            self.again.append(operation)
        else:
            self.faults.append(f"an append was answered with {status_name(ended.code)}: {ended.message}")
        return 0

    def lose(self):
        """The updater is dead: its connection goes, and what was open is unsure."""
        for ended in self.calls.forget(self.index):
            self._take(ended)

    def finish(self, limit):
        """Until everything that was sent is acknowledged."""
        deadline = time.monotonic() + limit
        while (self.again or len(self.calls)) and time.monotonic() < deadline:
            if self.again and len(self.calls) < self.MOST_OPEN:
                self._send(self.again.pop())
            self.step(sends=False)
        return not self.again and not len(self.calls)

    def end(self, report):
        """Lets what was sent be acknowledged, and tells what was wrong with the replies."""
        if not self.finish(60):
            report.wrong("operations were not acknowledged within a minute after the last fault")
        report.wrong(self.faults)
        if self.calls.strays:
            report.wrong(f"{self.calls.strays} appends had a second reply")
        self.calls.close()
