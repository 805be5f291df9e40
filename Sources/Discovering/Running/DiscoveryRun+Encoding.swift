internal import Clustering
internal import Core
internal import SwitchboardClient

// Vectors of the utterances: of the serving encoder, and tuned ones where they are asked for.
extension DiscoveryRun {
    /// Utterances between two checkpoints: half a minute's work on one core, 6 MB.
    private static let chunk = 4_096
    /// Texts of one call, and calls under way; live calls come between them.
    private static let textsAtATime = 64
    private static let callsInFlight = 4

    /// The material of each group; nil of one that is too small.
    func materials(of groups: [UtteranceGroup], _ work: RunWork) async throws -> [Material?] {
        let texts = groups.filter(isLargeEnough).flatMap { $0.utterances.map(\.text) }
        guard !texts.isEmpty else { return groups.map { _ in nil } }
        let vectors = try await encoded(texts, work)
        let tuned = try await settings.isTuned ? self.tuned(texts, vectors, work) : nil
        var start = 0
        return groups.map { group in
            guard isLargeEnough(group) else { return nil }
            let rows = start..<start + group.utterances.count
            start = rows.upperBound
            return Material(
                utterances: group.utterances,
                vectors: Self.part(vectors, rows),
                tuned: tuned.map { Self.part($0, rows) }
            )
        }
    }

    private func encoded(_ texts: [UtteranceText], _ work: RunWork) async throws -> VectorTable {
        await work.reporter.begin(.encoding, "encoding \(texts.count) utterances")
        var table: VectorTable?
        for (number, chunk) in texts.chunks(of: Self.chunk).enumerated() {
            try Task.checkCancellation()
            let stage = "vectors-\(number)"
            let part: VectorTable
            if let saved = try await work.stages.load(stage),
                let vectors = RawVectors.table(saved, rows: chunk.count)
            {
                part = vectors
            } else {
                part = try await encodedNow(Array(chunk), done: number * Self.chunk, of: texts.count, work)
                try await work.stages.save(stage, RawVectors.bytes(of: part))
                try await work.saveEffort()
            }
            var whole = table ?? VectorTable(dimension: part.dimension)
            // Else two would share their storage, and the first change would copy it.
            table = nil
            guard whole.dimension == part.dimension else {
                throw SwitchboardError(.aborted, "the encoder was exchanged during the run; start it again")
            }
            for row in 0..<part.count { whole.append(part[row]) }
            table = whole
            await work.reporter.advance(to: Double(whole.count) / Double(texts.count))
        }
        guard let table else { preconditionFailure("some texts give some vectors") }
        return table
    }

    private func encodedNow(
        _ texts: [UtteranceText],
        done: Int,
        of total: Int,
        _ work: RunWork,
    ) async throws -> VectorTable {
        let engines = engines
        var rows: [[Float]] = []
        for round in texts.chunks(of: Self.textsAtATime * Self.callsInFlight) {
            try Task.checkCancellation()
            let parts = Array(round).chunks(of: Self.textsAtATime).map { Array($0) }
            let vectors = try await inFlight(Self.callsInFlight, parts) { texts in try await engines.encode(texts) }
            rows += vectors.flatMap(\.self)
            await work.reporter.advance(to: Double(done + rows.count) / Double(total))
        }
        guard rows.count == texts.count, let dimension = rows.first?.count, dimension > 0 else {
            throw SwitchboardError(.internal, "the encoder answered \(rows.count) vectors for \(texts.count) texts")
        }
        var table = VectorTable(dimension: dimension)
        for row in rows {
            guard row.count == dimension, let unit = Direction.unit(row) else {
                throw SwitchboardError(.internal, "the encoder answered a vector that has no direction")
            }
            table.append(unit)
        }
        return table
    }

    private func tuned(_ texts: [UtteranceText], _ vectors: VectorTable, _ work: RunWork) async throws -> VectorTable {
        await work.reporter.begin(.tuning, "tuning vectors to \(texts.count) utterances")
        if let saved = try await work.stages.load("tuned"), let table = RawVectors.table(saved, rows: texts.count) {
            return table
        }
        guard let tuner else { preconditionFailure("a run that tunes was begun with a tuner") }
        let reporter = work.reporter
        let table = try await tuner.tune(texts: texts, vectors: vectors, seed: settings.seed) { fraction in
            await reporter.advance(to: fraction)
        }
        guard table.count == texts.count else {
            throw SwitchboardError(.internal, "tuning gave \(table.count) vectors for \(texts.count) texts")
        }
        try await work.stages.save("tuned", RawVectors.bytes(of: table))
        try await work.saveEffort()
        return table
    }

    private static func part(_ table: VectorTable, _ rows: Range<Int>) -> VectorTable {
        var part = VectorTable(dimension: table.dimension)
        for row in rows { part.append(table[row]) }
        return part
    }
}
