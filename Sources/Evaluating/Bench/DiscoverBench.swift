internal import Clustering
internal import Core
internal import Foundation
internal import Index

/// Clustering 100,000 utterances whose vectors are there, at ten resolutions, without a language model: what it computes
/// and the memory it takes, beside a plain program that only looks for the nearest neighbours, exactly.
package struct DiscoverBench: Sendable {
    private struct Size {
        let utterances: Int
        let clusters: Int
        let resolutions: Int
        /// Rows whose neighbours the plain program looks for.
        let sample: Int
    }

    private static let dimension = 384
    private static let neighbours = 30
    private static let linked = 15

    private let settings: BenchSettings

    package init(_ settings: BenchSettings) {
        self.settings = settings
    }

    package func run() async throws -> [BenchReport] {
        [try await WorkThread("bench-discover").run { [self] in measure() }]
    }

    private func measure() -> BenchReport {
        let size = settings.choose(
            Size(utterances: 100_000, clusters: 400, resolutions: 10, sample: 200),
            quick: Size(utterances: 500, clusters: 10, resolutions: 3, sample: 20)
        )
        settings.tell("making \(size.utterances) vectors of \(Self.dimension)")
        var vectors = BlurredVectors(dimension: Self.dimension, clusters: size.clusters, seed: settings.seed)
        var table = VectorTable(dimension: Self.dimension)
        for _ in 0..<size.utterances { table.append(vectors.next()) }

        settings.tell("looking for the neighbours of \(size.sample) of them, as a plain program does")
        var plain = LatencySamples()
        var exact: [(row: Int, nearest: [Int])] = []
        for row in stride(from: 0, to: table.count, by: max(1, table.count / size.sample)).prefix(size.sample) {
            let begin = ContinuousClock.now
            exact.append((row, PlainNeighbours.nearest(Self.neighbours, to: row, in: table)))
            plain.take(begin.duration(to: .now))
        }

        settings.tell("looking for the neighbours of all")
        let start = Machine.processSeconds
        let lists = NeighbourLists(
            of: table,
            k: Self.neighbours,
            threads: settings.computeThreads,
            seed: settings.seed,
        )
        let graph = NeighbourGraph(jaccardOf: lists, linked: Self.linked)
        let listed = Machine.processSeconds
        settings.tell("clustering at \(size.resolutions) resolutions")
        var samples = LatencySamples()
        var begin = ContinuousClock.now
        let sweep = PartitionSweep(
            graph: graph,
            vectors: table,
            lists: lists,
            seed: settings.seed,
            resolutions: Self.resolutions(size.resolutions),
        ) { _ in
            samples.take(begin.duration(to: .now))
            begin = .now
        }
        let end = Machine.processSeconds

        var report = BenchReport("discover", inFlight: 1, samples: samples)
        report.compared["plain_neighbours"] = plain.peer
        let plainSeconds = plain.seconds / Double(max(plain.count, 1)) * Double(table.count)
        report.compare("cpu_to_plain_neighbours", (end - start) / plainSeconds, .atMost(0.25))
        report.note("utterances", Double(table.count))
        report.note("resolutions", Double(size.resolutions))
        report.note("cpu_s", end - start, .atMost(360))
        report.note("neighbours_cpu_s", listed - start)
        report.note("cuts_cpu_s", end - listed)
        report.note("peak_mb", Double(Machine.peakResidentBytes) / 1e6, .atMost(3_000))
        report.note("recall_at_30", Self.recall(lists, exact), .atLeast(0.95))
        report.note("clusters", Double(sweep.chosen.partition.clusterCount))
        return report
    }

    /// From the coarsest to the finest of a run's own, each so many times the one before.
    static func resolutions(_ count: Int) -> [Double] {
        let (first, last) = (
            PartitionSweep.resolutions[0], PartitionSweep.resolutions[PartitionSweep.resolutions.count - 1]
        )
        return (0..<count).map { number in
            first * pow(last / first, Double(number) / Double(max(count - 1, 1)))
        }
    }

    private static func recall(_ lists: NeighbourLists, _ exact: [(row: Int, nearest: [Int])]) -> Double {
        var found = 0
        var wanted = 0
        for (row, nearest) in exact {
            found += Set(lists[row].map { Int($0) }).intersection(nearest).count
            wanted += nearest.count
        }
        return Double(found) / Double(max(wanted, 1))
    }
}

/// What a program without blocks, graphs and threads does: compares a row with every other and keeps the nearest.
enum PlainNeighbours {
    static func nearest(_ k: Int, to row: Int, in table: VectorTable) -> [Int] {
        var kept: [(row: Int, similarity: Float)] = []
        kept.reserveCapacity(k + 1)
        table.values.withUnsafeBufferPointer { values in
            // A table with a row has memory.
            let base = values.baseAddress!
            let dimension = table.dimension
            for other in 0..<table.count where other != row {
                let similarity = VectorKernels.dot(
                    base + row * dimension,
                    base + other * dimension,
                    dimension: dimension
                )
                if kept.count == k, similarity <= kept[k - 1].similarity { continue }
                let place = kept.firstIndex { $0.similarity < similarity } ?? kept.count
                kept.insert((other, similarity), at: place)
                if kept.count > k { kept.removeLast() }
            }
        }
        return kept.map(\.row)
    }
}
