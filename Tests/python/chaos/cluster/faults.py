"""Nodes that are hurt at random moments and come back, one at a time, so that another of their kind is there."""

import time


class Fault:
    """One way to hurt a node, and to mend it. `is_broken`: whether the fault is complete, so that it can be mended."""

    def __init__(self, node):
        self.node = node

    def is_broken(self):
        return True


class Kill(Fault):
    def begin(self):
        self.node.kill()

    def mend(self):
        self.node.start(wait=False)


class Stop(Fault):
    def begin(self):
        self.node.pause()

    def mend(self):
        self.node.resume()


class Cut(Fault):
    def begin(self):
        self.node.namespace.cut()

    def mend(self):
        self.node.namespace.mend()


class Leave(Fault):
    """SIGTERM, after which a node leaves by itself, with code 0."""

    LIMIT = 30.0

    def begin(self):
        self.began = time.monotonic()
        self.node.ask_to_leave()

    def is_broken(self):
        if self.node.is_running() and time.monotonic() > self.began + self.LIMIT:
            self.node.kill()
        return not self.node.is_running()

    def mend(self):
        code = self.node.process.returncode
        self.node.start(wait=False)
        if code:
            return f"{self.node.name} did not leave cleanly on SIGTERM (exit code {code})"
        return None


WAYS = {"kill": Kill, "stop": Stop, "cut": Cut, "leave": Leave}


class Faults:
    """Hurts one node of a kind at a time. The next comes when `is_whole` says that all are back.

    `names`: of `WAYS`; a node without a network namespace is not cut off. `before` is called with a node and what is
    about to be done to it.
    """

    # In seconds from its mending; then all are to be back.
    LIMIT = 60.0

    def __init__(self, bench, kind, nodes, names, is_whole, before=lambda node, what: None):
        self.bench, self.kind, self.nodes, self.names, self.is_whole = bench, kind, nodes, names, is_whole
        self.before = before
        self.done = dict.fromkeys(names, 0)
        # Ways that were not chosen yet, until all were: a short run is to have each of them.
        self.left = []
        self.recoveries, self.sentences = [], []
        self.fault = self.what = None
        self.mended = 0.0
        self.next = time.monotonic() + bench.random.uniform(0, 3)

    def step(self, more):
        now = time.monotonic()
        if now < self.next:
            return
        if self.fault is None:
            if more:
                self._break(now)
        elif not self.mended:
            self._mend(now)
        elif self.is_whole():
            self.recoveries.append(now - self.mended)
            self.fault, self.mended = None, 0.0
            self.next = now + self.bench.random.uniform(0.5, 3)
        else:
            self.next = now + 0.25

    @property
    def is_over(self):
        return self.fault is None

    def end(self, limit=LIMIT):
        """No more of them; waits until the last one is mended."""
        until = time.monotonic() + limit
        while not self.is_over and time.monotonic() < until:
            self.step(more=False)
            time.sleep(0.05)

    def report(self, report):
        report.figures[f"{self.kind}_faults"] = self.done
        report.figures[f"{self.kind}_back_max_s"] = round(max(self.recoveries, default=0), 2)
        report.wrong(self.sentences)
        slow = [seconds for seconds in self.recoveries if seconds > self.LIMIT]
        if slow:
            report.wrong(f"a {self.kind} was attached again only {max(slow):.0f} s after it was mended")
        if not self.is_over:
            report.wrong(f"{self.fault.node.name} was not attached again within a minute of its {self.what}")

    def _break(self, now):
        node = self.bench.random.choice(self.nodes)
        names = [name for name in self.names if name != "cut" or node.namespace]
        if not set(names) & set(self.left):
            self.left = list(names)
        self.what = self.bench.random.choice([name for name in names if name in self.left])
        self.left.remove(self.what)
        self.done[self.what] += 1
        self.fault = WAYS[self.what](node)
        self.before(node, self.what)
        self.fault.begin()
        self.next = now + self.bench.random.uniform(0.5, 5)

    def _mend(self, now):
        if not self.fault.is_broken():
            self.next = now + 0.1
            return
        sentence = self.fault.mend()
        self.sentences += [sentence] * bool(sentence)
        self.mended = self.next = now


def has_workers(gateways, counts):
    """Whether every gateway has so many workers of each service attached."""
    try:
        return all(
            gateway.metrics().get(f'switchboard_workers{{service="{service}"}}') == count
            for gateway in gateways for service, count in counts.items()
        )
    except OSError:
        return False
