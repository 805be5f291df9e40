import Core
import Testing
import Wire

@testable import Updating

/// What a purge that is asked for several times gets.
struct PurgeRunsTests {
    private static let receipt = PurgeReceipt(
        position: LogPosition(log: Bits128(7), sequence: LogSequence(9)),
        removed: 2
    )

    private static func request(_ operation: String, author: String = "ann") throws -> PurgeRequest {
        PurgeRequest(.vertical(try Vertical("shop")), author: author, operation: Array(operation.utf8))
    }

    @Test func theSameOperationIsDoneOnceAndAnswersAgain() throws {
        var runs = PurgeRuns()
        let request = try Self.request("one")
        #expect(try runs.ask(request) == .start(1))
        #expect(try runs.ask(request) == .wait(1))
        #expect(runs.running == 1)
        #expect(runs.result(of: 1) == nil)
        runs.end(with: .success(Self.receipt))
        #expect(runs.running == nil)
        #expect(try runs.ask(request) == .answer(Self.receipt))
        let error = #expect(throws: SwitchboardError.self) { _ = try runs.ask(try Self.request("one", author: "bob")) }
        #expect(error?.code == .alreadyExists)
    }

    @Test func oneIsDoneAtATime() throws {
        var runs = PurgeRuns()
        // Without an id: each is its own.
        #expect(try runs.ask(try Self.request("")) == .start(1))
        for operation in ["", "two"] {
            let error = #expect(throws: SwitchboardError.self) { _ = try runs.ask(try Self.request(operation)) }
            #expect(error?.code == .resourceExhausted)
        }
        runs.end(with: .success(Self.receipt))
        #expect(try runs.ask(try Self.request("")) == .start(2))
    }

    @Test func oneThatFailedIsTriedAgain() throws {
        var runs = PurgeRuns()
        let request = try Self.request("one")
        _ = try runs.ask(request)
        runs.end(with: .failure(SwitchboardError(.unavailable, "the disk")))
        // Who waited hears of it.
        #expect(throws: SwitchboardError.self) { _ = try runs.result(of: 1)?.get() }
        #expect(try runs.ask(request) == .start(2))
        runs.end(with: .success(Self.receipt))
        #expect(try runs.ask(request) == .answer(Self.receipt))
    }

    @Test func theOldestAreForgotten() throws {
        var runs = PurgeRuns()
        for number in 0...PurgeRuns.remembered {
            _ = try runs.ask(try Self.request("\(number)"))
            runs.end(with: .success(Self.receipt))
        }
        #expect(try runs.ask(try Self.request("1")) == .answer(Self.receipt))
        guard case .start = try runs.ask(try Self.request("0")) else {
            Issue.record("the first is remembered")
            return
        }
    }
}
