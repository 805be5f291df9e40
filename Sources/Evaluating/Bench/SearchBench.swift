internal import Core
internal import Index
internal import Models
internal import Node

/// Search through 50,000 vectors on one thread: by graphs and with 8,000 of them growing, beside the exact scan, and that
/// beside the memory's bandwidth.
package struct SearchBench: Sendable {
    private struct Size {
        let vectors: Int
        let growing: Int
        let segment: Int
        let queries: Int
    }

    private static let neighbours = 10

    private let settings: BenchSettings
    private let corpus: BenchCorpus

    package init(_ settings: BenchSettings, corpus: BenchCorpus) {
        self.settings = settings
        self.corpus = corpus.prefix(
            pairs: settings.choose(.max, quick: 32),
            questions: settings.choose(.max, quick: 32)
        )
    }

    package func run() async throws -> [BenchReport] {
        let encoder = try EncoderAlone(path: settings.models.encoder)
        let cache = VectorCache(folder: settings.cachePath + "/bench")
        settings.tell(
            "encoding \(corpus.pairs.count + corpus.questions.count) utterances, unless they are in the cache"
        )
        let threads = settings.computeThreads
        let known = try await cache.vectors(of: corpus.pairs.map(\.text.value), by: encoder, threads: threads)
        let asked = try await cache.vectors(of: corpus.questions.map(\.value), by: encoder, threads: threads)
        let model = encoder.model.id
        return try await WorkThread("bench-search").run { [self] in try measure(known, asked, model) }
    }

    private func measure(_ known: [[Float]], _ asked: [[Float]], _ model: ModelID) throws -> [BenchReport] {
        let size = settings.choose(
            Size(vectors: 50_000, growing: 8_000, segment: IndexSettings().upsertsPerSegment, queries: 400),
            quick: Size(vectors: 1_500, growing: 200, segment: 512, queries: 20)
        )
        let dimension = known[0].count
        let index = IndexSettings(dimension: dimension, upsertsPerSegment: size.segment)
        let replica = Replica(log: LogID(1), settings: index)
        var filling = IndexFilling(vectors: NoisyVectors(around: known, seed: settings.seed), encoder: model)
        var queries = NoisyVectors(around: asked, seed: settings.seed + 1)
        let questions = (0..<size.queries).map { _ in
            SearchQuery(vector: queries.next(), k: Self.neighbours, verticals: [.default])
        }

        settings.tell("filling an index of \(size.vectors) vectors of \(dimension) and building its graphs")
        try filling.add(size.vectors - size.growing, to: replica)
        try filling.seal(replica, segment: size.segment)
        replica.buildGraphs()
        try filling.add(size.growing, to: replica)
        settings.tell("searching with \(size.growing) vectors growing")
        let mixed = try StateFigures(replica.snapshot, questions, rounds: settings.choose(5, quick: 1))
        try filling.seal(replica, segment: size.segment)
        replica.buildGraphs()
        settings.tell("searching with all of them sealed")
        let sealed = try StateFigures(replica.snapshot, questions, rounds: settings.choose(5, quick: 1))
        guard let bandwidth = VectorKernels.readBandwidth(bytes: size.vectors * dimension * MemoryLayout<Float>.size)
        else { throw SwitchboardError(.resourceExhausted, "there is too little memory to measure how fast it is read") }
        return [
            Self.report(sealed, bytes: size.vectors * dimension * 4, bandwidth: bandwidth),
            Self.report(mixed, growing: size.growing),
        ]
    }

    private static func report(_ sealed: StateFigures, bytes: Int, bandwidth: Double) -> BenchReport {
        var report = sealed.report
        report.note("growing", 0)
        report.note("read_bytes_per_second", bandwidth)
        if let own = sealed.search.latency, let scan = sealed.scan.latency {
            report.compare("scan_p50_to_search_p50", scan.p50 / own.p50, .atLeast(8))
            report.compare("scan_to_bandwidth", Double(bytes) / (scan.p50 / 1e6) / bandwidth, .atLeast(0.5))
        }
        return report
    }

    private static func report(_ mixed: StateFigures, growing: Int) -> BenchReport {
        var report = mixed.report
        report.note("growing", Double(growing))
        if let own = mixed.search.latency, let scan = mixed.scan.latency {
            report.compare("search_p50_to_scan_p50", own.p50 / scan.p50, .atMost(0.3))
        }
        return report
    }
}

/// Search and scan of one state of an index, alternating so that a change of the machine's pace meets both.
private struct StateFigures {
    private(set) var search = LatencySamples()
    private(set) var scan = LatencySamples()
    private(set) var recall = 0.0
    private let vectors: Int

    init(_ snapshot: ReplicaSnapshot, _ queries: [SearchQuery], rounds: Int) throws(SwitchboardError) {
        vectors = snapshot.count
        var found = 0
        var wanted = 0
        for round in 0..<rounds {
            let part = queries.enumerated().filter { $0.offset % rounds == round }.map(\.element)
            let exact = try Self.run(part.map(\.exact), snapshot, into: &scan)
            let walked = try Self.run(part, snapshot, into: &search)
            for (exact, walked) in zip(exact, walked) {
                found += Set(exact.map(\.exemplar)).intersection(walked.map(\.exemplar)).count
                wanted += exact.count
            }
        }
        recall = Double(found) / Double(max(wanted, 1))
    }

    private static func run(
        _ queries: [SearchQuery],
        _ snapshot: ReplicaSnapshot,
        into samples: inout LatencySamples,
    ) throws(SwitchboardError) -> [[Hit]] {
        let start = ContinuousClock.now
        var hits: [[Hit]] = []
        for query in queries {
            let begin = ContinuousClock.now
            hits.append(try snapshot.search(query))
            samples.add(begin.duration(to: .now))
        }
        samples.seconds += start.duration(to: .now).seconds
        return hits
    }

    var report: BenchReport {
        var report = BenchReport("search", inFlight: 1, samples: search)
        report.compared["exact_scan"] = scan.peer
        report.note("vectors", Double(vectors))
        report.compare("recall_at_10", recall, .atLeast(0.99))
        return report
    }
}

extension SearchQuery {
    fileprivate var exact: SearchQuery {
        var query = self
        query.isExact = true
        return query
    }
}
