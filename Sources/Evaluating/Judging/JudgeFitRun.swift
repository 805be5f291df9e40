package import Core
package import Discovering

/// Fits the judges to clusters and mixes of labelled pools, and tells how well a judge does on pools that it was not
/// fitted to.
///
/// Clusters are those of k-means at half to twice the number of labels and of Leiden at seven resolutions; good are those of
/// which 80 % have one label. Each pool counts the same. The figures of a pool are by a fit to the others; those of test
/// pools by the fit to all. The same pools, settings and models give the same weights.
package struct JudgeFitRun: Sendable {
    /// How a judge does on one pool.
    package struct Row: Sendable {
        /// `vectors`, `mixes`, `scorer` or `both`.
        package let judge: String
        package let isTuned: Bool
        package let pool: String
        /// It was not among those that the shipped weights are fitted to.
        package let isTest: Bool
        package let figures: JudgeFigures
    }

    package struct Settings: Sendable {
        package var run = DiscoverySettings()
        package var threads = 1
        /// Of a pool.
        package var mixes = 800
        /// Clusters of a pool that the scorer is asked about, at most; 0: none, and its curve stays as it is.
        package var scored = 0

        package init() {}
    }

    private let settings: Settings
    private let engines: any DiscoveryEngines
    private let progress: @Sendable (String) -> Void

    /// - Parameter progress: gets what is done now, in words.
    package init(
        settings: Settings,
        engines: any DiscoveryEngines,
        progress: @escaping @Sendable (String) -> Void = { _ in },
    ) {
        self.settings = settings
        self.engines = engines
        self.progress = progress
    }

    /// - Parameters:
    ///   - base: weights whose fits stay where nothing new is fitted.
    ///   - test: pools that nothing is fitted to.
    /// - Throws: `.invalidArgument` where all clusters are good or none is; what the scorer throws.
    package func run(
        pools: [JudgePool],
        test: [JudgePool],
        base: JudgeWeights,
    ) async throws -> (weights: JudgeWeights, rows: [Row]) {
        var weights = base
        weights.fittedOn = pools.map(\.name)
        let published = try await fits(pools.map(\.untuned), test.map(\.untuned), base.published, isTuned: false)
        weights.published = published.fits
        guard pools.allSatisfy({ $0.material.tuned != nil }) else { return (weights, published.rows) }
        let tuned = try await fits(pools, test, base.tuned ?? published.fits, isTuned: true)
        weights.tuned = tuned.fits
        return (weights, published.rows + tuned.rows)
    }

    private func fits(
        _ pools: [JudgePool],
        _ test: [JudgePool],
        _ base: JudgeFits,
        isTuned: Bool,
    ) async throws -> (fits: JudgeFits, rows: [Row]) {
        var fits = base
        var rows: [Row] = []
        var examples: [PoolExamples] = []
        for (number, pool) in (pools + test).enumerated() {
            progress("\(pool.name): cutting and reading clusters")
            examples.append(try await read(pool, number))
        }
        let learnt = Array(examples.prefix(pools.count))
        let kept = Array(examples.dropFirst(pools.count))
        func fit(
            _ judge: String,
            _ features: [String],
            _ part: KeyPath<PoolExamples, [LogisticFit.Example]>,
        ) throws -> LogisticFit {
            let all = learnt.flatMap { $0[keyPath: part] }
            var heldOut: [Double] = []
            let fit = try LogisticFit(features: features, examples: all, heldOut: &heldOut)
            for (number, pool) in pools.enumerated() {
                let places = all.indices.filter { all[$0].group == number }
                guard !places.isEmpty else { continue }
                let figures = try JudgeFigures(
                    probabilities: places.map { heldOut[$0] },
                    isGood: places.map { all[$0].isGood }
                )
                rows.append(Row(judge: judge, isTuned: isTuned, pool: pool.name, isTest: false, figures: figures))
            }
            for (pool, told) in zip(test, kept) where !told[keyPath: part].isEmpty {
                let figures = try JudgeFigures(
                    probabilities: told[keyPath: part].map { fit.probability($0.values) },
                    isGood: told[keyPath: part].map(\.isGood)
                )
                rows.append(Row(judge: judge, isTuned: isTuned, pool: pool.name, isTest: true, figures: figures))
            }
            return fit
        }
        let all = JudgeFeature.allCases.map(\.rawValue)
        fits.vectors = try fit("vectors", all, \.clusters)
        fits.leastSimilarity = learnt.compactMap(\.leastSimilarity).min()
        if learnt.contains(where: { !$0.mixes.isEmpty }) {
            fits.mixes = try fit("mixes", JudgeFeature.ofMixes.map(\.rawValue), \.mixes)
        }
        if learnt.contains(where: { !$0.scored.isEmpty }) {
            fits.scorer = try fit("scorer", [JudgeFits.ownShare], \.scored)
            fits.both = try fit("both", all + [JudgeFits.ownShare], \.both)
        }
        return (fits, rows)
    }

    /// Of a pool's utterances. What members of one intent have in common depends on how many there are, which no judge is
    /// told, so it learns from thick and thin pools alike.
    private static let densities = [1.0, 0.5, 0.25, 0.12]

    /// Reads the features of a pool's clusters and mixes.
    private func read(_ pool: JudgePool, _ group: Int) async throws -> PoolExamples {
        var examples = PoolExamples()
        for share in Self.densities {
            let thinned = pool.thinned(to: share, seed: settings.run.seed)
            // A pool that is thin already would have no clusters left.
            if share < 1, thinned.labels.count < 12 * Set(pool.labels).count { continue }
            try await read(thinned, group, &examples)
        }
        examples.weigh()
        return examples
    }

    private func read(_ pool: JudgePool, _ group: Int, _ examples: inout PoolExamples) async throws {
        let settings = settings
        let lessons = try await WorkThread("judge-fit").run {
            JudgeLessons(of: pool, mixes: settings.mixes, threads: settings.threads, settings: settings.run)
        }
        for cut in lessons.cuts {
            let readings = try await ClusterReadings.read(cut.clusters, of: lessons.field, halves: 0) { _ in }
            for (number, reading) in readings.enumerated() {
                guard let reading, cut.clusters[number].count >= settings.run.minimumSize else { continue }
                examples.clusters.append(.init(values: reading.features, isGood: cut.isGood[number], group: group))
            }
        }
        let places = JudgeFeature.ofMixes.map(\.place)
        for (reading, isPure) in zip(JudgedMixes.read(lessons.mixes, of: lessons.field, halves: 0), lessons.isPure) {
            guard let reading else { continue }
            examples.mixes.append(.init(values: places.map { reading.features[$0] }, isGood: isPure, group: group))
        }
        if settings.scored > 0 { try await ask(pool, lessons, group, &examples) }
    }

    /// Asks the scorer about some clusters of each cut.
    private func ask(
        _ pool: JudgePool,
        _ lessons: JudgeLessons,
        _ group: Int,
        _ examples: inout PoolExamples,
    ) async throws {
        let judge = ScorerJudge(weights: .builtin, engines: engines, effort: EffortCounter())
        var random = SeededGenerator(seed: settings.run.seed)
        let each = max(1, settings.scored / lessons.cuts.count)
        for (place, cut) in lessons.cuts.enumerated() {
            progress("\(pool.name): asking the scorer, \(place) of \(lessons.cuts.count)")
            let large = cut.clusters.indices.filter { cut.clusters[$0].count >= settings.run.minimumSize }
            let drawn = large.shuffled(using: &random).prefix(each).sorted()
            var field = lessons.field
            let isDrawn = Set(drawn)
            field.beside = cut.clusters.indices.filter { !isDrawn.contains($0) }.map { cut.clusters[$0] }
            let chosen = drawn.map { cut.clusters[$0] }
            let shares = try await judge.ownShares(of: chosen, in: field, progress: { _ in }).compactMap(\.self)
            guard shares.count == chosen.count else {
                throw SwitchboardError(
                    .failedPrecondition,
                    "there is no trained scorer; name one, or leave --scored out"
                )
            }
            let readings = try await ClusterReadings.read(chosen, of: field, halves: 0) { _ in }
            for (index, number) in drawn.enumerated() {
                guard let reading = readings[index], !shares[index].isEmpty else { continue }
                let share = shares[index].reduce(0, +) / Double(shares[index].count)
                let isGood = cut.isGood[number]
                examples.scored.append(.init(values: [share], isGood: isGood, group: group))
                examples.both.append(.init(values: reading.features + [share], isGood: isGood, group: group))
            }
        }
    }
}

/// Rows for the fits, of one pool.
private struct PoolExamples: Sendable {
    var clusters: [LogisticFit.Example] = []
    var mixes: [LogisticFit.Example] = []
    var scored: [LogisticFit.Example] = []
    var both: [LogisticFit.Example] = []

    /// That all but a hundredth of the good clusters have.
    var leastSimilarity: Double? {
        let good = clusters.filter(\.isGood).map { $0.values[JudgeFeature.similarity.place] }
        return Measure.percentiles([0.01], of: good)?[0]
    }

    /// Large pools have more clusters, and are no better teachers for it; how many of a pool's clusters are good is a matter
    /// of how finely it was cut, and not to be learnt.
    mutating func weigh() {
        let parts: [WritableKeyPath<PoolExamples, [LogisticFit.Example]>] = [\.clusters, \.mixes, \.scored, \.both]
        for part in parts {
            let good = self[keyPath: part].count(where: \.isGood)
            let bad = self[keyPath: part].count - good
            for place in self[keyPath: part].indices {
                let alike = self[keyPath: part][place].isGood ? good : bad
                self[keyPath: part][place].weight = 1 / Double(alike)
            }
        }
    }
}
