import Core
import Testing
import Wire

@testable import Updating

/// What a follower does where an updater is not what it should be.
@Suite(.timeLimit(.minutes(1))) struct FollowerTests {
    private static let log = LogID(7)

    private static func position(_ sequence: UInt64) -> LogPosition {
        LogPosition(log: log, sequence: LogSequence(sequence))
    }

    private static func accepted(_ sequence: UInt64, epoch: UInt64 = 5) -> FollowResponse {
        .accepted(FollowAccepted(head: position(sequence), epoch: epoch))
    }

    private static func heartbeat(_ sequence: UInt64, epoch: UInt64 = 5) -> FollowResponse {
        .heartbeat(FollowHeartbeat(head: position(sequence), epoch: epoch, digest: StateDigest(Bits128(1))))
    }

    private static func record(_ sequence: UInt64) -> FollowResponse {
        let stamp = OperationStamp(operation: [1], change: [1], source: "tests", author: "tests", timeMicroseconds: 0)
        let fact = LogFact.policySet(PolicySet(scope: .everywhere, policy: nil))
        return .records([LogRecord(sequence: LogSequence(sequence), stamp: stamp, fact: fact)])
    }

    @Test func aLostLastMessageIsAskedForAnew() async throws {
        let updater = PlayedUpdater([
            [Self.accepted(2), Self.record(1), Self.heartbeat(2)],
            [Self.accepted(2), Self.record(2), Self.heartbeat(2)],
        ])
        let sink = RecordingSink()
        try await updater.run(sink) {
            await updater.waitForStreams(2)
            #expect(updater.starts.value[1].position == Self.position(1))
        }
    }

    @Test func whatTheLogItselfLacksIsAskedForOnce() async throws {
        let updater = PlayedUpdater([
            [Self.accepted(2), Self.record(1), Self.heartbeat(2)],
            // Then the stream is ended by a lower epoch, so that its end can be waited for.
            [Self.accepted(2), Self.heartbeat(2), Self.heartbeat(2), Self.record(2), Self.heartbeat(2, epoch: 4)],
        ])
        let sink = RecordingSink()
        try await updater.run(sink) {
            await updater.waitForStreams(3)
            #expect(updater.starts.value[2].position == Self.position(2))
        }
    }

    @Test func anUpdaterThatWasReplacedIsNotFollowed() async throws {
        let updater = PlayedUpdater([
            // The second heartbeat comes from one that was opened before.
            [Self.accepted(1), Self.record(1), Self.heartbeat(1), Self.heartbeat(1, epoch: 4)],
            [Self.accepted(1, epoch: 4), Self.record(2)],
        ])
        let sink = RecordingSink()
        try await updater.run(sink) {
            await updater.waitForStreams(4)
            #expect(updater.starts.value[1].epoch == 5)
            #expect(await sink.begun == 1)
            #expect(await sink.position == Self.position(1))
        }
    }

    @Test func aReplicaWhoseDigestDiffersStartsFromNothing() async throws {
        let updater = PlayedUpdater([[Self.accepted(1), Self.record(1), Self.heartbeat(1)]])
        let sink = RecordingSink(digest: StateDigest(Bits128(2)))
        try await updater.run(sink) {
            await updater.waitForStreams(2)
            #expect(await sink.discarded >= 1)
            #expect(updater.starts.value[1].position == nil)
        }
    }

    @Test func theSameDigestIsFine() async throws {
        let updater = PlayedUpdater([
            [Self.accepted(1), Self.record(1), Self.heartbeat(1), Self.heartbeat(1, epoch: 4)], [Self.accepted(1)],
        ])
        let sink = RecordingSink(digest: StateDigest(Bits128(1)))
        try await updater.run(sink) {
            // It is the lower epoch that ends the stream.
            await updater.waitForStreams(2)
            #expect(await sink.discarded == 0)
            #expect(updater.starts.value[1].position == Self.position(1))
        }
    }
}
