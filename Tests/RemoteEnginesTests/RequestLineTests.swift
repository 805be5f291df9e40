import Core
import Testing

@testable import RemoteEngines

struct RequestLineTests {
    @Test func soManyAreUnderWayAndTheRestWaitInOrder() throws {
        var line = RequestLine(.init(underWay: 2))
        var starts: [Bool] = []
        for (id, priority) in [(1, Priority.live), (2, .live), (3, .updates), (4, .live), (5, .live)] {
            starts.append(try line.arrive(UInt64(id), priority, bytes: 1))
        }
        #expect(starts == [true, true, false, false, false])
        #expect(line.waiting == 3)
        let order = (0..<5).map { _ in line.ended() }
        #expect(order == [4, 5, 3, nil, nil])
        #expect(line.underWay == 0)
        let startsAgain = try line.arrive(6, .discovery, bytes: 1)
        #expect(startsAgain)
    }

    @Test func updatesAndDiscoveryLeavePlacesForCallers() throws {
        var line = RequestLine(.init(underWay: 8))
        let updates = try (1...7).map { try line.arrive($0, .updates, bytes: 1) }
        #expect(updates == [true, true, true, true, true, true, false])
        let callers = try (8...10).map { try line.arrive($0, .live, bytes: 1) }
        #expect(callers == [true, true, false])
        let discovery = try line.arrive(11, .discovery, bytes: 1)
        #expect(!discovery)
        // The caller first; then nobody, until there is room for updates; discovery last.
        let order = (0..<9).map { _ in line.ended() }
        #expect(order == [10, nil, nil, 7, nil, nil, 11, nil, nil])
    }

    @Test func aFullLineRefusesAndSaysWhenToComeAgain() throws {
        var line = RequestLine(.init(underWay: 1, waiting: 4))
        for id in 1...5 { _ = try line.arrive(UInt64(id), .live, bytes: 1) }
        let error = #expect(throws: SwitchboardError.self) { _ = try line.arrive(6, .live, bytes: 1) }
        #expect(error?.code == .resourceExhausted)
        #expect(error?.retryAfter != nil)
    }

    @Test func discoveryMayNotFillTheLine() throws {
        var line = RequestLine(.init(underWay: 1, waiting: 4))
        for id in 1...3 { _ = try line.arrive(UInt64(id), .discovery, bytes: 1) }
        #expect(throws: SwitchboardError.self) { _ = try line.arrive(4, .discovery, bytes: 1) }
        _ = try line.arrive(5, .live, bytes: 1)
        #expect(line.waiting == 3)
    }

    @Test func bytesAreBoundedAndGivenBack() throws {
        var line = RequestLine(.init(underWay: 1, waiting: 100, waitingBytes: 10))
        _ = try line.arrive(1, .live, bytes: 1_000)
        _ = try line.arrive(2, .live, bytes: 8)
        #expect(throws: SwitchboardError.self) { _ = try line.arrive(3, .live, bytes: 3) }
        let withdrawn = [line.withdraw(2), line.withdraw(2)]
        #expect(withdrawn == [true, false])
        _ = try line.arrive(3, .live, bytes: 3)
        let order = [line.ended(), line.ended()]
        #expect(order == [3, nil])
    }
}
