import Calls
import Core
import Foundation
import Index
import Testing
import UpdateStore
import Wire

@testable import Updating

/// Snapshots of a real log, over real sockets and files: who begins from one is the same as who followed from the start.
@Suite(.timeLimit(.minutes(2))) struct SnapshotTests {
    /// Runs a body beside a replica that follows the fixture's log.
    ///
    /// - Parameter local: where it takes snapshots from; nil: over the channel.
    private static func withReplica(
        of fixture: UpdaterFixture,
        local: SnapshotKeeper? = nil,
        _ body: (ReplicaWriter) async throws -> Void,
    ) async throws {
        let executor = ThreadExecutor(name: "test-replica")
        let writer = ReplicaWriter(executor: executor, settings: UpdaterFixture.settings)
        let follower = Follower(
            name: "test/retriever",
            sink: writer,
            channel: fixture.channel,
            local: local,
            logger: UpdaterFixture.logger
        )
        let following = Task { await follower.run() }
        let result: Result<Void, any Error>
        do {
            result = .success(try await body(writer))
        } catch {
            result = .failure(error)
        }
        following.cancel()
        await following.value
        await writer.shutDown()
        executor.stop()
        try result.get()
    }

    /// Once it has all that the log has.
    private static func snapshot(_ writer: ReplicaWriter, of fixture: UpdaterFixture) async throws -> ReplicaSnapshot {
        let head = fixture.log.head
        for await progress in writer.progress.values() where progress.position?.reaches(head.position) == true { break }
        let snapshot = try #require(writer.replica?.snapshot)
        #expect(snapshot.digest == head.digest)
        return snapshot
    }

    private static func expectSame(_ left: ReplicaSnapshot, _ right: ReplicaSnapshot) throws {
        #expect(left.position == right.position)
        #expect(left.digest == right.digest)
        var random = SeededGenerator(seed: 3)
        for _ in 0..<1_000 {
            let angle = Double.random(in: 0..<(2 * .pi), using: &random)
            let vector = [Float(cos(angle)), Float(sin(angle)), 0, 0]
            let query = SearchQuery(vector: vector, k: 10, verticals: [.default], isExact: true)
            #expect(try left.search(query) == right.search(query))
        }
    }

    /// Some segments' worth of exemplars, of which some were removed and labelled anew.
    private static func fill(_ fixture: UpdaterFixture, from first: Int, count: Int) async throws {
        for number in first..<(first + count) { _ = try await fixture.add("text \(number)") }
        let gone = ExemplarID(vertical: .default, text: try UtteranceText("text \(first + 1)"))
        let moved = UpsertCommand(
            vertical: .default,
            text: try UtteranceText("text \(first + 2)"),
            path: try IntentPath("moved/\(first)")
        )
        let commands: [LogCommand] = [.remove(RemoveCommand(vertical: .default, exemplar: gone)), .upsert(moved)]
        let batch = AppendBatch(operation: Bits128.random().bytes, source: "t", author: "t", commands: commands)
        _ = try await fixture.channel.call(Methods.append, AppendRequest(batch: batch))
    }

    /// It differs from what the log says by then, and nothing is lost.
    @Test func whatAPurgeOvertakesIsNotWrittenAndNoLoss() async throws {
        try await UpdaterFixture.run { fixture in
            try await Self.withReplica(of: fixture) { replica in
                _ = try await fixture.add("two")
                let before = try await Self.snapshot(replica, of: fixture)
                let gone = ExemplarID(vertical: .default, text: try UtteranceText("one"))
                let selection = PurgeSelection.exemplars([gone])
                let receipt = try await fixture.channel.call(Methods.purge, PurgeRequest(selection))
                #expect(receipt.removed == 1)
                let refusal = await #expect(throws: SwitchboardError.self) {
                    _ = try await fixture.snapshots.write(before)
                }
                #expect(refusal?.code == .aborted)
                #expect(fixture.snapshotFolder.sequences() == [])
                #expect(try await fixture.snapshots.write().position == receipt.position)
            }
        }
    }

    @Test(arguments: [false, true])
    func whoBeginsFromOneIsAsWhoFollowedFromTheStart(isLocal: Bool) async throws {
        try await UpdaterFixture.run { fixture in
            try await Self.withReplica(of: fixture) { first in
                try await Self.fill(fixture, from: 0, count: 30)
                _ = try await Self.snapshot(first, of: fixture)
                let kept = try await fixture.snapshots.write()
                #expect(kept.position == fixture.log.head.position)
                try await Self.fill(fixture, from: 100, count: 12)
                // What is before the snapshot can be had from it alone.
                let trimmed = try await fixture.channel.call(
                    Methods.trim,
                    TrimRequest(before: kept.position.sequence.next)
                )
                #expect(trimmed.first == kept.position.sequence.next)
                let local = isLocal ? fixture.snapshots : nil
                try await Self.withReplica(of: fixture, local: local) { second in
                    _ = try await Self.snapshot(second, of: fixture)
                    try await Self.fill(fixture, from: 200, count: 20)
                    let left = try await Self.snapshot(first, of: fixture)
                    let right = try await Self.snapshot(second, of: fixture)
                    try Self.expectSame(left, right)
                }
            }
        }
    }

    @Test func aLogThatWasTrimmedStartsAgainAndIsFollowedBySnapshotAlone() async throws {
        try await UpdaterFixture.run { fixture in
            try await Self.fill(fixture, from: 0, count: 20)
            let head = fixture.log.head.position
            // It writes the snapshot that it needs.
            let trimmed = try await fixture.channel.call(Methods.trim, TrimRequest(before: head.sequence))
            #expect(fixture.snapshotFolder.sequences() == [head.sequence])
            #expect(fixture.log.first == trimmed.first)
            #expect(trimmed.first > LogSequence(1))
            let stream = try await fixture.channel.open(Methods.follow)
            try await stream.send(.start(FollowStart(name: "late")))
            let answer = try #require(try await stream.next())
            #expect(
                answer
                    == .accepted(FollowAccepted(head: head, epoch: fixture.log.epoch, snapshotFirst: true))
            )
            await stream.cancel()
            let beyond = TrimRequest(before: head.sequence.advanced(by: 5))
            await #expect {
                _ = try await fixture.channel.call(Methods.trim, beyond)
            } throws: {
                ($0 as? SwitchboardError)?.code == .outOfRange
            }
            #expect(try await fixture.log.check().fault == nil)
        }
    }

    @Test func oneThatIsDamagedIsThrownAwayAndTheLogIsFollowed() async throws {
        try await UpdaterFixture.run { fixture in
            try await Self.fill(fixture, from: 0, count: 20)
            let kept = try await fixture.snapshots.write()
            let path = fixture.snapshotFolder.path(of: kept.position.sequence)
            let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
            try file.seek(toOffset: UInt64(kept.container.memory.count / 2))
            let byte = try #require(try file.read(upToCount: 1)?.first)
            try file.seek(toOffset: UInt64(kept.container.memory.count / 2))
            try file.write(contentsOf: [byte ^ 0x10])
            try file.close()
            // As after a start of the updater: this one has not read it yet.
            let executor = ThreadExecutor(name: "test-snapshots")
            let other = SnapshotKeeper(
                log: fixture.log,
                folder: fixture.snapshotFolder,
                settings: UpdaterFixture.settings,
                interval: 0,
                executor: executor,
                logger: UpdaterFixture.logger
            )
            let found = try await other.newest()?.position
            #expect(found == nil)
            #expect(fixture.snapshotFolder.sequences().isEmpty)
            try await Self.withReplica(of: fixture, local: other) { writer in
                _ = try await Self.snapshot(writer, of: fixture)
            }
            executor.stop()
        }
    }

    @Test func twoAreKeptAndNothingUnfinished() async throws {
        try await UpdaterFixture.run { fixture in
            var written: [LogSequence] = []
            for number in 0..<3 {
                _ = try await fixture.add("round \(number)")
                written.append(try await fixture.snapshots.write().position.sequence)
            }
            #expect(fixture.snapshotFolder.sequences() == [written[2], written[1]])
            // Nothing has come since.
            #expect(try await fixture.snapshots.write().position.sequence == written[2])
            let unfinished = fixture.snapshotFolder.path(of: LogSequence(99)) + ".tmp"
            try Data([1, 2, 3]).write(to: URL(fileURLWithPath: unfinished))
            fixture.snapshotFolder.discardUnfinished()
            #expect(!FileManager.default.fileExists(atPath: unfinished))
            #expect(fixture.snapshotFolder.sequences().count == 2)
        }
    }

    @Test func namesComeWithoutExemplars() async throws {
        try await UpdaterFixture.run { fixture in
            try await Self.fill(fixture, from: 0, count: 5)
            let stream = try await fixture.channel.open(Methods.snapshot, SnapshotRequest(namesOnly: true))
            var bytes: [UInt8] = []
            while let response = try await stream.next() { bytes += response.chunk }
            let container = try SnapshotContainer(verifying: SnapshotMemory(copying: bytes))
            let names = try SnapshotNames(reading: container)
            #expect(names.position == fixture.log.head.position)
            #expect(names.taxonomy.all == fixture.log.taxonomy.all)
            #expect(names.keys == fixture.log.keys)
            #expect(!String(decoding: bytes, as: UTF8.self).contains("text 3"))
        }
    }

    @Test func aStreamGoesOnFromAnOffset() async throws {
        try await UpdaterFixture.run { fixture in
            try await Self.fill(fixture, from: 0, count: 20)
            let kept = try await fixture.snapshots.write()
            let whole = try await Self.bytes(fixture, SnapshotRequest())
            #expect(whole.offset == 0)
            #expect(whole.bytes.count == kept.container.memory.count)
            let rest = try await Self.bytes(fixture, SnapshotRequest(begun: kept.file, offset: 1_000))
            #expect(rest.offset == 1_000)
            #expect(rest.bytes == Array(whole.bytes[1_000...]))
            // Of another file there is no rest.
            let other = SnapshotFile(position: kept.position, checksum: [UInt8](repeating: 9, count: 32))
            #expect(try await Self.bytes(fixture, SnapshotRequest(begun: other, offset: 1_000)).bytes == whole.bytes)
        }
    }

    private static func bytes(
        _ fixture: UpdaterFixture,
        _ request: SnapshotRequest,
    ) async throws -> (offset: Int, bytes: [UInt8]) {
        let stream = try await fixture.channel.open(Methods.snapshot, request)
        let first = try #require(try await stream.next())
        var bytes = first.chunk
        while let response = try await stream.next() { bytes += response.chunk }
        return (first.offset, bytes)
    }
}
