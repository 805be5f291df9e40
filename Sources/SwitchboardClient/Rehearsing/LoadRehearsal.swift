internal import Calls
internal import Core
internal import Wire

/// Finds out what loading a file would do to the index, and changes nothing.
///
/// Memory is bounded whatever the file's length: texts are remembered by their id alone, a million at a time, and the
/// file is read again for each million. Vectors are made by the node, at the priority of updates, for those rows only
/// that would change something. Used once, by one task.
package final class LoadRehearsal {
    /// Hands out the rows of the file; nil after the last.
    package typealias Reader = () throws -> (exemplar: Exemplar, number: Int)?

    /// Texts that are remembered at a time.
    static let textsAtATime = 1_000_000

    private let client: SwitchboardClient
    private let open: () throws -> Reader
    private let textLimit: Int
    private var ledger: RehearsalLedger
    private var summary = RehearsalSummary()
    private var neighbours: RehearsalNeighbours
    private let onFinding: (RehearsalFinding) -> Void
    private let onProgress: (RehearsalProgress) -> Void

    /// - Parameters:
    ///   - open: begins to read the file anew; called several times.
    ///   - textLimit: texts remembered at a time.
    package init(
        client: SwitchboardClient,
        options: PublishOptions,
        textLimit: Int = LoadRehearsal.textsAtATime,
        open: @escaping () throws -> Reader,
        onFinding: @escaping (RehearsalFinding) -> Void,
        onProgress: @escaping (RehearsalProgress) -> Void,
    ) {
        self.client = client
        self.open = open
        self.textLimit = textLimit
        self.onFinding = onFinding
        self.onProgress = onProgress
        ledger = RehearsalLedger(onConflict: options.onConflict.rule, createsIntents: options.createsIntents)
        neighbours = RehearsalNeighbours(client: client)
    }

    /// - Throws: what `open` and its readers throw; `ClientError` where the node cannot be reached.
    package func run() async throws -> RehearsalSummary {
        try noteTexts()
        try await enterIntents()
        let parts = max(1, (summary.rows + textLimit - 1) / textLimit)
        if parts > 1 { ledger.forgetTexts() }
        for part in 0..<parts {
            if parts > 1 { try noteTexts(of: part, parts) }
            try await enterContents()
            try await applyRows(of: part, parts)
            ledger.forgetTexts()
        }
        summary.created = ledger.created.flatMap { vertical, paths in paths.map { (vertical, $0) } }
            .sorted { ($0.vertical, $0.path) < ($1.vertical, $1.path) }
        return summary
    }

    // MARK: Reading

    /// Counts the rows, and notes their texts as long as these are not too many for one go.
    private func noteTexts() throws {
        let next = try open()
        while let (exemplar, number) = try next() {
            summary.rows += 1
            if summary.rows <= textLimit { ledger.note(RehearsalRow(exemplar, number: number).exemplar) }
            if summary.rows % 1_000 == 0 { onProgress(.reading(summary.rows)) }
        }
    }

    private func noteTexts(of part: Int, _ parts: Int) throws {
        let next = try open()
        while let (exemplar, number) = try next() {
            let row = RehearsalRow(exemplar, number: number)
            if Self.isIn(row.exemplar, part, parts) { ledger.note(row.exemplar) }
        }
    }

    private static func isIn(_ exemplar: ExemplarID, _ part: Int, _ parts: Int) -> Bool {
        parts == 1 || Int(exemplar.bits.value % UInt128(parts)) == part
    }

    // MARK: The index

    private func enterIntents() async throws {
        let stream = try await client.gateways.open(Methods.intents, IntentsRequest())
        while let response = try await stream.next() {
            for intent in response.intents where intent.aliasOf == nil {
                ledger.enter(intent: intent.path, in: intent.vertical)
            }
        }
    }

    private func enterContents() async throws {
        let stream = try await client.updater.open(Methods.export, ExportRequest())
        var looked = 0
        while let response = try await stream.next() {
            for exemplar in response.exemplars {
                ledger.enter(exemplar.exemplarID, path: exemplar.intent)
                neighbours.filledVerticals.insert(exemplar.vertical)
            }
            looked += response.exemplars.count
            summary.position = response.position
            onProgress(.comparing(looked))
        }
    }

    // MARK: Rows

    private func applyRows(of part: Int, _ parts: Int) async throws {
        let next = try open()
        var done = 0
        var waiting: [RehearsalRow] = []
        while let (exemplar, number) = try next() {
            done += 1
            let row = RehearsalRow(exemplar, number: number)
            guard Self.isIn(row.exemplar, part, parts) else { continue }
            if apply(row) { waiting.append(row) }
            if waiting.count == RehearsalNeighbours.rowsAtATime {
                try await findNeighbours(of: waiting)
                waiting.removeAll(keepingCapacity: true)
                onProgress(.encoding(rows: done, of: summary.rows, encoded: neighbours.encoded))
            }
        }
        try await findNeighbours(of: waiting)
        onProgress(.encoding(rows: done, of: summary.rows, encoded: neighbours.encoded))
    }

    /// - Returns: whether the row would change something.
    private func apply(_ row: RehearsalRow) -> Bool {
        let (effect, contradiction) = ledger.apply(
            row.exemplar,
            path: row.path,
            vertical: row.vertical,
            number: row.number
        )
        if let contradiction {
            summary.twoLabels += 1
            onFinding(.twoLabels(row, earlier: contradiction))
        }
        switch effect {
        case .added: summary.added += 1
        case .unchanged: summary.unchanged += 1
        case .relabelled(let earlier):
            summary.relabelled += 1
            // One label after the other in the file is told as such.
            if contradiction == nil { onFinding(.relabelled(row, from: earlier)) }
        case .refused(let reason):
            summary.refused += 1
            onFinding(.refused(row, reason: reason))
        }
        switch effect {
        case .added, .relabelled: return true
        case .unchanged, .refused: return false
        }
    }

    private func findNeighbours(of rows: [RehearsalRow]) async throws {
        for (row, inFile, inIndex) in try await neighbours.find(rows) {
            for match in inFile {
                summary.nearInFile += 1
                onFinding(.nearInFile(row, match))
            }
            for match in inIndex {
                summary.nearInIndex += 1
                onFinding(.nearInIndex(row, text: match.text, path: match.path, similarity: match.similarity))
            }
        }
        summary.comparedInFile = neighbours.comparedInFile
    }
}
