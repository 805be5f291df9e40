internal import Core
internal import Glibc
internal import UpdateStore

/// How many pairs a second become durable, beside a plain program that writes and fsyncs the same number of bytes, and
/// how fast they are read again.
struct Measurement {
    private let path: String
    private let appenders: Int
    private let batches: Int
    private let pairs: Int
    private let dimensions: Int

    init(_ arguments: [String]) throws(SwitchboardError) {
        path = arguments[2]
        let numbers = arguments[3...].compactMap { Int($0) }
        guard numbers.count == 4 else { throw .invalid("measure DIRECTORY APPENDERS BATCHES PAIRS DIMENSIONS") }
        (appenders, batches, pairs, dimensions) = (numbers[0], numbers[1], numbers[2], numbers[3])
    }

    func run() async throws {
        let made = try (0..<appenders).map { appender in
            try (0..<batches).map { index in
                try Samples.batch(operation: "m-\(appender)-\(index)", pairs: pairs, dimensions: dimensions)
            }
        }
        let log = try UpdateLog(in: DataDirectory(path))
        let clock = ContinuousClock()
        let start = clock.now
        let cpuBefore = Glibc.clock()
        let times = try await withThrowingTaskGroup(of: [Duration].self) { group in
            for batches in made {
                group.addTask {
                    var times: [Duration] = []
                    for batch in batches {
                        let sent = clock.now
                        _ = try await log.append(batch)
                        times.append(clock.now - sent)
                    }
                    return times
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }.sorted()
        }
        let took = clock.now - start
        let cpu = Double(Glibc.clock() - cpuBefore) / Double(CLOCKS_PER_SEC)
        let groups = log.committed.groups
        let bytes = log.statistics().bytes
        try await log.close()
        let total = appenders * batches * pairs
        LogWriterTool.say(
            "log: \(total) pairs in \(took), \(Int(Double(total) / took.seconds)) pairs/s, \(appenders * batches) batches in \(groups) groups, "
                + "\(cpu) s of CPU, p50 \(times[times.count / 2]), p99 \(times[times.count * 99 / 100]), max \(times[times.count - 1]), "
                + "file \(bytes >> 20) MiB"
        )
        let plain = try writePlainly(groups: groups)
        LogWriterTool.say(
            "plain write+fdatasync, \(groups) groups: \(plain), \(Int(Double(total) / plain.seconds)) pairs/s, "
                + "ratio \(plain / took)"
        )
        try await measureReading(total: total)
    }

    /// Opening the log and reading all of it, as a node does at its start.
    private func measureReading(total: Int) async throws {
        let clock = ContinuousClock()
        let start = clock.now
        let log = try UpdateLog(in: DataDirectory(path))
        let opened = clock.now - start
        var place = LogSequence.start
        while let last = try await log.operations(after: place).last { place = last.last }
        let took = clock.now - start - opened
        LogWriterTool.say(
            "opened in \(opened), \(place) records read in \(took), \(Int(Double(total) / took.seconds)) records/s"
        )
        try await log.close()
    }

    /// As many bytes as the records have, in so many groups, each with an fdatasync.
    private func writePlainly(groups: Int) throws -> Duration {
        let name = "\(path)/plain.bin"
        let descriptor = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        defer {
            close(descriptor)
            unlink(name)
        }
        let bytes = [UInt8](repeating: 7, count: appenders * batches * pairs * (dimensions * 4 + 200) / groups)
        let clock = ContinuousClock()
        return clock.measure {
            for _ in 0..<groups {
                guard write(descriptor, bytes, bytes.count) == bytes.count, fdatasync(descriptor) == 0 else {
                    fatalError("the disk does not take the bytes of the comparison")
                }
            }
        }
    }
}

extension Duration {
    fileprivate var seconds: Double {
        let (seconds, attoseconds) = components
        return Double(seconds) + Double(attoseconds) * 1e-18
    }
}
