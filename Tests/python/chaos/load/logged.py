"""The log and the export of a running updater, as the ledger reads them."""

import numpy
from chaos.checks.ledger import Entry, LoggedRecord, vector_hash
from chaos.load import asking


def entry_of(pair):
    return Entry(pair.vertical, pair.text, pair.intent, vector_hash(pair.vector.tobytes()))


def check_log(context, index, ledger):
    """Sentences about what is lost, doubled or invented in the log and in what it exports. Nobody appends meanwhile."""
    head = asking.stats(context, index).position.seq
    records = [_record(record) for record in asking.records(context, index)]
    exported = {exemplar.seq: _entry(exemplar) for exemplar in asking.export(context, index, vectors=True)}
    return ledger.check(records, head) + ledger.check_export(records, exported)


def _record(record):
    upserts = record.WhichOneof("fact") == "exemplar_upserted"
    return LoggedRecord(record.seq, record.operation_id, _entry(record.exemplar_upserted) if upserts else None)


def _entry(message):
    figures = numpy.array(message.vector, dtype="<f4").tobytes()
    return Entry(message.vertical, message.text.decode(), message.intent.decode(), vector_hash(figures))
