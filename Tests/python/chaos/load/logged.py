"""The log and the export of a running updater, as the ledger reads them."""

import numpy
from chaos.checks.ledger import Entry, LoggedRecord, vector_hash
from chaos.load import asking
from chaos.load.pairs import DIMENSION

# In place of a vector's hash where the node was to make the vector: some direction, whichever.
MADE_BY_THE_NODE = b"made by the node"


def entry_of(pair, has_vector=True):
    """`has_vector`: it is sent with the pair's own vector."""
    vector = vector_hash(pair.vector.tobytes()) if has_vector else MADE_BY_THE_NODE
    return Entry(pair.vertical, pair.text, pair.intent, vector)


def check_log(context, index, ledger, vertical=None, has_vectors=True, key=None):
    """Sentences about what is lost, doubled or invented in the log and in what it exports. Nobody appends meanwhile.

    `vertical`: the ledger is of this one alone. `has_vectors`: pairs were sent with vectors of their own.
    """
    head = asking.stats(context, index, key).position.seq
    records = [_record(record, vertical, has_vectors) for record in asking.records(context, index, key=key)]
    exported = {
        exemplar.seq: _entry(exemplar, has_vectors)
        for exemplar in asking.export(context, index, vectors=True, key=key)
        if vertical in (None, exemplar.vertical)
    }
    return ledger.check(records, head) + ledger.check_export(records, exported)


def _record(record, vertical, has_vectors):
    upserts = record.WhichOneof("fact") == "exemplar_upserted"
    upserts = upserts and vertical in (None, record.exemplar_upserted.vertical)
    entry = _entry(record.exemplar_upserted, has_vectors) if upserts else None
    return LoggedRecord(record.seq, record.operation_id, entry)


def _entry(message, has_vectors):
    figures = numpy.array(message.vector, dtype="<f4")
    is_direction = len(figures) == DIMENSION and abs(float(numpy.linalg.norm(figures)) - 1) < 1e-3
    vector = MADE_BY_THE_NODE if is_direction and not has_vectors else vector_hash(figures.tobytes())
    return Entry(message.vertical, message.text.decode(), message.intent.decode(), vector)
