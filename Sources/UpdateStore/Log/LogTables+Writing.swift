internal import Core
internal import Foundation
internal import GRDB
internal import Wire

extension LogTables {
    /// Bytes that the records of one operation may have, and its receipt, so that they travel in one frame.
    static let maximumOperationBytes = Limits.maximumBytes - 64 * 1024

    /// Writes what was planned. To be called in a savepoint: it may have written a part when it throws.
    ///
    /// - Returns: the operation as followers get it; nil where it made no record.
    func write(
        _ plan: OperationPlan,
        content: [UInt8],
        before: LogState,
        after: LogState,
    ) throws -> CommittedOperation? {
        let bytes = try write(records: plan)
        for change in plan.changes { try write(change) }
        for intent in plan.created { try write(created: intent, verticals: after.verticals) }
        for intent in plan.named.values { try write(named: intent) }
        for (id, sequence) in plan.described { try write(described: id, at: sequence) }
        for (scope, sequence) in plan.policies { try write(policy: scope, at: sequence) }
        for (key, sequence) in plan.keys { try write(key, at: sequence) }
        try write(verticals: plan, before: before.verticals, after: after.verticals)
        try write(operation: plan, content: content, bytes: bytes, after: after)
        guard !plan.records.isEmpty else { return nil }
        return CommittedOperation(records: plan.records, digest: after.digest, bytes: bytes)
    }

    /// Writes where the log stands now, once a transaction.
    func write(_ state: LogState) throws {
        try db.cachedStatement(
            sql: """
                UPDATE log SET head = ?, digest = ?, encoder_id = ?, dimensions = ?, next_encoder_id = ?, next_count = ?,
                    next_sum = ?
                WHERE id = 1
                """
        ).execute(arguments: [
            state.head.stored, state.digest.sum.stored, state.encoder.map { Data($0.encoder.bytes) },
            state.encoder?.dimensions, state.nextEncoder.map { Data($0.bytes) }, state.nextVectors.count,
            state.nextVectors.terms.sum.stored,
        ])
    }

    private func write(records plan: OperationPlan) throws -> Int {
        let insert = try db.cachedStatement(
            sql: """
                INSERT INTO record (seq, operation, kind, format, checksum, payload) VALUES (?, ?, ?, ?, ?, ?)
                """
        )
        var bytes = 0
        for record in plan.records {
            let row = StoredRecord(record, operation: plan.number)
            bytes += row.payload.count
            guard bytes <= Self.maximumOperationBytes else {
                throw SwitchboardError.invalid(
                    "the batch makes records of more than \(Self.maximumOperationBytes) bytes; send smaller ones"
                )
            }
            try insert.execute(arguments: [
                row.sequence.stored, row.operation, row.kind, row.format, row.checksum, Data(row.payload),
            ])
        }
        return bytes
    }

    private func write(_ change: LedgerChange) throws {
        switch change {
        case .added(let exemplar):
            try db.cachedStatement(
                sql: "INSERT INTO exemplar_row (first_seq, id, vertical, intent, seq, term) VALUES (?, ?, ?, ?, ?, ?)"
            ).execute(arguments: [
                exemplar.first.stored, exemplar.id.bits.stored, exemplar.vertical, exemplar.intent.stored,
                exemplar.sequence.stored, exemplar.term.stored,
            ])
        case .moved(let exemplar), .prepared(let exemplar):
            // Whole, as the vector that serves may have been written as the next one.
            try db.cachedStatement(
                sql: """
                    UPDATE exemplar_row SET intent = ?, seq = ?, vector_seq = ?, term = ?, next_seq = ?, next_term = ?,
                        next_change = CASE WHEN ? THEN (SELECT next_change FROM log WHERE id = 1) END
                    WHERE first_seq = ?
                    """
            ).execute(arguments: [
                exemplar.intent.stored, exemplar.sequence.stored, exemplar.vectorSequence?.stored,
                exemplar.term.stored, exemplar.next?.sequence.stored, exemplar.next?.term.stored,
                exemplar.next != nil, exemplar.first.stored,
            ])
        case .removed(let exemplar):
            try db.cachedStatement(sql: "DELETE FROM exemplar_row WHERE first_seq = ?")
                .execute(arguments: [exemplar.first.stored])
        case .droppedNextVectors:
            try db.execute(sql: "UPDATE log SET next_change = next_change + 1 WHERE id = 1")
        case .switchedVectors:
            try db.execute(
                sql: "UPDATE log SET serving_change = next_change, next_change = next_change + 1 WHERE id = 1"
            )
        }
    }

    private func write(created intent: Intent, verticals: VerticalRegister) throws {
        guard let vertical = verticals.number(of: intent.vertical) else {
            preconditionFailure("the vertical of an intent that was just named is registered")
        }
        try db.cachedStatement(sql: "INSERT INTO intent (id, vertical, path) VALUES (?, ?, ?)")
            .execute(arguments: [intent.id.stored, vertical, intent.path.description.storedBytes])
    }

    private func write(named intent: Intent) throws {
        try db.cachedStatement(sql: "UPDATE intent SET path = ?, alias_of = ? WHERE id = ?")
            .execute(arguments: [intent.path.description.storedBytes, intent.aliasOf?.stored, intent.id.stored])
    }

    private func write(described intent: IntentID, at sequence: LogSequence) throws {
        try db.cachedStatement(sql: "UPDATE intent SET set_seq = ? WHERE id = ?")
            .execute(arguments: [sequence.stored, intent.stored])
    }

    private func write(policy scope: PolicyScope, at sequence: LogSequence?) throws {
        if let sequence {
            try db.cachedStatement(sql: "INSERT OR REPLACE INTO policy (scope, seq) VALUES (?, ?)")
                .execute(arguments: [scope.description, sequence.stored])
        } else {
            try db.cachedStatement(sql: "DELETE FROM policy WHERE scope = ?").execute(arguments: [scope.description])
        }
    }

    private func write(verticals plan: OperationPlan, before: VerticalRegister, after: VerticalRegister) throws {
        for number in plan.verticals {
            guard let entry = after[number] else { preconditionFailure("a vertical that was touched is registered") }
            if before[number] == nil {
                try db.cachedStatement(sql: "INSERT INTO vertical (number, name, exemplars) VALUES (?, ?, ?)")
                    .execute(arguments: [number, entry.vertical.name, entry.exemplars])
            } else if before[number] != entry {
                try db.cachedStatement(sql: "UPDATE vertical SET exemplars = ? WHERE number = ?")
                    .execute(arguments: [entry.exemplars, number])
            }
            try db.cachedStatement(sql: "INSERT INTO operation_vertical (vertical, operation) VALUES (?, ?)")
                .execute(arguments: [number, plan.number])
        }
    }

    private func write(operation plan: OperationPlan, content: [UInt8], bytes: Int, after: LogState) throws {
        let receipt = AppendReply(receipt: plan.receipt).encoded()
        guard receipt.count <= Self.maximumOperationBytes else {
            throw SwitchboardError.invalid("the batch names too many new intents for one receipt; send smaller ones")
        }
        try db.cachedStatement(
            sql: """
                INSERT INTO operation (number, operation_id, change_id, source, author, time_us, first_seq, last_seq,
                    bytes, digest, content, receipt)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """
        ).execute(arguments: [
            plan.number, Data(plan.stamp.operation), Data(plan.stamp.change), plan.stamp.source.storedBytes,
            plan.stamp.author.storedBytes, plan.stamp.timeMicroseconds, plan.receipt.first?.stored,
            plan.receipt.position.sequence.stored, bytes, after.digest.sum.stored, Data(content),
            Data(receipt),
        ])
    }
}
