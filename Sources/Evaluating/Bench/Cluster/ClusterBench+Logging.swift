internal import Calls
internal import Core
internal import Foundation
internal import Models
internal import Node
internal import SwitchboardClient
internal import Wire

extension ClusterBench {
    /// 1,000 pairs a second with their vectors, until all of three replicas have them.
    func threeReplicas(_ material: Material) async throws -> BenchReport {
        settings.tell("1,000 pairs a second into three replicas")
        return try await BenchCluster.with(settings) { cluster in
            let front = try await cluster.front(answers: false)
            for _ in 0..<3 { _ = try await cluster.worker("retriever", of: front) }
            return try await SwitchboardClient.with(.init(gateway: front.router, updater: front.index)) { client in
                try await fill(client, material)
                try await waitForReplicas(3, client, material)
                var pairs = pairs(material)
                let seconds = settings.choose(20.0, quick: 0.2)
                let batches = pairs.batches(ofVectors: 50, perSecond: 20, seconds: seconds)
                let tally = try await UpdateStream(batches: batches, in: seconds, client).run()
                var applied = tally.applied
                applied.seconds = seconds
                var report = BenchReport("cluster-applied", inFlight: 0, samples: applied, errors: tally.failures)
                report.note("pairs_per_second", Double(tally.pairs) / seconds)
                report.note("receipt_to_applied_p50_ms", applied.latency.map { $0.p50 / 1e3 })
                report.note("receipt_to_applied_p99_ms", applied.latency.map { $0.p99 / 1e3 }, .atMost(30))
                return report
            }
        }
    }

    /// Until a batch is told to be applied by so many.
    private func waitForReplicas(_ count: Int, _ client: SwitchboardClient, _ material: Material) async throws {
        var pairs = pairs(material)
        for _ in 0..<600 {
            let batch = pairs.batches(ofVectors: 1, perSecond: 1, seconds: 1)[0]
            let request = AppendRequest(batch: AppendBatch(batch), wait: .applied)
            if let reply = try? await client.updater.call(Methods.append, request), reply.appliedBy == count,
                reply.behind.isEmpty
            {
                return
            }
            try await Task.sleep(for: .milliseconds(100))
        }
        throw SwitchboardError(.deadlineExceeded, "\(count) replicas were not there within a minute")
    }

    /// Batches of 100 pairs with vectors, 16 of them under way, beside a plain program that writes and syncs as many bytes in
    /// groups of the same size on the same disk.
    func durable(_ material: Material) async throws -> BenchReport {
        settings.tell("as many pairs as the log takes")
        let (lanes, size) = (16, 100)
        return try await BenchCluster.with(settings) { cluster in
            let front = try await cluster.front(answers: false)
            return try await SwitchboardClient.with(.init(gateway: front.router, updater: front.index)) { client in
                // A log takes the first vectors of an encoder that somebody serves; from then on it needs nobody.
                let retriever = try await cluster.worker("retriever", of: front)
                try await waitForReplicas(1, client, material)
                _ = await retriever.end()
                var pairs = pairs(material)
                let batches = pairs.batches(
                    ofVectors: size,
                    perSecond: 1,
                    seconds: Double(settings.choose(2_000, quick: 4))
                )
                let bytes = batches[0].reduce(0) { $0 + AppendRequest(batch: AppendBatch([$1])).encoded().count }
                let start = ContinuousClock.now
                var samples = LatencySamples()
                for time in try await inFlight(
                    lanes,
                    batches,
                    { batch in
                        let begin = ContinuousClock.now
                        _ = try await client.updater.call(Methods.append, AppendRequest(batch: AppendBatch(batch)))
                        return begin.duration(to: .now)
                    }
                ) { samples.add(time) }
                samples.seconds = start.duration(to: .now).seconds
                let groups = max(batches.count / lanes, 1)
                let plain = try await WorkThread("bench-disk").run {
                    try Self.plainWrites(groups: groups, bytes: bytes * lanes)
                }
                var report = BenchReport("cluster-durable", inFlight: lanes, samples: samples)
                let perSecond = samples.perSecond * Double(size)
                let plainPerSecond = Double(groups * lanes * size) / plain
                report.note("pairs_per_second", perSecond, .atLeast(20_000))
                report.note("plain_pairs_per_second", plainPerSecond)
                report.note("bytes_per_pair", Double(bytes) / Double(size))
                report.compare("pairs_to_plain_writes", perSecond / plainPerSecond)
                return report
            }
        }
    }

    /// - Returns: seconds for writing and syncing each group after the other.
    private static func plainWrites(groups: Int, bytes: Int) throws -> Double {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("switchboard-bench-\(UUID())").path
        guard FileManager.default.createFile(atPath: path, contents: nil) else {
            throw SwitchboardError(.internal, "no file can be made in \(FileManager.default.temporaryDirectory.path)")
        }
        defer { try? FileManager.default.removeItem(atPath: path) }
        let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        let group = Data(repeating: 0xA5, count: bytes)
        let start = ContinuousClock.now
        for _ in 0..<groups {
            try file.write(contentsOf: group)
            try file.synchronize()
        }
        let seconds = start.duration(to: .now).seconds
        try file.close()
        return seconds
    }
}
