"""What was sent and acknowledged, against what the log holds: nothing lost, nothing twice, nothing invented."""

import dataclasses
import hashlib


@dataclasses.dataclass(frozen=True)
class Entry:
    """One upsert as a record holds it; of the vector its hash."""

    vertical: str
    text: str
    intent: str
    vector: bytes


@dataclasses.dataclass(frozen=True)
class LoggedRecord:
    """`entry` None: a record of another kind, which the node wrote of its own accord."""

    seq: int
    operation: bytes
    entry: Entry | None


@dataclasses.dataclass(frozen=True)
class Receipt:
    first: int
    last: int


def vector_hash(figures):
    """`figures`: little-endian 32-bit floats as bytes."""
    return hashlib.sha256(figures).digest()[:8]


class Ledger:
    """`sent`: entries by operation. `receipts`: of those acknowledged. `refused`: of these nothing may be there."""

    def __init__(self):
        self.sent, self.receipts, self.faults = {}, {}, []
        self.refused = set()

    def send(self, operation, entries):
        self.sent[operation] = tuple(entries)

    def acknowledge(self, operation, receipt):
        """A receipt; of an operation that was sent again, the first one once more."""
        known = self.receipts.setdefault(operation, receipt)
        if known != receipt:
            self.faults.append(f"operation {operation!r} has receipts {known} and {receipt}")

    def refuse(self, operation):
        """A status that says that nothing was written; it may be sent again later."""
        self.refused.add(operation)

    def check(self, records, head):
        """`records`: the log from its beginning. `head`: where it ends by its own word."""
        wrong, place, places = list(self.faults), 0, {}
        last_operation = None
        for record in records:
            if record.seq != place + 1:
                wrong.append(f"after record {place} comes {record.seq}")
            place = record.seq
            if record.entry is None:
                last_operation = record.operation
                continue
            if record.operation not in self.sent:
                wrong.append(f"record {record.seq} is of operation {record.operation!r}, which nobody sent")
                continue
            if record.operation in places and record.operation != last_operation:
                wrong.append(f"operation {record.operation!r} is there again at record {record.seq}")
            last_operation = record.operation
            places.setdefault(record.operation, []).append(record)
        if place != head:
            wrong.append(f"the log ends at record {head} by its own word, and its last record is {place}")
        for operation, found in places.items():
            if tuple(record.entry for record in found) != self.sent[operation]:
                wrong.append(f"operation {operation!r} is not in the log as it was sent ({len(found)} records)")
        for operation in (self.refused - self.receipts.keys()) & places.keys():
            wrong.append(f"operation {operation!r} was refused and is in the log")
        for operation, receipt in self.receipts.items():
            found = places.get(operation)
            if not found:
                wrong.append(f"operation {operation!r} was acknowledged as record {receipt.last} and is not in the log")
            elif (found[0].seq, found[-1].seq) != (receipt.first, receipt.last):
                wrong.append(
                    f"operation {operation!r} was acknowledged as records {receipt.first} to {receipt.last} and is "
                    f"{found[0].seq} to {found[-1].seq}"
                )
        return wrong

    def check_export(self, records, exported):
        """`exported`: entry by place of the live exemplars. Each text is sent once, so each record lives."""
        expected = {record.seq: record.entry for record in records if record.entry}
        wrong = [f"the exemplar of record {seq} is not exported" for seq in sorted(expected.keys() - exported.keys())]
        invented = sorted(exported.keys() - expected.keys())
        wrong += [f"an exemplar of record {seq} is exported, which upserted none" for seq in invented]
        changed = [seq for seq in expected.keys() & exported.keys() if expected[seq] != exported[seq]]
        return wrong + [f"the exemplar of record {seq} is exported otherwise" for seq in sorted(changed)]
