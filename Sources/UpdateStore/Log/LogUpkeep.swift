package import Core

/// What the updater writes into the log of its own accord: while the exemplars change to another encoder, and to undo
/// what was done. No writer can send it.
package enum LogUpkeep: Sendable, Equatable {
    /// Vectors by an encoder that does not serve yet, for exemplars that live; those of others are passed over. What was
    /// set for any other such encoder is dropped.
    case setVectors([VectorSet])
    /// From now on this encoder's vectors serve. Naming the encoder that serves drops what was set for another.
    case switchModels(EncoderShape)
    /// Things stand again as they were: a part of an undo or a rollback.
    case restore(Restoration)
}

/// A live exemplar that lacks a vector.
package struct UnencodedExemplar: Sendable, Equatable {
    package let id: ExemplarID
    package let vertical: Vertical
    package let text: UtteranceText
    /// When it became live: its place in the order of pages.
    package let first: LogSequence
}

extension UpdateLog {
    /// Appends upkeep as one operation.
    ///
    /// - Parameters:
    ///   - change: groups the operations of one change of models, or one undo.
    ///   - source: which work it belongs to.
    /// - Returns: when it is on disk; without records where there was nothing to do.
    /// - Throws: `.aborted` for a restoration that was worked out upon another head; `.failedPrecondition` where vectors
    ///   have another length than the log's or are of the encoder that serves, and for a switch while a live exemplar has
    ///   no vector of the encoder; `.invalidArgument` for vectors that are not of unit length, or too many; otherwise as
    ///   the appending of a batch.
    @concurrent
    package func append(
        _ upkeep: LogUpkeep,
        change: [UInt8],
        source: String,
        author: String = "",
    ) async throws(SwitchboardError) -> AppendReceipt {
        let prepared = try PreparedBatch(upkeep, change: change, source: source, author: author)
        return try await writer.write(prepared, bytes: prepared.bytes)
    }

    /// The live exemplars that have no vector of an encoder, in the order in which they became live.
    ///
    /// - Parameter place: those that became live at it or before are left out.
    /// - Throws: `.dataLoss` where the record of one is damaged.
    package func exemplars(
        without encoder: ModelID,
        after place: LogSequence,
        limit: Int,
    ) async throws(SwitchboardError) -> [UnencodedExemplar] {
        let id = self.id
        do {
            return try await read { db in
                try LogTables(db, log: id).exemplars(without: encoder, after: place, limit: limit)
            }
        } catch {
            if let damage = error.cause as? DamagedRecord { board.mark(damaged: damage.sequence, readableTo: nil) }
            throw error
        }
    }

    /// How many live exemplars have a vector of an encoder that does not serve yet. Reads through all of them.
    package func count(with encoder: ModelID) async throws(SwitchboardError) -> Int {
        let id = self.id
        return try await read { db in
            try LogTables(db, log: id).count(with: encoder)
        }
    }

    /// Live exemplars at the head.
    package var exemplarCount: Int { board.state.exemplarCount }
}
