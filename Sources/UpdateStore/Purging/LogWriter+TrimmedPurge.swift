package import Core

/// What a purge has to be told where the log was trimmed.
package struct TrimmedPurge: Sendable {
    /// A record at which there is a snapshot. The log's beginning moves up to the purge afterwards, and a snapshot of there
    /// is made from that one.
    package let basis: LogSequence
    /// To be made anew whatever records there are: records of what was removed are gone, and the vectors of it may still
    /// be in replicas.
    package let verticals: Set<Vertical>

    package init(basis: LogSequence, verticals: Set<Vertical> = []) {
        self.basis = basis
        self.verticals = verticals
    }
}

extension LogWriter {
    /// What a trimmed log is without some exemplars. What was before cannot be worked out anew without the records that are
    /// gone, so all digests stay; nobody is to follow from there any more.
    ///
    /// - Throws: `.aborted` where an exemplar has a record behind the basis: a snapshot of before, followed through blanked
    ///   records, would not come to what the log says.
    func blankedTrimmedLog(
        without exemplars: Set<ExemplarID>,
        _ trimmed: TrimmedPurge?,
        upTo state: LogState,
        _ tables: LogTables,
    ) throws -> BlankedLog {
        guard let trimmed, trimmed.basis.next >= state.first else {
            throw SwitchboardError(
                .failedPrecondition,
                "the log begins at \(state.first); erasing something from a trimmed log takes a snapshot of what follows"
            )
        }
        var rest = BlankedLog()
        rest.verticals = trimmed.verticals
        var places: Set<LogSequence> = []
        try tables.forEachExemplarRecord { record in
            guard let id = record.fact.exemplar, exemplars.contains(id), let fact = record.fact.blanked else { return }
            guard record.sequence <= trimmed.basis else {
                throw SwitchboardError(
                    .aborted,
                    "record \(record.sequence) about an exemplar that is to be erased came in meanwhile; try again"
                )
            }
            rest.verticals.insert(fact.vertical)
            rest.blanked += 1
            places.insert(record.sequence)
            let blank = LogRecord(sequence: record.sequence, stamp: record.stamp, fact: .exemplarBlanked(fact))
            rest.operations.append(ChangedOperation(member: record.sequence, records: [blank], digest: nil))
        }
        // A replica knows them by the record with which they became live, and that may be gone.
        for id in exemplars {
            if let living = try tables.exemplar(id) { places.insert(living.first) }
        }
        rest.places = places.sorted()
        try rest.checkSize()
        return rest
    }
}
