"""The judges of deploy/chaos, fed with what is right and with planted faults: each fault has to be found."""

import dataclasses
import os
import random
import subprocess
import sys
import time
import types

import pytest
from chaos.checks import answers, clocks, discovery, growth, overload, replicas
from chaos.checks.history import LogModel, Read, Write
from chaos.checks.history import check as check_history
from chaos.checks.ledger import Entry, Ledger, LoggedRecord, Receipt
from chaos.cluster import faults
from chaos.load import logged, retrying
from chaos.load.calls import Ended
from chaos.report import Report, percentile


# MARK: ledger


def entry(number):
    return Entry("v", f"text {number}", "a/b", bytes([number]))


def two_operations():
    """Two acknowledged operations of two records each, after a record of the node's own."""
    ledger = Ledger()
    for number, operation in enumerate([b"one", b"two"]):
        ledger.send(operation, [entry(2 * number), entry(2 * number + 1)])
    ledger.acknowledge(b"one", Receipt(2, 3))
    ledger.acknowledge(b"two", Receipt(4, 5))
    records = [LoggedRecord(1, b"builtin", None)]
    records += [LoggedRecord(2 + number, [b"one", b"two"][number // 2], entry(number)) for number in range(4)]
    return ledger, records


def test_a_whole_log_holds():
    ledger, records = two_operations()
    assert ledger.check(records, 5) == []
    assert ledger.check_export(records, {record.seq: record.entry for record in records[1:]}) == []


def test_what_was_sent_and_never_acknowledged_may_be_there_or_not():
    ledger, records = two_operations()
    ledger.send(b"unsure", [entry(9)])
    assert ledger.check(records, 5) == []
    assert ledger.check([*records, LoggedRecord(6, b"unsure", entry(9))], 6) == []


def lost(records):
    return records[:3], 3


def with_gap(records):
    return [*records[:3], *(dataclasses.replace(record, seq=record.seq + 1) for record in records[3:])], 6


def doubled(records):
    return [*records, *(dataclasses.replace(record, seq=record.seq + 4) for record in records[1:3])], 7


def invented(records):
    return [*records, LoggedRecord(6, b"nobody", entry(7))], 6


def torn_apart(records):
    return records[:4], 4


def changed(records):
    return [*records[:4], dataclasses.replace(records[4], entry=entry(8))], 5


def short_of_its_head(records):
    return records, 9


@pytest.mark.parametrize(
    "plant,words",
    [
        (lost, "is not in the log"), (with_gap, "after record 3 comes 5"), (doubled, "is there again"),
        (invented, "which nobody sent"), (torn_apart, "not in the log as it was sent"),
        (changed, "not in the log as it was sent"), (short_of_its_head, "by its own word"),
    ],
)
def test_a_planted_fault_of_the_log_is_found(plant, words):
    ledger, records = two_operations()
    assert any(words in sentence for sentence in ledger.check(*plant(records)))


def test_two_receipts_and_a_refusal_that_was_written_are_found():
    ledger, records = two_operations()
    ledger.acknowledge(b"one", Receipt(7, 8))
    assert any("has receipts" in sentence for sentence in ledger.check(records, 5))
    ledger, records = two_operations()
    ledger.send(b"refused", [entry(9)])
    ledger.refuse(b"refused")
    assert ledger.check(records, 5) == []
    written = [*records, LoggedRecord(6, b"refused", entry(9))]
    assert any("was refused" in sentence for sentence in ledger.check(written, 6))


def test_an_export_that_lacks_adds_or_changes_is_found():
    ledger, records = two_operations()
    whole = {record.seq: record.entry for record in records[1:]}
    assert ledger.check_export(records, {seq: one for seq, one in whole.items() if seq != 4})
    assert ledger.check_export(records, whole | {9: entry(9)})
    assert ledger.check_export(records, whole | {4: entry(9)})


# MARK: history


def small_model():
    """Text t is in a/b (id 8 x 1 + 1) at record 1, moved with its group at 2, in c from 4 (a batch with 3), gone at 5."""
    model = LogModel()
    model.begin(1, b"1")
    model.upsert(1, b"t", "t", "a/b")
    model.begin(2, b"2")
    model.rename(2, 8, "x")
    model.begin(3, b"3")
    model.upsert(3, b"u", "u", "x/b")
    model.begin(4, b"3")
    model.upsert(4, b"t", "t", "c")
    model.begin(5, b"5")
    model.remove(5, b"t")
    return model


WRITES = [Write(b"1", 0, 1, 1, 1), Write(b"2", 1, 2, 2, 2), Write(b"3", 2, 3, 3, 4), Write(b"5", 3, 4, 5, 5)]


def read(position, exact, *named, replica=0, began=10.0, minimum=0, shown=()):
    return Read(replica, began, began + 1, minimum, position, "t", exact, tuple(named), tuple(shown))


def test_the_model_knows_each_moment():
    model = small_model()
    assert [model.intent_of("t", seq) for seq in range(6)] == [None, 9, 9, 9, 32, None]
    assert [model.path_of(9, seq) for seq in range(4)] == [None, "a/b", "x/b", "x/b"]
    assert [model.is_end(seq) for seq in range(6)] == [True, True, True, False, True, True]
    assert model.intent_of("u", 5) == 9


def test_a_name_that_was_given_up_is_given_anew():
    model = small_model()
    model.begin(6, b"6")
    model.upsert(6, b"w", "w", "a/b")
    assert model.intent_of("w", 6) == 8 * 6 + 1
    assert (model.path_of(9, 6), model.path_of(8, 6)) == ("x/b", "x")


def test_a_rename_below_a_missing_parent_names_it():
    model = LogModel()
    model.begin(1, b"1")
    model.upsert(1, b"t", "t", "a")
    model.begin(2, b"2")
    model.rename(2, 8, "new/deep/a")
    assert model.path_of(8, 2) == "new/deep/a"
    assert (model.path_of(16, 2), model.path_of(17, 2)) == ("new", "new/deep")


def test_reads_in_order_hold():
    reads = [
        read(0, None, began=0.0), read(1, 9, (9, "a/b"), (8, "a"), began=2.0),
        read(2, 9, (9, "x/b"), shown=[("t", "x/b")], began=10.0, minimum=2), read(4, 32, (32, "c"), began=20.0),
        # Another replica may be behind this one.
        read(2, 9, replica=1, began=30.0), read(5, None, began=40.0),
    ]
    assert check_history(small_model(), WRITES, reads) == []


@pytest.mark.parametrize(
    "reads,words",
    [
        ([read(2, 9, minimum=3)], "asked for record 3"),
        ([read(3, 9)], "in the middle of an operation"),
        ([read(5, 32)], "had intent None"),
        ([read(1, None)], "had intent 9"),
        ([read(2, 9, (9, "a/b"))], "the answer says 'a/b'"),
        ([read(1, 9, (9, "x/b"))], "the answer says 'x/b'"),
        ([read(2, 9, shown=[("t", "a/b")])], "is shown as an exemplar"),
        ([read(5, None, shown=[("t", "c")])], "is shown as an exemplar"),
        ([read(4, 32, began=10.0), read(2, 9, began=20.0)], "answered at record 4 and after that at 2"),
        ([read(5, None, began=1.5)], "before the write of that record began"),
    ],
)
def test_a_planted_fault_of_a_read_is_found(reads, words):
    assert any(words in sentence for sentence in check_history(small_model(), WRITES, reads))


def test_writes_out_of_order_and_receipts_of_half_an_operation_are_found():
    late = [Write(b"1", 0, 1, 4, 4), Write(b"2", 2, 3, 2, 2)]
    assert any("after record 4 was acknowledged" in sentence for sentence in check_history(small_model(), late, []))
    half = [Write(b"3", 0, 1, 3, 3)]
    assert any("ends no operation" in sentence for sentence in check_history(small_model(), half, []))


# MARK: answers, replicas, overload, growth


@pytest.mark.parametrize(
    "expected,answer,is_right",
    [
        (answers.Equal("a"), answers.Answer("t", "a", True), True),
        (answers.Equal("a"), answers.Answer("t", "a", False), False),
        (answers.Equal("a"), answers.Answer("t", "b", True), False),
        (answers.Leading("a"), answers.Answer("t", "a", False), True),
        (answers.Leading("a"), answers.Answer("t", "", False), False),
        (answers.Leading("a"), answers.Answer("another", "a", False), False),
        (answers.Scores((-1.0, -2.0)), answers.Answer(logprobs=(-1.05, -2.0)), True),
        (answers.Scores((-1.0, -2.0)), answers.Answer(logprobs=(-2.0, -1.0)), False),
        (answers.Scores((-1.0, -2.0)), answers.Answer(logprobs=(-1.0,)), False),
        (answers.Scores((-1.0,)), answers.Answer(logprobs=(float("nan"),)), False),
    ],
)
def test_a_wrong_answer_is_found(expected, answer, is_right):
    assert (answers.fault(expected, "t", answer) is None) == is_right


def test_a_tally_tells_hanging_and_unclear_calls():
    tally = answers.Tally(right=998, hanging=1, refused={"UNAVAILABLE": 1, "INTERNAL": 2})
    assert tally.share == pytest.approx(998 / 1_002)
    assert len(tally.violations({"UNAVAILABLE"})) == 2


def test_a_replica_that_differs_is_found():
    assert list(replicas.differences({"a": [b"1", b"2"], "b": [b"1", b"2"], "c": [b"1", b"2"]})) == []
    assert list(replicas.differences({"a": [b"1", b"2"], "b": [b"1", b"3"]})) == [
        "b and a differ in 1 of 2 answers, first in query 1"
    ]
    assert list(replicas.differences({"a": [b"1", b"2"], "b": [b"1"]}))


def test_timings_alone_make_no_difference():
    from switchboard.v1 import retriever_pb2

    one = retriever_pb2.RetrieveResponse(search_us=5, encode_us=1, queue_us=2)
    one.neighbours.add(similarity=0.5)
    other = retriever_pb2.RetrieveResponse(search_us=9)
    other.neighbours.add(similarity=0.5)
    assert replicas.comparable(one) == replicas.comparable(other)
    other.neighbours[0].similarity = 0.5000000001
    assert replicas.comparable(one) != replicas.comparable(other)


def outcomes():
    return [overload.Outcome("OK", 0.1, 0.2), overload.Outcome("RESOURCE_EXHAUSTED", 0.2, 0.01, 0.5)]


def test_what_overload_may_answer():
    assert overload.violations(outcomes(), 2, 0) == []
    assert overload.violations(outcomes(), 3, 0)
    assert overload.violations(outcomes(), 2, 1)
    assert overload.violations([*outcomes(), overload.Outcome("no answer", 0.3, 9)], 3, 0)
    assert overload.violations([*outcomes(), overload.Outcome("UNAVAILABLE", 0.3, 9)], 3, 0)
    assert overload.violations(outcomes()[1:], 1, 0)


def test_goodput_counts_what_came_in_time_and_recovery_the_last_bad_call():
    late = overload.Outcome("OK", 1.0, 2.0)
    assert overload.good_per_second([*outcomes(), late], 1.0, 2.0) == 0.5
    assert overload.late([*outcomes(), late], 1.0, 0.1) == 1
    assert overload.recovery([*outcomes(), late], 0.5, 1.0) == 0.5
    assert overload.recovery(outcomes()[:1], 0.5, 1.0) == 0.0


def samples(resident, descriptors=lambda second: 50):
    return [growth.Sample(second, resident(second), 20, descriptors(second)) for second in range(300)]


def test_growth_is_told_from_noise_and_warm_up():
    noise = random.Random(5)
    steady = samples(lambda second: 10**9 + noise.randrange(10**6) - (10**8 if second < 60 else 0))
    assert abs(growth.resident_growth(steady)) < 0.001
    assert growth.resident_growth(samples(lambda second: 10**9 + 10**6 * second)) > 0.1


def test_a_leak_is_told_from_coming_and_going():
    assert list(growth.leaks("node", samples(lambda second: 1, lambda second: 50 + second % 7))) == []
    assert len(list(growth.leaks("node", samples(lambda second: 1, lambda second: 50 + second // 10)))) == 1


def test_a_report_fails_for_what_is_wrong_and_in_the_long_form_for_figures():
    report = Report("proof", 1)
    report.reach("share", 0.5, at_least=0.9)
    assert (report.failed(timed=False), report.failed(timed=True)) == (False, True)
    report.wrong("something")
    assert report.failed(timed=False)
    assert percentile([3, 1, 2], 0.5) == 2 and percentile([], 0.5) is None


# MARK: the generators


def test_the_same_seed_fuzzes_the_same_frames():
    from chaos.load.fuzz import Fuzzer

    one, other = Fuzzer(random.Random(3)), Fuzzer(random.Random(3))
    made = [one.message() for _ in range(500)]
    assert made == [other.message() for _ in range(500)]
    assert len({tuple(frames) for frames in made}) > 450
    assert all(len(frame) < 4 << 20 for frames in made for frame in frames)


def test_the_same_seed_makes_the_same_pairs():
    from chaos.load.pairs import make_pair

    pair = make_pair(7, 3)
    assert pair == make_pair(7, 3) and (pair.vector == make_pair(7, 3).vector).all()
    assert abs(float((pair.vector**2).sum()) - 1) < 1e-5
    assert len({make_pair(7, number).text for number in range(1_000)}) == 1_000


# MARK: discovery


def proposed():
    base = discovery.Found("v", 1, "cancel-order", 2, (b"order",), (0.9, 0.8, 1.0, True), (1, b"", 0.0), 1, ())
    return [dataclasses.replace(base, members=((b"stop it", 2, 1, 0.9), (b"cancel it", 1, 1, 0.8))), base]


def test_equal_runs_hold_in_any_order():
    assert discovery.differences(proposed(), proposed()[::-1]) == []


@pytest.mark.parametrize(
    "hurt",
    [
        [],
        proposed()[:1],
        [*proposed(), proposed()[0]],
        [dataclasses.replace(proposed()[0], name="cancel-it"), proposed()[1]],
        [dataclasses.replace(proposed()[0], continuity=2), proposed()[1]],
        [dataclasses.replace(proposed()[0], members=proposed()[0].members[:1]), proposed()[1]],
    ],
)
def test_a_run_that_came_to_something_else_is_found(hurt):
    assert discovery.differences(proposed(), hurt)


def test_two_runs_without_proposals_show_nothing():
    assert discovery.differences([], [])


ACCEPTED = {("v", "stop it"): "a/b", ("v", "cancel it"): "a/b"}
TAKEN = [("v", "stop it", "a/b"), ("v", "cancel it", "a/b"), ("v", "other", "c")]


def test_what_was_accepted_is_there_once():
    assert discovery.accepted_once(ACCEPTED, TAKEN, TAKEN) == []


@pytest.mark.parametrize("entries", [TAKEN[1:], [*TAKEN, TAKEN[0]], [("v", "stop it", "c"), *TAKEN[1:]]])
def test_what_was_accepted_and_is_lost_or_doubled_or_other_is_found(entries):
    assert discovery.accepted_once(ACCEPTED, entries, TAKEN)
    assert discovery.accepted_once(ACCEPTED, TAKEN, entries)


# MARK: clocks

HOURS = 3 * 3_600.0


def jumping():
    """A clock that is right, three hours ahead from 100 on, three behind from 200 on, and right again from 300 on."""
    history = clocks.ClockHistory(0.0)
    for time, offset in ((100.0, HOURS), (200.0, -HOURS), (300.0, 0.0)):
        history.set(time, offset)
    return history


def shown_while(began, ended, offset):
    return clocks.Shown(began + offset, began, ended)


RIGHTLY_SHOWN = [
    shown_while(50, 51, 0), shown_while(150, 151, HOURS), shown_while(250, 251, -HOURS), shown_while(350, 351, 0),
    # In between the clock jumped: both are right.
    shown_while(199, 201, HOURS), shown_while(199, 201, -HOURS),
]


def test_times_by_a_clock_that_jumps_hold():
    assert clocks.unseen("node", jumping(), RIGHTLY_SHOWN) == []


@pytest.mark.parametrize(
    "shown,words",
    [
        # As if nothing had jumped.
        ([shown_while(150, 151, 0), shown_while(250, 251, 0)], "which its clock was not"),
        ([*RIGHTLY_SHOWN, shown_while(350, 351, HOURS)], "which its clock was not"),
        ([shown for shown in RIGHTLY_SHOWN if shown.time < shown.ended], "while its clock was ahead"),
        ([shown for shown in RIGHTLY_SHOWN if shown.time >= shown.began], "while its clock was behind"),
        ([], "the jump was not seen"),
    ],
)
def test_a_jump_that_was_not_seen_is_found(shown, words):
    assert any(words in sentence for sentence in clocks.unseen("node", jumping(), shown))


def test_gaps_and_steps_back_of_the_log_are_found():
    assert clocks.out_of_order([1, 2, 3]) == clocks.out_of_order([]) == []
    assert len(clocks.out_of_order([1, 2, 4, 3])) == 2


def test_a_process_takes_the_clock_that_it_is_given_and_keeps_its_other_ones(tmp_path):
    from chaos.cluster.clocks import Clock, build_shim

    clock = Clock(build_shim(tmp_path), tmp_path / "clock")
    code = "import time; print(time.time(), time.clock_gettime(time.CLOCK_REALTIME), time.monotonic())"
    for ahead in (0.0, HOURS, -HOURS - 0.75):
        clock.set(ahead)
        before, monotonic_before = time.time(), time.monotonic()
        said = subprocess.run(
            [sys.executable, "-c", code], env=os.environ | clock.environment, capture_output=True, text=True, check=True
        ).stdout.split()
        now, real, monotonic = map(float, said)
        # A margin for the figures, which are rounded.
        assert before + ahead - 0.01 <= now <= real + 0.01 <= time.time() + ahead + 0.02
        assert monotonic_before <= monotonic <= time.monotonic()


# MARK: faults


class PlayedNode:
    """A process that leaves with a code once it was asked to."""

    name, namespace = "played", None

    def __init__(self, code):
        self.code, self.process, self.starts = code, types.SimpleNamespace(returncode=None), 0

    def is_running(self):
        return self.process.returncode is None

    def ask_to_leave(self):
        self.process.returncode = self.code

    def start(self, wait):
        self.process, self.starts = types.SimpleNamespace(returncode=None), self.starts + 1


@pytest.mark.parametrize("code", [0, 1, -9])
def test_a_node_that_leaves_with_an_error_is_found(code):
    node = PlayedNode(code)
    leave = faults.Leave(node)
    leave.begin()
    assert leave.is_broken()
    assert bool(leave.mend()) == (code != 0)
    assert node.starts == 1 and node.is_running()


@pytest.mark.parametrize("comes_back", [True, False])
def test_a_node_that_does_not_come_back_is_found(comes_back):
    node, hurt = PlayedNode(0), []
    bench = types.SimpleNamespace(random=types.SimpleNamespace(uniform=lambda *_: 0, choice=lambda these: these[0]))
    made = faults.Faults(
        bench, "node", [node], ("leave",), lambda: comes_back, before=lambda node, what: hurt.append((node, what))
    )
    for more in (True, False, False):
        made.step(more)
    assert hurt == [(node, "leave")] and made.done == {"leave": 1}
    made.end(limit=0)
    report = Report("proof", 1)
    made.report(report)
    assert bool(report.violations) != comes_back
    made.recoveries.append(2 * made.LIMIT)
    made.report(report)
    assert any("only 120 s after" in sentence for sentence in report.violations)


# MARK: repeating


class PlayedCalls:
    """Notes where calls go, and ends each with a status."""

    def __init__(self, code):
        self.code, self.went, self.open_ones = code, [], []

    def open(self, target, method, payload, time_left, tag, patience):
        self.went.append(target)
        self.open_ones.append(tag)

    def pump(self, wait):
        now, ended = time.monotonic(), self.open_ones
        self.open_ones = []
        return [Ended(tag, "", self.code, "", b"", now, now) for tag in ended]


@pytest.mark.parametrize("gateways", [1, 2, 3])
def test_a_call_is_repeated_at_another_gateway(gateways):
    calls, targets = PlayedCalls(None), [f"gateway-{number}" for number in range(gateways)]
    lane = retrying.RetryingCalls(calls, targets, first_try=0.01)
    lane.PAUSE = 0
    for number in range(20):
        lane.want(number, "method", b"", within=60)
    for _ in range(10):
        before = {id(wish): wish.target for wish in calls.open_ones}
        lane.pump(0)
        assert gateways == 1 or all(wish.target != before[id(wish)] for wish in calls.open_ones)
    assert set(calls.went) == set(targets) and len(calls.went) == 220


@pytest.mark.parametrize(
    "figures,is_made", [([0.6, 0.8] + [0.0] * 382, True), ([0.6, 0.8], False), ([0.0] * 384, False), ([], False)]
)
def test_a_vector_that_a_node_made_is_a_direction(figures, is_made):
    message = types.SimpleNamespace(vertical="v", text=b"t", intent=b"i", vector=figures)
    assert (logged._entry(message, has_vectors=False).vector == logged.MADE_BY_THE_NODE) == is_made
    assert logged._entry(message, has_vectors=True).vector != logged.MADE_BY_THE_NODE
