internal import Clustering
package import Core
package import Discovering

/// Fits when clusters are merged to labelled pools, and tells what merging is worth on pools that it was not fitted to.
///
/// Of each pool a run finds, judges and names clusters twice, at the chosen cut and at the finer one, which has more intents
/// in two halves; it merges none, and what merging makes of them is held against the labels. A value; the same pools, settings
/// and models give the same fit.
package struct MergeFitRun: Sendable {
    package struct Pool: Sendable {
        package var name: String
        package var set: GoldSet

        package init(name: String, set: GoldSet) {
            self.name = name
            self.set = set
        }
    }

    /// What merging is worth on one pool, as means of (NMI + ACC) / 2 over its cuts.
    package struct Row: Sendable, Equatable {
        package var pool: String
        package var unmerged: Double
        /// By the settings that ship.
        package var shipped: Double
        /// By a fit to the other pools; nil: there is no other.
        package var heldOut: Double?
    }

    private let settings: DiscoverySettings
    private let engines: any DiscoveryEngines
    private let weights: JudgeWeights
    private let progress: @Sendable (String) -> Void

    /// - Parameters:
    ///   - settings: of the runs, but for their cuts.
    ///   - progress: gets what is done now, in words.
    package init(
        settings: DiscoverySettings,
        engines: any DiscoveryEngines,
        weights: JudgeWeights = .shipped,
        progress: @escaping @Sendable (String) -> Void = { _ in },
    ) {
        self.settings = settings
        self.engines = engines
        self.weights = weights
        self.progress = progress
    }

    /// - Throws: `.invalidArgument` where no pool has clusters; what a run throws.
    package func run(pools: [Pool]) async throws -> (fit: MergeFit, rows: [Row]) {
        var sets: [[MergeFit.LabelledSet]] = []
        for pool in pools { sets.append(try await labelledSets(of: pool)) }
        guard sets.contains(where: { !$0.isEmpty }) else {
            throw SwitchboardError.invalid("no cluster was found in the files, so there is nothing to merge")
        }
        progress("fitting")
        let (names, all) = (pools.map(\.name), sets)
        return try await WorkThread("merge-fit").run { () -> (fit: MergeFit, rows: [Row]) in
            let rows = names.indices.filter { !all[$0].isEmpty }.map { place in
                Self.row(names[place], all[place], others: all.indices.filter { $0 != place }.flatMap { all[$0] })
            }
            return (fit: MergeFit(to: all.flatMap { $0 }), rows: rows)
        }
    }

    private static func row(
        _ name: String,
        _ own: [MergeFit.LabelledSet],
        others: [MergeFit.LabelledSet],
    ) -> Row {
        func mean(_ settings: MergeSettings) -> Double {
            own.reduce(0) { $0 + MergeFit.score(of: $1, under: settings) } / Double(own.count)
        }
        return Row(
            pool: name,
            unmerged: mean(.none),
            shipped: mean(MergeSettings()),
            heldOut: others.isEmpty ? nil : mean(MergeFit(to: others).settings)
        )
    }

    /// One a cut, vertical and role; none where nothing was found.
    private func labelledSets(of pool: Pool) async throws -> [MergeFit.LabelledSet] {
        var sets: [MergeFit.LabelledSet] = []
        for cut in [DiscoverySettings.Cut.chosen, .finer] {
            progress("\(pool.name): looking for clusters, the \(cut.rawValue) cut")
            var chosen = settings
            chosen.cut = cut
            let run = DiscoveryRun(
                settings: chosen,
                engines: engines,
                taxonomy: .empty,
                previous: [],
                weights: weights,
                merging: .none
            )
            let id = Bits128(UInt128(settings.seed))
            let outcome = try await run.run(pool.set.utterances, runID: id, checkpoints: NoCheckpoints()) { _ in }
            for group in outcome.partitions {
                if let set = try await labelledSet(group, outcome, pool.set) { sets.append(set) }
            }
        }
        return sets
    }

    private func labelledSet(
        _ group: GroupPartition,
        _ outcome: RunOutcome,
        _ set: GoldSet,
    ) async throws -> MergeFit.LabelledSet? {
        var names: [Bits128: String] = [:]
        for proposal in outcome.proposals { names[proposal.id] = proposal.name.label }
        // What is no proposal has no name, and is merged with nothing.
        let labels = group.proposals.map { $0.flatMap { names[$0] } }
        guard labels.contains(where: { $0 != nil }) else { return nil }
        let named = try await engines.encode(try labels.map { try SpokenName.text(of: $0 ?? "nothing") })
        let rows = try await engines.encode(group.rows.map { set.utterances[$0].text })
        guard let dimension = rows.first?.count else { return nil }
        var numbers: [NamedIntent: Int] = [:]
        var gold: [Int] = []
        for row in group.rows {
            // One without a label is like no other.
            guard let label = set.labels[row] else {
                gold.append(-1 - row)
                continue
            }
            let number = numbers[label] ?? numbers.count
            numbers[label] = number
            gold.append(number)
        }
        return MergeFit.LabelledSet(
            labels: VectorTable(dimension: dimension, rows: named),
            clusters: group.partition.members(),
            mergeable: zip(labels, group.judgements).map { $0 != nil && $1.isGood },
            vectors: VectorTable(dimension: dimension, rows: rows),
            gold: gold
        )
    }
}
