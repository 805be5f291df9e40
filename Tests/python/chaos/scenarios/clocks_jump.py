"""The clocks of nodes jump by hours, alone and together, while calls and updates go on: nobody notices."""

import dataclasses
import datetime
import email.utils
import time
import urllib.request

from chaos.checks import clocks as judges
from chaos.checks.ledger import Ledger
from chaos.cluster.clocks import Clock, build_shim
from chaos.cluster.faults import has_workers
from chaos.cluster.keys import NodeKeys
from chaos.cluster.process import NodeProcess
from chaos.cluster.witness import Witness, check_replicas
from chaos.load import asking, questions, steady
from chaos.load.calls import CLASSIFY, OK, Calls, status_name
from chaos.load.logged import check_log
from chaos.load.pairs import make_pair
from chaos.load.publishing import Publisher
from switchboard.v1 import call_pb2, common_pb2, index_pb2, router_pb2


@dataclasses.dataclass(frozen=True)
class Size:
    seconds: float
    pairs: int
    # How often all clocks go ahead and back with keys and the pool looked at in between.
    rounds: int
    calls_per_second: float = 20.0
    published_per_second: int = 60


LONG, SHORT = Size(seconds=270, pairs=600, rounds=8), Size(seconds=8, pairs=100, rounds=1)

HOUR, DAY = 3_600.0, 86_400.0
# Two clocks that are as far off in opposite directions are more than a day apart, and less than the pool keeps.
MOST = 20 * HOUR
POOL_DAYS = 2
RETRIEVERS = {"switchboard.v1.Retriever": 2}
# Of a record that never comes: so long a call waits for it.
WAIT = 1.5


class Keyed:
    """A node with the roles gateway and updater, two retrievers and a clusterer, all with keys and a clock each.

    Started by `with`; whatever happens inside, all of it is gone afterwards.
    """

    def __init__(self, bench):
        self.bench = bench
        self.library = build_shim(bench.folder)
        self.clocks, self.retrievers, self.clusterer = {}, [], None
        self.core = self._node("core", ["gateway", "updater"], [])
        self.keys = NodeKeys(bench.switchboard, bench.folder, self.core)

    def __enter__(self):
        try:
            self.core.start(wait=False)
            witness_key = self.keys.add("witness", "worker")
            for number in range(2):
                witness = Witness(self.bench.context, self.core.index, key=witness_key)
                name = f"retriever-{number}"
                arguments = [*self._joins(name, witness.address), "--threads", "1"]
                retriever = self._node(name, ["retriever"], arguments)
                retriever.witness = witness
                self.retrievers.append(retriever)
            arguments = [*self._joins("clusterer", self.core.index), "--pool-days", str(POOL_DAYS)]
            self.clusterer = self._node("clusterer", ["clusterer"], arguments)
            for node in self.nodes[1:]:
                node.start(wait=False)
            for node in self.nodes:
                node.wait_until_ready()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for node in reversed(self.nodes):
            self.bench.stop(node)
        for retriever in self.retrievers:
            retriever.witness.close()

    @property
    def nodes(self):
        return [self.core, *self.retrievers, *([self.clusterer] if self.clusterer else [])]

    def clock(self, node):
        return self.clocks[node.name]

    def set_all(self, ahead):
        for clock in self.clocks.values():
            clock.set(ahead)

    def _node(self, name, roles, arguments):
        clock = self.clocks[name] = Clock(self.library, self.bench.folder / f"{name}-clock")
        return NodeProcess(
            self.bench.switchboard, self.bench.folder, name, roles, arguments, environment=clock.environment
        )

    def _joins(self, name, updater):
        self.keys.add(name, "worker")
        return ["--connect", self.core.worker, "--updater", updater, "--key", str(self.keys.file(name))]


def run(bench, report, size):
    with Keyed(bench) as cluster:
        router, index = cluster.core.router, cluster.core.index
        admin = cluster.keys.admin
        asker, publishing = cluster.keys.add("asker", "classify"), cluster.keys.add("publisher", "publish")
        pairs = questions.load_orders(bench.context, index, size.pairs, key=admin)
        asked = questions.equal_questions(pairs)
        encoder = asking.encoder_id(bench.context, router, publishing)
        ledger, spans = Ledger(), {}
        publisher = Publisher(
            bench, index, encoder, ledger, size.published_per_second, 5, key=publishing,
            told=lambda operation, began: spans.setdefault(operation, (began, time.time())),
        )
        jumps, waits, watch = Jumps(bench, cluster), Waits(bench, cluster, asker), Watch(cluster)
        paces = [steady.Pace(asked, size.calls_per_second, first_try=3.0)]
        steps = [jumps.step, publisher.step, waits.step, watch.step]
        tallies = steady.ask_steadily(bench, [router], paces, size.seconds, steps, key=asker)
        # Nothing breaks here, so that nothing is to be refused.
        steady.judge(report, tallies, allowed=set())
        waits.end(report)
        bench.say(f"{jumps.count} jumps")
        pool = Pool(bench, cluster, asker)
        revoked = [look(bench, report, cluster, publisher, pool, number) for number in range(size.rounds)]
        cluster.set_all(0)
        publisher.end(report)
        watch.report(report)
        check_records(bench, report, cluster, ledger, spans)
        report.wrong(check_replicas(cluster.retrievers, asking.stats(bench.context, index, admin)))
        report.reach("revoked_after_max_s", round(max(revoked), 3), at_most=1)
        report.figures |= {
            "jumps": jumps.count,
            "acknowledged_pairs": len(ledger.receipts) * publisher.pairs_each,
            "waits_that_ended_in_time": waits.right,
            "pool_utterances": pool.said,
        }


class Jumps:
    """One clock or all of them are set to another time every second or so: hours, a day or moments away, or right."""

    def __init__(self, bench, cluster):
        self.bench, self.cluster = bench, cluster
        self.count, self.next = 0, time.monotonic() + 1

    def step(self):
        now = time.monotonic()
        if now < self.next:
            return
        self.next = now + self.bench.random.uniform(0.4, 1.5)
        self.count += 1
        # The first ones in turn, so that a short run has them all.
        kind = self.count if self.count <= 4 else self.bench.random.randrange(1, 7)
        node = self.bench.random.choice(self.cluster.nodes)
        if kind == 1:
            self.cluster.set_all(self.bench.random.uniform(2 * HOUR, MOST))
        elif kind == 2:
            self.cluster.set_all(-self.bench.random.uniform(2 * HOUR, MOST))
        elif kind == 3:
            # A day against the others, which stay where they are.
            retriever = self.bench.random.choice(self.cluster.retrievers)
            clock = self.cluster.clock(retriever)
            clock.set(clock.ahead + self.bench.random.choice((-DAY, DAY)))
        elif kind == 4:
            for clock in self.cluster.clocks.values():
                clock.set(self.bench.random.uniform(-MOST, MOST))
        elif kind == 5:
            clock = self.cluster.clock(node)
            clock.set(clock.ahead + self.bench.random.uniform(-5, 5))
        else:
            self.cluster.clock(node).set(0)


class Waits:
    """Calls that wait for a record that never comes, so that their deadline ends them: neither before it nor never."""

    def __init__(self, bench, cluster, asker):
        self.bench, self.cluster = bench, cluster
        self.calls = Calls(bench.context, key=asker)
        position = asking.stats(bench.context, cluster.core.index, cluster.keys.admin).position
        request = router_pb2.ClassifyRequest(
            text=b"a question about what nobody has written yet", verticals=[questions.VERTICAL],
            llm=common_pb2.LLM_MODE_OFF, do_not_store=True,
        )
        request.min_position.log_id, request.min_position.seq = position.log_id, position.seq + 10**9
        self.payload = request.SerializeToString()
        self.right, self.faults = 0, []
        self.next = time.monotonic()

    def step(self):
        now = time.monotonic()
        if now >= self.next:
            self.next = now + 0.2
            self.calls.open(self.cluster.core.router, CLASSIFY, self.payload, WAIT, patience=WAIT + 20)
        self._take(self.calls.pump(0))

    def _take(self, all_ended):
        for ended in all_ended:
            seconds = ended.ended - ended.began
            if ended.code is None:
                self.faults.append(f"a call with a deadline of {WAIT} s had no reply {seconds:.0f} s later")
            elif ended.code != call_pb2.STATUS_CODE_DEADLINE_EXCEEDED:
                self.faults.append(f"a call that waits was answered with {status_name(ended.code)}: {ended.message}")
            elif seconds < 0.8 * WAIT:
                self.faults.append(f"a call with a deadline of {WAIT} s was ended after {seconds:.2f} s")
            else:
                self.right += 1

    def end(self, report):
        self._take(self.calls.drain(WAIT + 25))
        report.wrong(self.faults)
        if not self.right:
            report.wrong("no call waited for its deadline")
        self.calls.close()


class Watch:
    """What the nodes say of each other: nobody is to take another for gone because of what a clock says."""

    def __init__(self, cluster):
        self.cluster, self.next, self.faults = cluster, time.monotonic() + 1, []
        self.lost_before = self._lost()

    def step(self):
        if time.monotonic() < self.next:
            return
        self.next = time.monotonic() + 1
        self.faults += self._faults()

    def _faults(self):
        if not has_workers([self.cluster.core], RETRIEVERS):
            yield "a retriever was not attached any more after a jump"
        for retriever in self.cluster.retrievers:
            silence = retriever.metrics().get("switchboard_replica_silence_seconds", 0)
            if not 0 <= silence < judges.FAR:
                yield f"{retriever.name} says that it has not heard from the updater for {silence:.0f} s"

    def _lost(self):
        return self.cluster.core.metrics().get('switchboard_worker_repeats_total{reason="lost"}', 0)

    def report(self, report):
        self.faults += self._faults()
        report.wrong(sorted(set(self.faults)))
        # A retriever that is silent for less than a second may have had no core to run on.
        report.reach("calls_taken_from_silent_workers", int(self._lost() - self.lost_before), at_most=0)


def look(bench, report, cluster, publisher, pool, number):
    """All clocks go ahead, then behind, then right again: each node shows it, keys come and go, the pool keeps what was
    said. Returns the longest time from a revocation to its effect, in seconds."""
    revoked = 0.0
    far = bench.random.uniform(2 * HOUR, MOST)
    for words, ahead in (("ahead", far), ("behind", -far), ("right", 0.0)):
        cluster.set_all(ahead)
        # Somebody else's is as far off in the other direction, or just right.
        cluster.clock(cluster.clusterer).set(bench.random.choice((-ahead, 0.0, ahead)))
        report.wrong(shows_clock(cluster))
        for _ in range(5):
            publisher.step()
        pool.say()
        revoked = max(revoked, revoke(bench, report, cluster, f"guest-{number}-{words}"))
        # Only at its start and once an hour the clusterer forgets what is old.
        report.wrong(pool.restart())
    return revoked


def shows_clock(cluster):
    """That each node takes the time of its clock for the right one: else nothing was shown with the jump."""
    for node in cluster.nodes:
        clock, until = cluster.clock(node), time.monotonic() + 30
        while not clock.history.explains(shown := http_date(node)):
            if time.monotonic() > until:
                apart = shown.time - shown.ended
                yield f"the jump was not seen: {node.name} is {apart:.0f} s ahead, and its clock {clock.ahead:.0f} s"
                break
            # It is written anew once a second.
            time.sleep(0.1)


def http_date(node):
    """The time of day that a node writes over its answers."""
    began = time.time()
    with urllib.request.urlopen(f"http://{node.http}/metrics", timeout=10) as answer:
        date = email.utils.parsedate_to_datetime(answer.headers["Date"])
    return judges.Shown(date.astimezone(datetime.UTC).timestamp(), began, time.time())


def revoke(bench, report, cluster, name):
    """A key comes, is let in and answered, and is revoked. Returns how long after that it was answered still."""
    guest = cluster.keys.add(name, "classify")
    calls = Calls(bench.context, key=guest)
    payload = questions.classify_payload("where is my parcel")
    limit, revoked = time.monotonic() + 30, None
    try:
        while True:
            calls.open(cluster.core.router, CLASSIFY, payload, 5)
            code = calls.drain(10)[0].code
            now = time.monotonic()
            if revoked is None:
                if code == OK:
                    cluster.keys.revoke(name)
                    revoked, limit = time.monotonic(), time.monotonic() + 30
                elif code is not None or now > limit:
                    report.wrong(f"{name}, a key that was just added, was answered with {status_name(code)}")
                    return 0.0
            elif code == call_pb2.STATUS_CODE_UNAUTHENTICATED:
                return now - revoked
            elif code != OK or now > limit:
                report.wrong(f"{name}, a key that was revoked, was answered with {status_name(code)}")
                return 0.0
            time.sleep(0.02)
    finally:
        calls.close()


class Pool:
    """Utterances that nobody can explain. What was just said stays, whatever clock it was said by."""

    # Words, since digits are masked.
    _WHO = ("the walrus", "a lighthouse", "my cousin", "every violin", "the northern tide", "some glacier")
    _WHAT = ("repaints", "forgives", "juggles", "translates", "unscrews", "whispers to")
    _WHOM = ("the moon", "an umbrella", "seven sonnets", "the harbour bell", "cold marmalade", "the last tram")

    def __init__(self, bench, cluster, asker):
        self.bench, self.cluster, self.asker = bench, cluster, asker
        self.said = self.handed = 0

    def say(self):
        number = self.said
        words = (self._WHO[number % 6], self._WHAT[number // 6 % 6], self._WHOM[number // 36 % 6])
        request = router_pb2.ClassifyRequest(
            text=" ".join(words).encode(), verticals=[questions.VERTICAL], llm=common_pb2.LLM_MODE_OFF
        )
        reply = asking.ask(
            self.bench.context, self.cluster.core.router, CLASSIFY, request, router_pb2.ClassifyResponse, key=self.asker
        )
        self.said += 1
        if reply.outcome == router_pb2.OUTCOME_ROUTE:
            self.bench.faults.append(f"{request.text!r} is explained, so that it comes to no pool")

    def restart(self):
        """Sentences about what is not there before and after a start of the clusterer, which forgets what is old."""
        until = time.monotonic() + 60
        while self._count() < self.said and time.monotonic() < until:
            time.sleep(0.05)
        before = self._count()
        if before != self.said:
            yield f"the pool has {before} of {self.said} utterances"
        self.bench.stop(self.cluster.clusterer)
        self.cluster.clusterer.start()
        after = self._count()
        if after != before:
            yield f"the pool had {before} utterances, and {after} after a start with another clock"

    def _count(self):
        figures = self.cluster.clusterer.metrics()
        return sum(value for name, value in figures.items() if name.startswith("switchboard_pool_utterances"))


def check_records(bench, report, cluster, ledger, spans):
    """`spans`: when each operation was sent and acknowledged."""
    index, admin = cluster.core.index, cluster.keys.admin
    vertical = make_pair(bench.seed, 0).vertical
    report.wrong(check_log(bench.context, index, ledger, vertical=vertical, key=admin))
    records = list(asking.records(bench.context, index, key=admin))
    report.wrong(judges.out_of_order([record.seq for record in records]))
    shown = [
        judges.Shown(record.time_us / 1e6, *spans[record.operation_id])
        for record in records if record.operation_id in spans
    ]
    report.wrong(judges.unseen("the updater", cluster.clock(cluster.core).history, shown))
