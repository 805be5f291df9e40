import Core
import Foundation
import Index
import Testing
import UpdateStore
import Wire

@testable import Calls
@testable import Updating

/// What a trimmed log can do although its first records are gone, with real files: be erased from, and be restored.
@Suite(.timeLimit(.minutes(2))) struct TrimmedLogTests {
    private static let needle = "my number is 0123 456789, please call me back as soon as you can"

    /// As `PlayedEncoders` makes it.
    private static var vector: [Float] {
        let angle = Float(needle.utf8.reduce(0) { $0 + Int($1) } + Int(UpdaterFixture.encoder.bytes[0]))
        return [cos(angle), sin(angle), 0, 0]
    }

    private static func id() throws -> ExemplarID {
        ExemplarID(vertical: .default, text: try UtteranceText(needle))
    }

    /// The files of a folder in which text or vector of the needle stands.
    private static func filesWithTraces(in folder: String) throws -> [String] {
        let traces = [Data(needle.utf8), vector.withUnsafeBytes { Data($0) }]
        let names = try #require(FileManager.default.enumerator(atPath: folder)).compactMap { $0 as? String }
        return names.filter { name in
            guard let bytes = FileManager.default.contents(atPath: "\(folder)/\(name)") else { return false }
            return traces.contains { bytes.range(of: $0) != nil }
        }
    }

    private static func remove(_ fixture: UpdaterFixture) async throws {
        let command = LogCommand.remove(RemoveCommand(vertical: .default, exemplar: try id()))
        let batch = AppendBatch(operation: Bits128.random().bytes, source: "t", author: "t", commands: [command])
        _ = try await fixture.channel.call(Methods.append, AppendRequest(batch: batch))
    }

    private static func trim(_ fixture: UpdaterFixture) async throws {
        let head = fixture.log.head.position.sequence
        let trimmed = try await fixture.channel.call(Methods.trim, TrimRequest(before: head))
        #expect(trimmed.first == head)
    }

    /// A replica of what is in a log from its beginning on, which is a snapshot.
    private static func replica(of log: UpdateLog, _ keeper: SnapshotKeeper) async throws -> Replica {
        let kept = try #require(try await keeper.newest())
        #expect(kept.position.log == log.id)
        let replica = try Replica(restoring: kept.container, settings: UpdaterFixture.settings)
        for operation in try await log.operations(after: kept.position.sequence) {
            try replica.apply(operation.records)
        }
        #expect(replica.snapshot.position == log.head.position)
        #expect(replica.snapshot.digest == log.head.digest)
        return replica
    }

    /// - Parameter isRemoved: before the log is trimmed, so that no record of it is left, and its vector is in the sealed
    ///   segment of a snapshot.
    @Test(arguments: [false, true]) func whatIsErasedFromATrimmedLogIsInNoFile(isRemoved: Bool) async throws {
        try await UpdaterFixture.run { fixture in
            _ = try await fixture.add(Self.needle)
            for number in 0..<20 { _ = try await fixture.add("text \(number)") }
            _ = try await fixture.snapshots.write()
            if isRemoved { try await Self.remove(fixture) }
            _ = try await fixture.add("the last")
            try await Self.trim(fixture)
            _ = try await fixture.add("another")
            #expect(try Self.filesWithTraces(in: fixture.folder).contains { $0.hasPrefix("snapshots/") })

            let selection = PurgeSelection.exemplars([try Self.id()])
            let receipt = try await fixture.channel.call(Methods.purge, PurgeRequest(selection))
            #expect(receipt.removed == (isRemoved ? 0 : 1))
            #expect(try Self.filesWithTraces(in: fixture.folder) == [])
            #expect(fixture.log.first == receipt.position.sequence)
            #expect(!fixture.log.hasStaleSnapshots)
            #expect(try await fixture.log.check().fault == nil)
            #expect(fixture.snapshotFolder.sequences() == [receipt.position.sequence])

            _ = try await fixture.add("after it")
            let replica = try await Self.replica(of: fixture.log, fixture.snapshots)
            let id = try Self.id()
            #expect(replica.snapshot.exemplar(id) == nil)
            #expect(replica.snapshot.count == 24)
        }
    }

    /// What an undo is to put back stands in records that a trim would delete.
    @Test func nothingIsTrimmedWhileAnUndoIsWritten() async throws {
        try await UpdaterFixture.run { fixture in
            for number in 0..<5 { _ = try await fixture.add("text \(number)") }
            #expect(await fixture.updater.holdAppends(until: .now + .seconds(30)))
            let head = fixture.log.head.position.sequence
            let refusal = await #expect(throws: SwitchboardError.self) {
                _ = try await fixture.channel.call(Methods.trim, TrimRequest(before: head))
            }
            #expect(refusal?.code == .unavailable)
            #expect(fixture.log.first == LogSequence(1))
            await fixture.updater.releaseAppends()
            try await Self.trim(fixture)
        }
    }

    @Test func aPurgeThatWasCutShortIsFinishedAtTheNextStart() async throws {
        try await UpdaterFixture.run { fixture in
            _ = try await fixture.add(Self.needle)
            _ = try await fixture.add("two")
            try await Self.trim(fixture)
            // As far as a killed process may have come: the snapshots are those of before.
            let basis = fixture.log.head.position.sequence
            let outcome = try await fixture.log.purge([try Self.id()], as: nil, trimmed: TrimmedPurge(basis: basis))
            #expect(try Self.filesWithTraces(in: fixture.folder).allSatisfy { $0.hasPrefix("snapshots/") })
            let backup = await #expect(throws: SwitchboardError.self) {
                _ = try await DataBackup(of: fixture.folder, to: fixture.folder + "-backup").run()
            }
            #expect(backup?.code == .unavailable)
            await fixture.snapshots.run()
            #expect(try Self.filesWithTraces(in: fixture.folder) == [])
            #expect(fixture.log.first == outcome.position.sequence)
            _ = try await Self.replica(of: fixture.log, fixture.snapshots)
        }
    }

    /// - Parameter isPurged: something was erased after the backup was made, and is to be erased from what is restored.
    @Test(arguments: [false, true]) func aRestoredLogBeginsFromASnapshotOfItsOwn(isPurged: Bool) async throws {
        try await UpdaterFixture.run { fixture in
            let (backup, target) = (fixture.folder + "-backup", fixture.folder + "-restored")
            defer { for path in [backup, target] { try? FileManager.default.removeItem(atPath: path) } }
            _ = try await fixture.add(Self.needle)
            for number in 0..<20 { _ = try await fixture.add("text \(number)") }
            try await Self.trim(fixture)
            for number in 20..<25 { _ = try await fixture.add("text \(number)") }
            _ = try await DataBackup(of: fixture.folder, to: backup).run()
            let original = try await Self.replica(of: fixture.log, fixture.snapshots)
            if isPurged {
                let selection = PurgeSelection.exemplars([try Self.id()])
                _ = try await fixture.channel.call(Methods.purge, PurgeRequest(selection))
            }

            let report = try await DataRestore(
                of: backup,
                to: target,
                purges: isPurged ? fixture.folder + "/purges.jsonl" : nil,
                renewSnapshots: SnapshotKeeper.renewal(settings: UpdaterFixture.settings, logger: UpdaterFixture.logger)
            ).run()
            #expect(report.purgedExemplars == (isPurged ? 1 : 0))
            #expect(!report.lacksSnapshot)
            #expect(try Self.filesWithTraces(in: target).isEmpty == isPurged)
            let directory = try DataDirectory(target)
            let log = try UpdateLog(in: directory)
            #expect(log.id == report.head.log && log.id != fixture.log.id)
            let executor = ThreadExecutor(name: "test-restored")
            let keeper = SnapshotKeeper(
                log: log,
                folder: directory.snapshots,
                settings: UpdaterFixture.settings,
                interval: 0,
                executor: executor,
                logger: UpdaterFixture.logger
            )
            let replica = try await Self.replica(of: log, keeper)
            executor.stop()
            #expect(replica.snapshot.count == original.snapshot.count - (isPurged ? 1 : 0))
            let query = SearchQuery(vector: [1, 0, 0, 0], k: 5, verticals: [.default], isExact: true)
            if !isPurged { #expect(try replica.snapshot.search(query) == original.snapshot.search(query)) }
            try await log.close()
        }
    }
}
