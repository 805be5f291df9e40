package import Core
internal import Foundation

/// The product beside simpler methods: tables and figures. A value, made of what was measured.
package struct EvalTables: Sendable, Equatable {
    /// A row of Table 2.
    struct RetrieverFigures: Sendable {
        let retriever: String
        let k: Int
        let recall: Double?
        let voteAccuracy: Double?
    }

    /// A point of Figure 4.
    struct NeighbourFigures: Sendable {
        let k: Int
        let voteAccuracy: Double?
        let retrievalAccuracy: Double?
        /// Of one Retrieve call, as the client waits.
        let medianMs: Double?
    }

    /// A row of Table 3.
    struct UnseenFigures: Sendable {
        let vertical: Vertical
        let method: String
        let figures: MethodResult.Figures
    }

    package let tables: [DataTable]
    package let figures: [SVGFigure]

    /// - Parameters:
    ///   - results: on all test utterances.
    ///   - asking: on those that the language model was asked of; empty: it was not asked.
    ///   - sampled: on those that the language model was asked of, with what it answered; empty: it was not asked.
    init(
        results: [MethodResult],
        sampled: [MethodResult],
        retrievers: [RetrieverFigures],
        neighbours: [NeighbourFigures],
        unseen: [UnseenFigures],
        widening: [WideningFigures],
        asking: [AskingFigures],
        learnt: Baselines,
    ) {
        let whole = Set(results.map(\.method))
        let best = sampled.filter {
            ($0.method.hasPrefix("llm") || $0.method.hasPrefix("retrieval-")) && !whole.contains($0.method)
        }
        let all = results + best
        tables =
            [
                Self.methods(results, sampled), Self.paired(results, sampled), Self.retrievers(retrievers),
                Self.unseen(unseen),
                Self.neighbours(neighbours), Self.outOfScope(results), Self.calibration(all), Self.coverage(all),
                Self.reliability(all), Self.widening(widening), Self.asking(asking), Self.settings(learnt),
            ].filter { !$0.rows.isEmpty }
        figures = [Self.plot(neighbours), Self.plotCoverage(all), Self.plotReliability(all)]
    }

    /// For the report's JSON, by name.
    package var objects: [String: [DataTable.Row]] {
        Dictionary(tables.map { ($0.name, $0.objects) }, uniquingKeysWith: { first, _ in first })
    }

    /// Writes each table as NAME.csv and each figure as NAME.svg.
    ///
    /// - Parameter folder: made where it is missing.
    /// - Throws: `.failedPrecondition` where it cannot be written.
    package func write(to folder: String) throws(SwitchboardError) {
        try Self.prepare(folder)
        for table in tables { try Self.write(table.csv, to: "\(folder)/\(table.name).csv") }
        for figure in figures { try Self.write(figure.document, to: "\(folder)/\(figure.name).svg") }
    }

    /// Makes the folder, so that one that cannot be written is told before anything is measured.
    package static func prepare(_ folder: String) throws(SwitchboardError) {
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        } catch {
            throw SwitchboardError(.failedPrecondition, "the folder \(folder) cannot be made", cause: error)
        }
        guard FileManager.default.isWritableFile(atPath: folder) else {
            throw SwitchboardError(.failedPrecondition, "nothing can be written into \(folder)")
        }
    }

    /// The tables that fit a screen, for people.
    package var lines: [String] {
        let long: Set<String> = ["coverage", "reliability"]
        return Array(tables.filter { !long.contains($0.name) }.map(\.lines).joined(separator: [""]))
    }

    private static func write(_ text: String, to path: String) throws(SwitchboardError) {
        do {
            try text.write(toFile: path, atomically: true, encoding: .utf8)
        } catch {
            throw SwitchboardError(.failedPrecondition, "\(path) cannot be written", cause: error)
        }
    }
}
