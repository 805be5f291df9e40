import Core
import Foundation
import Synchronization
import Testing

@testable import Index

/// One writer, several searchers and the thread that builds graphs, all at once: every answer has to be the one that
/// the log gives at the snapshot's sequence. Meant for Thread Sanitizer, which forgets too soon without the option:
/// `SWITCHBOARD_ONLY=IndexTests TSAN_OPTIONS=history_size=7 swift test --sanitize=thread --scratch-path .build-tsan
/// --filter StressTests`.
///
/// `SWITCHBOARD_STRESS_BATCHES` sets how many batches are applied (400), `SWITCHBOARD_STRESS_SEED` repeats a log.
@Suite struct StressTests {
    private let settings = IndexSettings(
        dimension: 16,
        upsertsPerSegment: 128,
        segmentsPerTier: 3,
        graphBreadth: 40,
        searchBreadth: 10,
    )

    /// The model after each batch; there is none for a sequence inside a batch, which no reader may see.
    private struct History: Sendable {
        var models: [LogSequence: IndexModel] = [.start: IndexModel()]
        var digests: [LogSequence: StateDigest] = [.start: StateDigest()]
    }

    private struct Findings: Sendable {
        var searches = 0
        var snapshots: Set<LogSequence> = []
        var faults: [String] = []
    }

    @Test(.timeLimit(.minutes(20))) func searchersSeeWholeBatchesAndTrueAnswers() async throws {
        let environment = ProcessInfo.processInfo.environment
        let batchCount = environment["SWITCHBOARD_STRESS_BATCHES"].flatMap { Int($0) } ?? 400
        let seed = environment["SWITCHBOARD_STRESS_SEED"].flatMap { UInt64($0) } ?? UInt64.random(in: 1...999_999)
        print("stress test: \(batchCount) batches, SWITCHBOARD_STRESS_SEED=\(seed)")

        var random = try RandomOperations(dimension: settings.dimension, texts: 1_000, seed: seed)
        let batches = try (0..<batchCount).map { _ in try random.batch() }
        let history = history(of: batches)
        let replica = Replica(log: LogWriter.log, settings: settings)
        replica.start()

        let isDone = Atomic(false)
        let rounds = Atomic(0)
        let findings = SignalledMutex(Findings())
        // Each searcher has rounds of its own after the last batch too, so that all see the end.
        let searchers = (0..<4).map { number in
            DedicatedThread(name: "searcher-\(number)") { [settings] in
                var searcher = Searcher(
                    replica: replica,
                    settings: settings,
                    history: history,
                    seed: seed &+ UInt64(number) &+ 1,
                )
                while !isDone.load(ordering: .acquiring) {
                    searcher.search()
                    rounds.add(1, ordering: .relaxed)
                }
                searcher.search()
                let found = searcher.findings
                findings.withLock { all in
                    all.searches += found.searches
                    all.snapshots.formUnion(found.snapshots)
                    all.faults += found.faults.prefix(5)
                }
            }
        }
        // Checking takes most of a searcher's time, and by its end the sanitizer has forgotten what the search read. These
        // only search, again and again, so that what they read is fresh when the writer writes.
        let hurried = try (0..<2).map { number in
            var random = try RandomOperations(
                dimension: settings.dimension,
                texts: 1_000,
                seed: seed &+ 100 &+ UInt64(number)
            )
            let queries = try (0..<32).map { _ in try random.query() }
            return DedicatedThread(name: "hurried-\(number)") {
                while !isDone.load(ordering: .acquiring) {
                    let snapshot = replica.snapshot
                    for query in queries { _ = try? snapshot.search(query) }
                }
            }
        }
        for (number, batch) in batches.enumerated() {
            try replica.apply(batch)
            // Applying is much faster than checking an answer: goes on when somebody has begun with this state or
            // later.
            while rounds.load(ordering: .relaxed) < number { await Task.yield() }
        }
        await replica.waitForGraphs()
        isDone.store(true, ordering: .releasing)
        for searcher in searchers + hurried { searcher.join() }
        replica.shutdown()

        let found = findings.withLock { $0 }
        print("stress test: \(found.searches) searches of \(found.snapshots.count) states")
        #expect(found.faults.isEmpty)
        #expect(found.searches > 0)
        #expect(!replica.snapshot.awaitsGraphs)
        #expect(replica.snapshot.digest == history.digests[replica.snapshot.position.sequence])
    }

    @Test(.timeLimit(.minutes(1))) func shutsDownInTheMidstOfAGraph() throws {
        // Thousands of vectors: a graph of seconds, even without a sanitizer.
        let settings = IndexSettings(dimension: 384, upsertsPerSegment: 4_000, graphBreadth: 400)
        var source = VectorSource(dimension: 384, clusters: 20, seed: 4)
        let vectors = (0..<100).map { _ in source.next() }
        var log = LogWriter()
        let replica = Replica(log: LogWriter.log, settings: settings)
        try replica.apply(
            try (0..<4_000).map { number in
                var vector = vectors[number % 100]
                vector[number % 384] += Float(number) / 40_000
                return try log.upsert("text \(number)", "x", vector)
            }
        )
        replica.start()
        let duration = ContinuousClock().measure { replica.shutdown() }
        #expect(replica.snapshot.awaitsGraphs)
        #expect(duration < .seconds(5))
        // What was published stays in service, and so does the writer.
        try replica.apply([log.remove("text 0")])
        let query = SearchQuery(vector: vectors[5], k: 3, verticals: [.default])
        #expect(try replica.snapshot.search(query).count == 3)
    }

    @Test(.timeLimit(.minutes(1))) func waitingEndsAtShutdown() async throws {
        let replica = Replica(log: LogWriter.log, settings: settings)
        await replica.waitForGraphs()
        replica.start()
        await replica.waitForGraphs()
        replica.shutdown()
        await replica.waitForGraphs()
    }

    private func history(of batches: [[LogRecord]]) -> History {
        var history = History()
        var model = IndexModel()
        for batch in batches {
            for record in batch { model.apply(record) }
            history.models[model.sequence] = model
            history.digests[model.sequence] = model.digest
        }
        return history
    }

    /// Belongs to one thread.
    private struct Searcher {
        let replica: Replica
        let settings: IndexSettings
        let history: History
        var random: RandomOperations
        var latest = LogSequence.start
        var findings = Findings()

        init(replica: Replica, settings: IndexSettings, history: History, seed: UInt64) {
            self.replica = replica
            self.settings = settings
            self.history = history
            do {
                random = try RandomOperations(dimension: settings.dimension, texts: 1_000, seed: seed)
            } catch {
                preconditionFailure("the names in the test are well-formed: \(error)")
            }
        }

        mutating func search() {
            let snapshot = replica.snapshot
            let sequence = snapshot.position.sequence
            findings.snapshots.insert(sequence)
            if sequence < latest { findings.faults.append("\(sequence) after \(latest)") }
            latest = sequence
            guard let model = history.models[sequence] else {
                findings.faults.append("half a batch at \(sequence)")
                return
            }
            if snapshot.digest != history.digests[sequence] { findings.faults.append("digest at \(sequence)") }
            do {
                for _ in 0..<4 { try check(random.query(), snapshot, model) }
            } catch {
                findings.faults.append("\(error) at \(sequence)")
            }
        }

        private mutating func check(_ query: SearchQuery, _ snapshot: ReplicaSnapshot, _ model: IndexModel) throws {
            findings.searches += 1
            let hits = try snapshot.search(query)
            let expected = model.search(query)
            if query.isExact {
                if hits != expected { findings.faults.append("exact answer at \(model.sequence)") }
                return
            }
            for hit in hits {
                let exemplar = model.exemplars[hit.exemplar]
                let isTrue =
                    model.answers(hit.exemplar, to: query) && exemplar?.text == hit.text
                    && exemplar.flatMap(model.intent) == hit.intent
                    && exemplar.map { VectorKernels.dot(query.vector, $0.vector) } == hit.similarity
                if !isTrue { findings.faults.append("a hit at \(model.sequence)") }
            }
            if hits.count < min(expected.count, 1) { findings.faults.append("no hit at \(model.sequence)") }
        }
    }
}
