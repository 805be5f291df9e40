"""Reads that name a record, over three replicas, while writers upsert, re-label, rename and remove: linearizable."""

import dataclasses
import time

from chaos.checks.history import LogModel, Read, Write, check
from chaos.cluster.cluster import Cluster
from chaos.cluster.witness import check_replicas
from chaos.load import asking
from chaos.load.calls import APPEND, CLASSIFY, OK, Calls, status_name
from chaos.load.changes import TEXTS, VERTICAL, Changes, text
from chaos.load.pairs import exemplar_id
from switchboard.v1 import call_pb2, common_pb2, index_pb2, router_pb2


@dataclasses.dataclass(frozen=True)
class Size:
    operations: int
    # A replica stands still for a moment after so many operations, so that it falls behind.
    pause_after: int


LONG, SHORT = Size(100_000, 2_000), Size(2_000, 400)

REPLICAS, READERS_EACH, WRITERS = 3, 3, 4
DEADLINE = 5.0

# Of the operations, at most; the other ones are reads. A writer has its turn sooner than a reader who waits for a record.
SHARE_OF_WRITES = 1 / 3

# Nothing was changed and the answer says so: a path that another writer renamed a moment ago.
LOST_RACE = {call_pb2.STATUS_CODE_NOT_FOUND, call_pb2.STATUS_CODE_ALREADY_EXISTS}
UNSURE = {None, call_pb2.STATUS_CODE_UNAVAILABLE, call_pb2.STATUS_CODE_DEADLINE_EXCEEDED,
          call_pb2.STATUS_CODE_RESOURCE_EXHAUSTED}


class Run:
    """Lanes, each with one operation under way."""

    def __init__(self, bench, cluster, size, encoder):
        self.bench, self.cluster, self.size = bench, cluster, size
        self.calls = Calls(bench.context, sockets_each=2)
        self.changes = Changes(bench.random, bench.seed, encoder)
        self.writes, self.reads, self.faults, self.unanswered = [], [], [], {}
        self.begun = self.begun_writes = self.resting_writers = self.pauses = self.renames = 0
        self.log_id, self.known = b"", 0
        self.first_began = {}

    def run(self):
        for _ in range(WRITERS):
            self._write()
        while not self.known:
            self._step()
        for replica in range(REPLICAS):
            for _ in range(READERS_EACH):
                self._read(replica)
        # Answered by whichever replica the shared gateway picks.
        self._read(None)
        paused, resumes, pauses_at = None, 0.0, self.begun + self.size.pause_after
        while len(self.calls):
            self._step()
            now = time.monotonic()
            if paused and now > resumes:
                paused.resume()
                paused = None
            elif not paused and self.begun >= pauses_at:
                pauses_at += self.size.pause_after
                paused = self.bench.random.choice(self.cluster.retrievers)
                resumes = now + self.bench.random.uniform(0.2, 1)
                paused.pause()
                self.pauses += 1
        if paused:
            paused.resume()

    def _step(self):
        for ended in self.calls.pump(0.02):
            if ended.tag[0] == "write":
                self._written(ended)
            else:
                self._answered(ended)

    def _more(self):
        return self.begun < self.size.operations

    def _may_write(self):
        return self.begun_writes < max(WRITERS, SHARE_OF_WRITES * self.begun)

    def _write(self, again=None):
        if again is None:
            if not self._more():
                return
            if not self._may_write():
                self.resting_writers += 1
                return
            self.begun += 1
            self.begun_writes += 1
        operation, request, renamed = again or self.changes.draw()
        self.first_began.setdefault(operation, time.monotonic())
        tag = "write", operation, request, renamed
        self.calls.open(self.cluster.updater.index, APPEND, request.SerializeToString(), 10, tag)

    def _written(self, ended):
        _, operation, request, renamed = ended.tag
        if ended.code == OK:
            receipt = index_pb2.AppendReceipt.FromString(ended.payload)
            self.changes.done(request, renamed)
            self.renames += renamed is not None
            self.log_id, self.known = receipt.position.log_id, max(self.known, receipt.position.seq)
            began = self.first_began.pop(operation)
            self.writes.append(Write(operation, began, ended.ended, receipt.first_seq, receipt.position.seq))
        elif ended.code in UNSURE:
            self.unanswered[status_name(ended.code)] = self.unanswered.get(status_name(ended.code), 0) + 1
            return self._write((operation, request, renamed))
        elif not (renamed and ended.code in LOST_RACE):
            self.faults.append(f"a write was answered with {status_name(ended.code)}: {ended.message}")
        return self._write()

    def _read(self, replica):
        if not self._more():
            return
        self.begun += 1
        words = text(self.bench.random.randrange(TEXTS))
        request = router_pb2.ClassifyRequest(
            text=words, verticals=[VERTICAL], llm=common_pb2.LLM_MODE_OFF, do_not_store=True, evidence=3
        )
        minimum = self.known if self.bench.random.random() < 0.7 else 0
        if minimum:
            request.min_position.log_id, request.min_position.seq = self.log_id, minimum
        shared, replicas = self.cluster.routers[0], self.cluster.retrievers
        target = shared if replica is None else self.cluster.router_of(replicas[replica])
        self.calls.open(target, CLASSIFY, request.SerializeToString(), DEADLINE, ("read", replica, words, minimum))

    def _answered(self, ended):
        _, replica, words, minimum = ended.tag
        if ended.code == OK:
            reply = router_pb2.ClassifyResponse.FromString(ended.payload)
            # What any reader has seen, the next may ask for at another replica.
            self.known = max(self.known, reply.position.seq)
            named = {(candidate.intent_id, candidate.intent.decode()) for candidate in reply.candidates}
            named |= {(reply.intent_id, reply.intent.decode())} if reply.intent_id else set()
            exact = reply.intent_id if reply.decided_by == router_pb2.DECIDED_BY_EXACT else None
            shown = tuple((evidence.query.decode(), evidence.intent.decode()) for evidence in reply.evidence)
            self.reads.append(
                Read(replica, ended.began, ended.ended, minimum, reply.position.seq, words.decode(), exact,
                     tuple(sorted(named)), shown)
            )
        elif ended.code in UNSURE:
            self.unanswered[status_name(ended.code)] = self.unanswered.get(status_name(ended.code), 0) + 1
            if ended.code is None:
                self.faults.append("a read had no answer at all two seconds after its deadline")
        else:
            self.faults.append(f"a read was answered with {status_name(ended.code)}: {ended.message}")
        self._read(replica)
        if self.resting_writers and self._may_write():
            self.resting_writers -= 1
            self._write()


def model_of(records):
    """The log of one vertical; what else stands in it counts as a place alone."""
    model = LogModel()
    for record in records:
        model.begin(record.seq, record.operation_id)
        fact = record.WhichOneof("fact")
        if fact == "exemplar_upserted":
            upserted = record.exemplar_upserted
            text = upserted.text.decode()
            model.upsert(record.seq, exemplar_id(upserted.vertical, text), text, upserted.intent.decode())
        elif fact == "exemplar_removed":
            model.remove(record.seq, record.exemplar_removed.exemplar_id)
        elif fact == "intent_renamed":
            model.rename(record.seq, record.intent_renamed.intent_id, record.intent_renamed.new_path.decode())
    return model


def run(bench, report, size):
    with Cluster(bench, retrievers=REPLICAS, addressable=True) as cluster:
        encoder = asking.encoder_id(bench.context, cluster.routers[0])
        run = Run(bench, cluster, size, encoder)
        run.run()
        run.calls.close()
        stats = asking.stats(bench.context, cluster.updater.index)
        model = model_of(asking.records(bench.context, cluster.updater.index))
        report.wrong(run.faults)
        report.wrong(check(model, run.writes, [read for read in run.reads if read.replica is not None]))
        report.wrong(check(model, [], [
            dataclasses.replace(read, replica=number) for number, read in enumerate(run.reads) if read.replica is None
        ]))
        if model.head != stats.position.seq:
            report.wrong(f"the log's head is {stats.position.seq}, and its last record {model.head}")
        report.wrong(check_replicas(cluster.retrievers, stats))
        if not run.changes.can_rename:
            report.skipped.append("renames: this version's Protos/ has none")
        if len(run.reads) < size.operations // 3:
            report.wrong(f"only {len(run.reads)} of {size.operations} operations were reads that were answered")
        report.figures |= {
            "operations": run.begun,
            "writes": len(run.writes),
            "reads": len(run.reads),
            "reads_with_a_record": sum(read.minimum > 0 for read in run.reads),
            "answered_by_an_equal_exemplar": sum(read.exact is not None for read in run.reads),
            "records": model.head,
            "pauses_of_a_replica": run.pauses,
            "renames": run.renames,
            "statuses": run.unanswered,
        }
