import Calls
import Core
import Testing

@testable import Updating

/// Who may have one more.
@Suite struct SharedPlacesTests {
    @Test func aClientThatReadsNoneOfItsOwnLeavesRoomForOthers() throws {
        var places = SharedPlaces(for: "snapshots")
        let (greedy, other) = (ClientIdentity([1]), ClientIdentity([2]))
        for _ in 0..<(SharedPlaces.maximum / 2) { try places.take(for: greedy) }
        let error = #expect(throws: SwitchboardError.self) { try places.take(for: greedy) }
        #expect(error?.code == .resourceExhausted)
        #expect(error?.message.contains("share") == true)
        #expect(error?.retryAfter != nil)
        try places.take(for: other)
        places.giveBack(of: greedy)
        try places.take(for: other)
    }

    @Test func whatEndedIsFreeAgain() throws {
        var places = SharedPlaces(for: "snapshots")
        for number in [0, 0, 0, 1, 1, 1, 2, 3] { try places.take(for: ClientIdentity([UInt8(number)])) }
        let error = #expect(throws: SwitchboardError.self) { try places.take(for: ClientIdentity([4])) }
        #expect(error?.message.contains("the most") == true)
        let one = ClientIdentity([0])
        for _ in 0..<3 { places.giveBack(of: one) }
        try places.take(for: one)
    }
}
