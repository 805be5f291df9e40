import Core
import Foundation
import Testing

@testable import Index

/// Not a test but figures, printed: `SWITCHBOARD_MEASURE=1 swift test -c release --filter Measurements`.
@Suite(.serialized, .enabled(if: ProcessInfo.processInfo.environment["SWITCHBOARD_MEASURE"] != nil))
struct Measurements {
    private let clock = ContinuousClock()

    private func percentile(_ durations: [Duration], _ share: Double) -> Duration {
        durations.sorted()[min(durations.count - 1, Int(Double(durations.count) * share))]
    }

    private func milliseconds(_ duration: Duration) -> String {
        String(format: "%.3f ms", duration / .milliseconds(1))
    }

    private func report(_ name: String, _ durations: [Duration]) {
        print(
            "\(name): least \(milliseconds(percentile(durations, 0))), p50 \(milliseconds(percentile(durations, 0.5))), "
                + "p99 \(milliseconds(percentile(durations, 0.99)))"
        )
    }

    private func searches(_ snapshot: ReplicaSnapshot, _ queries: [[Float]], isExact: Bool = false) throws -> [Duration]
    {
        try queries.map { vector in
            let query = SearchQuery(vector: vector, k: 10, verticals: [.default], isExact: isExact)
            return try clock.measure { _ = try snapshot.search(query) }
        }
    }

    private func recall(_ snapshot: ReplicaSnapshot, _ queries: [[Float]]) throws -> Double {
        var found = 0
        for vector in queries {
            var query = SearchQuery(vector: vector, k: 10, verticals: [.default])
            let hits = try snapshot.search(query)
            query.isExact = true
            found += try Set(snapshot.search(query).map(\.exemplar)).intersection(hits.map(\.exemplar)).count
        }
        return Double(found) / Double(10 * queries.count)
    }

    @Test func search() throws {
        var source = VectorSource(dimension: 384, seed: 2)
        var log = LogWriter()
        func records(_ count: Int) throws -> [LogRecord] {
            try (0..<count).map { _ in
                let number = log.sequence.number
                return try log.upsert("caller says sentence number \(number)", "intent \(number % 150)", source.next())
            }
        }
        let bandwidth = try #require(VectorKernels.readBandwidth(bytes: 50_000 * 1_536))
        print("\(VectorKernels.used.rawValue), reads \(String(format: "%.1f", bandwidth / 1e9)) GB/s")
        let queries = (0..<400).map { _ in source.next() }

        // Sealed alone.
        let replica = Replica(log: LogWriter.log)
        var batches: [[LogRecord]] = []
        for _ in 0..<50 { batches.append(try records(1_000)) }
        // 49,152 records fill six segments; the rest grows.
        let all = batches.flatMap { $0 }
        let applied = try clock.measure {
            for first in stride(from: 0, to: 49_152, by: 1_024) {
                try replica.apply(Array(all[first..<(first + 1_024)]))
            }
        }
        print("applied 49,152 records in \(milliseconds(applied))")
        let exact = try searches(replica.snapshot, queries, isExact: true)
        report("exact scan of 49,152, blocks", exact)
        let scan = percentile(exact, 0.5)
        print(String(format: "  %.2f of the bandwidth", 49_152 * 1_536 / (scan / .seconds(1)) / bandwidth))
        print("graphs in \(milliseconds(clock.measure { replica.buildGraphs() }))")
        report("exact scan of 49,152, graphs", try searches(replica.snapshot, queries, isExact: true))
        let sealed = try searches(replica.snapshot, queries)
        report("sealed", sealed)
        print(String(format: "  %.1f times faster than the scan", scan / percentile(sealed, 0.5)))
        print("  recall@10 \(try recall(replica.snapshot, queries))")

        // With 8,000 growing.
        try replica.apply(Array(all[49_152...]))
        for _ in 0..<7 { try replica.apply(try records(1_000)) }
        try replica.apply(try records(152))
        let mixed = try searches(replica.snapshot, queries)
        report("with \(replica.snapshot.segments.last?.vectors ?? 0) growing", mixed)
        print(String(format: "  %.2f of the scan", percentile(mixed, 0.5) / scan))
        print("  recall@10 \(try recall(replica.snapshot, queries))")
    }

    @Test func applying() throws {
        var source = VectorSource(dimension: 384, seed: 3)
        var log = LogWriter()
        func upserts(_ count: Int) throws -> [LogRecord] {
            try (0..<count).map { _ in
                let number = log.sequence.number
                return try log.upsert("caller says sentence number \(number)", "intent \(number % 150)", source.next())
            }
        }
        let replica = Replica(log: LogWriter.log)
        let resident = residentBytes()
        for _ in 0..<100 { try replica.apply(try upserts(1_000)) }
        var batches: [Duration] = []
        for _ in 0..<200 {
            let batch = try upserts(10)
            batches.append(try clock.measure { try replica.apply(batch) })
        }
        report("apply of 10 records to 100,000", batches)
        batches = []
        for _ in 0..<200 {
            let batch = try [log.remove("caller says sentence number \(Int.random(in: 0..<100_000))")]
            batches.append(try clock.measure { try replica.apply(batch) })
        }
        report("removal from 100,000", batches)
        replica.buildGraphs()
        let snapshot = replica.snapshot
        let memory = snapshot.memory
        print(
            "\(snapshot.count) exemplars, bytes each: vectors \(memory.vectors / snapshot.count), "
                + "rows \(memory.rows / snapshot.count), ids \(memory.exemplars / snapshot.count), "
                + "resident \((residentBytes() - resident) / snapshot.count)"
        )
        for segment in snapshot.segments { print("  \(segment)") }
    }

    private func residentBytes() -> Int {
        // The second figure is of resident pages.
        let fields = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8))?.split(separator: " ") ?? []
        return fields.count > 1 ? (Int(fields[1]) ?? 0) * 4_096 : 0
    }
}
