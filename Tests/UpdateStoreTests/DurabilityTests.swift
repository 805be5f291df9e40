import Core
import Foundation
import GRDB
import Testing

@testable import UpdateStore

/// What a log keeps when its process or its disk fails.
@Suite(.serialized, .timeLimit(.minutes(5))) struct DurabilityTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    @Test func whatWasAcknowledgedSurvivesKills() async throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        print("kills: seed \(seed)")
        var random = SeededGenerator(seed: seed)
        var acknowledged: [LogWriterProgram.Acknowledgement] = []
        for run in 0..<10 {
            // Four appenders: when a line is read the next group is being written.
            let limit = Int.random(in: 1...120, using: &random)
            let (lines, status) = try await LogWriterProgram.run(
                ["append", folder.path, "run\(run)", "4", "100000", "\(Int.random(in: 1...20, using: &random))", "16"],
                killedAfterLines: limit
            )
            #expect(status == SIGKILL)
            acknowledged += lines.compactMap { LogWriterProgram.Acknowledgement($0) }
            #expect(lines.count >= limit)

            let log = try UpdateLog(in: DataDirectory(folder.path))
            #expect(log.condition == .whole)
            let check = try await log.check()
            #expect(check.isWhole, "\(check.fault ?? "")")
            var history: [String: OperationEntry] = [:]
            var head = LogSequence.start
            for entry in try await log.history(limit: .max) {
                #expect(entry.first == head.next)
                head = entry.last
                let name = String(decoding: entry.stamp.operation, as: UTF8.self)
                #expect(history.updateValue(entry, forKey: name) == nil, "\(name) is there twice")
            }
            #expect(head == log.head.position.sequence)
            for ack in acknowledged {
                let entry = try #require(history[ack.operation], "\(ack.operation) was acknowledged and is lost")
                #expect(entry.first.number == ack.first && entry.last.number == ack.last)
            }
            try await log.close()
        }
        #expect(acknowledged.count > 10)
    }

    @Test func eachReceiptFollowsAnFsyncOfItsBytes() async throws {
        let trace = folder.path + "/trace"
        let strace = ["/usr/bin/strace", "/usr/local/bin/strace"].first {
            FileManager.default.isExecutableFile(atPath: $0)
        }
        let path = try #require(strace, "strace is not installed; run deploy/setup, or `apt-get install strace`")
        let (lines, status) = try await LogWriterProgram.run(
            ["append", folder.path + "/data", "run", "1", "30", "5", "16"],
            through: [path, "-f", "-y", "-e", "trace=write,pwrite64,fsync,fdatasync", "-o", trace]
        )
        #expect(status == 0, "\(lines.last ?? "it wrote nothing")")
        var walIsDirty = false
        var syncs = 0
        var acknowledged = 0
        for line in try String(contentsOfFile: trace, encoding: .utf8).split(separator: "\n") {
            if line.contains("log.sqlite-wal"), line.contains("write") {
                walIsDirty = true
            } else if line.contains("log.sqlite-wal>"), line.contains("sync(") {
                // Split lines (`<unfinished ...>`) count too: nothing else writes to the WAL meanwhile.
                walIsDirty = false
                syncs += 1
            } else if line.contains("\"ack ") {
                acknowledged += 1
                #expect(!walIsDirty, "a receipt was given before the WAL was synced: \(line)")
                #expect(syncs > 0, "no fsync since the last receipt")
                syncs = 0
            }
        }
        #expect(acknowledged == 30)
    }

    @Test func aTornTailLosesOnlyWhatWasNotAcknowledged() async throws {
        let log = try UpdateLog(in: DataDirectory(folder.path))
        for index in 0..<12 {
            _ = try await log.append(
                Samples.batch("op-\(index)", try (0..<5).map { try Samples.upsert("\(index) \($0)", "x/\(index)") })
            )
        }
        let seed = UInt64.random(in: 0...UInt64.max)
        print("torn tails: seed \(seed)")
        var random = SeededGenerator(seed: seed)
        for _ in 0..<25 {
            let copy = try folder.copied()
            let wal = copy.path + "/log.sqlite-wal"
            let bytes = try Data(contentsOf: URL(fileURLWithPath: wal))
            let cut = Int.random(in: 0...bytes.count, using: &random)
            var torn = bytes.prefix(cut)
            // Whatever the disk held there before.
            torn.append(
                contentsOf: (0..<Int.random(in: 0...5000, using: &random)).map { _ in
                    UInt8.random(in: 0...255, using: &random)
                }
            )
            try torn.write(to: URL(fileURLWithPath: wal))
            let reopened: UpdateLog
            do {
                reopened = try UpdateLog(in: DataDirectory(copy.path))
            } catch {
                // Without its first frames the file has no tables yet, which is a new log.
                Issue.record("cut at \(cut) of \(bytes.count): \(error)")
                continue
            }
            let check = try await reopened.check()
            #expect(check.isWhole, "cut at \(cut) of \(bytes.count): \(check.fault ?? "")")
            #expect(check.records % 5 == 0)
            #expect(reopened.condition == .whole)
            let after = try await reopened.append(Samples.batch("after", [try Samples.upsert("after", "x")]))
            #expect(after.position.sequence.number == UInt64(check.records) + 1)
            if cut == bytes.count { #expect(check.records == 60) }
        }
    }

    @Test func aFlippedBitIsNeverSkipped() async throws {
        let log = try UpdateLog(in: DataDirectory(folder.path))
        for index in 0..<6 {
            _ = try await log.append(
                Samples.batch("op-\(index)", try (0..<3).map { try Samples.upsert("needle \(index) \($0)", "x") })
            )
        }
        try await log.close()
        try flipBit(in: folder.path + "/log.sqlite", at: "needle 3 1")

        let damaged = try UpdateLog(in: DataDirectory(folder.path))
        // Found by who reads, at the operation's start; what is before it is served.
        let readable = try await damaged.operations(after: .start)
        #expect(readable.map(\.last.number) == [3, 6, 9])
        #expect(damaged.condition == .damaged(at: LogSequence(11), readableTo: LogSequence(9)))
        do {
            _ = try await damaged.operations(after: LogSequence(9))
            Issue.record("the damaged operation was read")
        } catch {
            #expect(error.code == .dataLoss)
            #expect(error.message.contains("11"))
        }
        let batch = Samples.batch("more", [try Samples.upsert("more", "x")])
        #expect(await SwitchboardError.code { _ = try await damaged.append(batch) } == .dataLoss)
        #expect(try await damaged.operations(after: LogSequence(3)).map(\.last.number) == [6, 9])
        #expect(try await damaged.check().fault?.contains("11") == true)
    }

    @Test func aFlippedBitAtTheEndIsFoundAtTheStart() async throws {
        let log = try UpdateLog(in: DataDirectory(folder.path))
        for index in 0..<3 {
            _ = try await log.append(Samples.batch("op-\(index)", [try Samples.upsert("needle \(index)", "x")]))
        }
        try await log.close()
        try flipBit(in: folder.path + "/log.sqlite", at: "needle 2")
        let damaged = try UpdateLog(in: DataDirectory(folder.path))
        #expect(damaged.condition == .damaged(at: LogSequence(3), readableTo: LogSequence(2)))
    }

    @Test func aBrokenPageIsToldAndWhatIsReadIsRight() async throws {
        let log = try UpdateLog(in: DataDirectory(folder.path))
        for index in 0..<40 {
            _ = try await log.append(
                Samples.batch(
                    "op-\(index)",
                    try (0..<10).map { try Samples.upsert("text \(index) \($0)", "x/\(index)") }
                )
            )
        }
        let records = try await log.operations(after: .start, limit: ReadLimit(records: .max, bytes: .max))
            .flatMap(\.records)
        #expect(records.count == 400)
        try await log.close()

        let seed = UInt64.random(in: 0...UInt64.max)
        print("broken pages: seed \(seed)")
        var random = SeededGenerator(seed: seed)
        let whole = try Data(contentsOf: URL(fileURLWithPath: folder.path + "/log.sqlite"))
        var told = 0
        for page in stride(from: 1, to: whole.count / 4096, by: 3) {
            let copy = try folder.copied()
            var broken = whole
            for _ in 0..<64 {
                broken[page * 4096 + Int.random(in: 0..<4096, using: &random)] = .random(in: 0...255, using: &random)
            }
            try broken.write(to: URL(fileURLWithPath: copy.path + "/log.sqlite"))
            var read: [LogRecord] = []
            let findings = await SwitchboardError.code { _ = try await DataDirectoryReader(copy.path).log() }
            #expect(findings == nil || findings == .dataLoss, "page \(page), seed \(seed)")
            do {
                let opened = try UpdateLog(in: DataDirectory(copy.path))
                let exported = await SwitchboardError.code {
                    _ = try await opened.export().page(after: .start, limit: 1_000)
                }
                #expect(exported == nil || exported == .dataLoss, "page \(page), seed \(seed)")
                var place = LogSequence.start
                while let last = try await opened.operations(after: place, limit: ReadLimit(records: 7)).last {
                    read += try await opened.operations(after: place, limit: ReadLimit(records: 7)).flatMap(\.records)
                    place = last.last
                }
                // The page held no record, or nothing at all.
                #expect(read.count == 400, "page \(page), seed \(seed)")
            } catch {
                told += 1
                #expect(error.code == .dataLoss, "page \(page), seed \(seed): \(error)")
            }
            #expect(read == Array(records.prefix(read.count)), "page \(page), seed \(seed)")
        }
        #expect(told > 3)
    }

    /// Cut in the middle of a page or between two, as a disk leaves it that lost what it had acknowledged.
    @Test func aFileThatWasCutIsToldAndWhatIsReadIsRight() async throws {
        let log = try UpdateLog(in: DataDirectory(folder.path))
        for index in 0..<30 {
            _ = try await log.append(
                Samples.batch(
                    "op-\(index)",
                    try (0..<10).map { try Samples.upsert("text \(index) \($0)", "x/\(index)") }
                )
            )
        }
        let records = try await log.operations(after: .start, limit: ReadLimit(records: .max, bytes: .max))
            .flatMap(\.records)
        try await log.close()
        let whole = try Data(contentsOf: URL(fileURLWithPath: folder.path + "/log.sqlite"))
        let pages = whole.count / 4096
        for cut in [(pages - 1) * 4096 - 2048, (pages - 3) * 4096, pages / 2 * 4096 + 17, 4096 + 5, 50] {
            let copy = try folder.copied()
            try whole.prefix(cut).write(to: URL(fileURLWithPath: copy.path + "/log.sqlite"))
            do {
                let found = try await DataDirectoryReader(copy.path).log()
                #expect(found?.check.isWhole == false, "cut at \(cut)")
            } catch {
                #expect(error.code == .dataLoss, "cut at \(cut): \(error)")
            }
            var read: [LogRecord] = []
            do {
                let opened = try UpdateLog(in: DataDirectory(copy.path))
                while let last = try await opened.operations(after: read.last?.sequence ?? .start).last {
                    read += try await opened.operations(after: read.last?.sequence ?? .start).flatMap(\.records)
                    if last.last == opened.head.position.sequence { break }
                }
            } catch {
                #expect(error.code == .dataLoss, "cut at \(cut): \(error)")
            }
            #expect(read == Array(records.prefix(read.count)), "cut at \(cut)")
        }
    }

    @Test func anExportStopsAtADamagedRecord() async throws {
        let log = try UpdateLog(in: DataDirectory(folder.path))
        for index in 0..<6 {
            _ = try await log.append(Samples.batch("op-\(index)", [try Samples.upsert("needle \(index)", "x")]))
        }
        try await log.close()
        try flipBit(in: folder.path + "/log.sqlite", at: "needle 2")
        let damaged = try UpdateLog(in: DataDirectory(folder.path))
        let export = try await damaged.export()
        #expect(await SwitchboardError.code { _ = try await export.page(after: .start) } == .dataLoss)
        #expect(damaged.condition == .damaged(at: LogSequence(3), readableTo: LogSequence(2)))
    }

    @Test func aFullDiskRefusesAndIsRememberedByNobody() async throws {
        let log = try UpdateLog(in: DataDirectory(folder.path))
        _ = try await log.append(Samples.batch("before", [try Samples.upsert("before", "x")]))
        try await log.pool.writeWithoutTransaction { db in
            let pages = try Int.fetchOne(db, sql: "PRAGMA page_count") ?? 0
            try db.execute(sql: "PRAGMA max_page_count = \(pages + 2)")
        }
        let large = Samples.batch(
            "large",
            try (0..<200).map { try Samples.upsert("\($0)", "topic \($0)", vector: Samples.vector($0, dimensions: 8)) }
        )
        #expect(await SwitchboardError.code { _ = try await log.append(large) } == .resourceExhausted)
        #expect(log.head.position.sequence == LogSequence(1))
        #expect(log.taxonomy.count == 1)
        #expect(try await log.operations(after: .start).count == 1)
        #expect(try await log.check().isWhole)

        try await log.pool.writeWithoutTransaction { db in try db.execute(sql: "PRAGMA max_page_count = 1000000") }
        let receipt = try await log.append(large)
        #expect(!receipt.isRepeated)
        #expect(receipt.added == 200)
        #expect(try await log.check().isWhole)
    }

    @Test func aFullFileSystemIsToldAndNothingIsLost() async throws {
        // A file system of 3 MiB of its own, gone with the process. What fills up its last part makes room for the check.
        let script = """
            mount -t tmpfs -o size=3m none "$0" && head -c 500000 /dev/zero > "$0/filler" || exit 9
            "$1" append "$0" run 2 100000 50 64
            rm "$0/filler"
            "$1" check "$0"
            """
        let mount = folder.path + "/small"
        try FileManager.default.createDirectory(atPath: mount, withIntermediateDirectories: true)
        let program = try LogWriterProgram.path
        let (lines, status) = try await LogWriterProgram.run(
            [],
            through: ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", script, mount, program]
        )
        try #require(status == 0, "`unshare --user --mount` with a tmpfs has to be allowed here: \(lines)")
        let acknowledged = lines.compactMap { LogWriterProgram.Acknowledgement($0) }
        #expect(acknowledged.count > 3)
        #expect(lines.contains { $0.hasPrefix("error RESOURCE_EXHAUSTED") }, "\(lines.suffix(3))")
        let whole = try #require(lines.last.map { $0.split(separator: " ") }, "nothing was checked")
        #expect(whole.first == "whole", "\(lines.suffix(3))")
        let records = try #require(whole.last.flatMap { UInt64($0) })
        #expect(records >= acknowledged.map(\.last).max() ?? 0)
        #expect(records % 50 == 0)
    }

    @Test func aReadOnlyFolderIsRefusedInWords() async throws {
        // Root may write anywhere, so the program becomes somebody else first.
        let isRoot = geteuid() == 0
        let path = folder.path + "/data"
        do { _ = try DataDirectory(path) }
        #expect(chmod(path, 0o555) == 0)
        for name in try FileManager.default.contentsOfDirectory(atPath: path) { _ = chmod(path + "/" + name, 0o555) }
        _ = chmod(folder.path, 0o755)
        let (lines, status) = try await LogWriterProgram.run(
            ["append", path, "run", "1", "1", "1", "8"] + (isRoot ? ["65534"] : [])
        )
        _ = chmod(path, 0o755)
        #expect(status == 1)
        #expect(lines.last?.hasPrefix("error FAILED_PRECONDITION") == true, "\(lines)")
        #expect(lines.last?.contains("cannot be written") == true, "\(lines)")
    }

    @Test func aFileThatBecomesReadOnlyIsStillRead() async throws {
        let log = try UpdateLog(in: DataDirectory(folder.path))
        _ = try await log.append(Samples.batch("a", [try Samples.upsert("one", "x")]))
        try await log.pool.writeWithoutTransaction { db in try db.execute(sql: "PRAGMA query_only = ON") }
        let batch = Samples.batch("b", [try Samples.upsert("two", "x")])
        #expect(await SwitchboardError.code { _ = try await log.append(batch) } == .failedPrecondition)
        #expect(try await log.operations(after: .start).count == 1)
        try await log.pool.writeWithoutTransaction { db in try db.execute(sql: "PRAGMA query_only = OFF") }
        #expect(try await log.append(batch).added == 1)
    }

    @Test func anotherProcessIsToldWhoHoldsTheLog() async throws {
        let directory = try DataDirectory(folder.path)
        let (lines, status) = try await LogWriterProgram.run(["append", folder.path, "run", "1", "1", "1", "8"])
        #expect(status == 1)
        #expect(lines.last?.contains("process \(getpid())") == true, "\(lines)")
        withExtendedLifetime(directory) {}
    }

    private func flipBit(in path: String, at text: String) throws {
        var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        let place = try #require(bytes.range(of: Data(text.utf8)))
        bytes[place.upperBound - 1] ^= 0x04
        try bytes.write(to: URL(fileURLWithPath: path))
    }
}
