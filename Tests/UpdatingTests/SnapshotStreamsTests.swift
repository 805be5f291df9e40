import Calls
import Core
import Testing

@testable import Updating

/// Who may be sent a snapshot.
@Suite struct SnapshotStreamsTests {
    @Test func aClientThatReadsNoneOfItsOwnLeavesRoomForOthers() throws {
        var streams = SnapshotStreams()
        let (greedy, other) = (ClientIdentity([1]), ClientIdentity([2]))
        for _ in 0..<(SnapshotStreams.maximum / 2) { try streams.begin(for: greedy) }
        let error = #expect(throws: SwitchboardError.self) { try streams.begin(for: greedy) }
        #expect(error?.code == .resourceExhausted)
        #expect(error?.message.contains("share") == true)
        #expect(error?.retryAfter != nil)
        try streams.begin(for: other)
        streams.end(for: greedy)
        try streams.begin(for: other)
    }

    @Test func whatEndedIsFreeAgain() throws {
        var streams = SnapshotStreams()
        for number in [0, 0, 0, 1, 1, 1, 2, 3] { try streams.begin(for: ClientIdentity([UInt8(number)])) }
        let error = #expect(throws: SwitchboardError.self) { try streams.begin(for: ClientIdentity([4])) }
        #expect(error?.message.contains("the most") == true)
        let one = ClientIdentity([0])
        for _ in 0..<3 { streams.end(for: one) }
        try streams.begin(for: one)
    }
}
