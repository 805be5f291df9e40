"""A model of the log, and whether reads with a position are linearizable against it.

Records are applied in the order of sequence; each thing keeps its states with the record that brought each, so the
index can be looked at as it stood at any record. An intent's id is 8 x (record that first named it) + depth - 1.
"""

import bisect
import dataclasses


class Timeline:
    """A value that changes at records: what it was at any of them."""

    def __init__(self):
        self.places, self.values = [], []

    def set(self, place, value):
        if self.places and self.places[-1] == place:
            self.values[-1] = value
        else:
            self.places.append(place)
            self.values.append(value)

    def at(self, place):
        found = bisect.bisect_right(self.places, place)
        return self.values[found - 1] if found else None

    @property
    def now(self):
        return self.values[-1] if self.values else None


class LogModel:
    """One vertical: which text has which intent, and which intent which path. Facts are fed in the order of the log."""

    def __init__(self):
        self.texts, self.paths = {}, {}
        self.ids_by_path = {}
        self.ends = []
        self.text_of = {}
        self._operation = None

    @property
    def head(self):
        return self.ends[-1] if self.ends else 0

    def begin(self, seq, operation):
        """Each record, before its fact; a batch is seen whole or not at all, so only the ends of operations count."""
        if self.ends and operation == self._operation:
            self.ends[-1] = seq
        else:
            self.ends.append(seq)
        self._operation = operation

    def upsert(self, seq, exemplar, text, path):
        self.text_of[exemplar] = text
        self.texts.setdefault(text, Timeline()).set(seq, self._named(seq, path))

    def remove(self, seq, exemplar):
        self.texts[self.text_of[exemplar]].set(seq, None)

    def rename(self, seq, intent, new_path):
        old_path = self.paths[intent].now
        if old_path is None:
            raise ValueError(f"record {seq} renames intent {intent}, which nobody named")
        parent = new_path.rpartition("/")[0]
        moved = [path for path in self.ids_by_path if path == old_path or path.startswith(old_path + "/")]
        moved = [(path, self.ids_by_path.pop(path)) for path in moved]
        if parent:
            self._named(seq, parent)
        for path, moving in moved:
            self._place(seq, moving, new_path + path[len(old_path):])

    def _named(self, seq, path):
        levels = path.split("/")
        for depth in range(1, len(levels) + 1):
            prefix = "/".join(levels[:depth])
            if prefix not in self.ids_by_path:
                self._place(seq, 8 * seq + depth - 1, prefix)
        return self.ids_by_path[path]

    def _place(self, seq, intent, path):
        self.ids_by_path[path] = intent
        self.paths.setdefault(intent, Timeline()).set(seq, path)

    def path_of(self, intent, seq):
        return self.paths[intent].at(seq) if intent in self.paths else None

    def intent_of(self, text, seq):
        """The id of the intent that a text had at a record; None where it was no exemplar."""
        return self.texts[text].at(seq) if text in self.texts else None

    def is_end(self, seq):
        place = bisect.bisect_left(self.ends, seq)
        return seq == 0 or (place < len(self.ends) and self.ends[place] == seq)


@dataclasses.dataclass(frozen=True)
class Write:
    """Times are of one clock. `first` 0: it made no record."""

    operation: bytes
    began: float
    ended: float
    first: int
    last: int


@dataclasses.dataclass(frozen=True)
class Read:
    """An answer: from which replica (None: nobody knows), asked for which record at least, made at which.

    `exact` is the intent's id where an equal exemplar decided; `named` what the answer says of intents, id and path;
    `shown` texts with their intents' paths.
    """

    replica: int
    began: float
    ended: float
    minimum: int
    position: int
    text: str
    exact: int | None
    named: tuple
    shown: tuple


def check(model, writes, reads):
    """Sentences about what no log that is read in order could have answered."""
    wrong = list(_check_writes(model, writes))
    begun = sorted((write.began, write.last) for write in writes if write.first)
    begun_times, furthest = [time for time, _ in begun], []
    for _, last in begun:
        furthest.append(max(last, furthest[-1] if furthest else 0))
    own = {write.last for write in writes if write.first}
    for read in reads:
        wrong += _check_read(model, read)
        before = bisect.bisect_left(begun_times, read.ended)
        # What is of nobody here (a policy that the node set of its own accord) may be seen at any time.
        if read.position in own and read.position > (furthest[before - 1] if before else 0):
            wrong.append(f"a read at record {read.position} ended before the write of that record began")
    return wrong + list(_check_order(reads))


def _check_writes(model, writes):
    """Receipts name ends of operations, and what was acknowledged first comes first."""
    made = [write for write in writes if write.first]
    for write in made:
        if not model.is_end(write.last):
            yield f"the receipt of {write.operation!r} names record {write.last}, which ends no operation"
    latest, ended = 0, iter(sorted(made, key=lambda write: write.ended))
    upcoming = next(ended, None)
    for write in sorted(made, key=lambda write: write.began):
        while upcoming is not None and upcoming.ended < write.began:
            latest, upcoming = max(latest, upcoming.last), next(ended, None)
        if write.first <= latest:
            yield f"{write.operation!r} began after record {latest} was acknowledged and got record {write.first}"


def _check_read(model, read):
    at = read.position
    if at < read.minimum:
        yield f"a read that asked for record {read.minimum} was answered at {at}"
    if not model.is_end(at):
        yield f"a read was answered at record {at}, in the middle of an operation"
        return
    expected = model.intent_of(read.text, at)
    if read.exact != expected:
        yield f"at record {at} '{read.text}' had intent {expected}, and the answer says {read.exact}"
    for intent, path in read.named:
        if model.path_of(intent, at) != path:
            yield f"at record {at} intent {intent} was '{model.path_of(intent, at)}', and the answer says '{path}'"
    for text, path in read.shown:
        intent = model.intent_of(text, at)
        if intent is None or model.path_of(intent, at) != path:
            yield f"at record {at} '{text}' is shown as an exemplar of '{path}', which it was not"


def _check_order(reads):
    """One replica never goes back."""
    for replica in {read.replica for read in reads}:
        mine = [read for read in reads if read.replica == replica]
        ended = iter(sorted(mine, key=lambda read: read.ended))
        upcoming, latest = next(ended, None), 0
        for read in sorted(mine, key=lambda read: read.began):
            while upcoming is not None and upcoming.ended < read.began:
                latest, upcoming = max(latest, upcoming.position), next(ended, None)
            if read.position < latest:
                yield f"replica {replica} answered at record {latest} and after that at {read.position}"
