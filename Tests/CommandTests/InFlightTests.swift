import Core
import SwitchboardClient
import Synchronization
import Testing

struct InFlightTests {
    @Test(arguments: [1, 3, 50])
    func givesResultsInTheOrderOfTheItems(limit: Int) async throws {
        let squares = try await inFlight(limit, Array(0..<40)) { number in
            // Later items are done sooner.
            for _ in 0..<(40 - number) { await Task.yield() }
            return number * number
        }
        #expect(squares == (0..<40).map { $0 * $0 })
    }

    @Test func keepsToTheLimit() async throws {
        let running = Mutex((now: 0, most: 0))
        _ = try await inFlight(4, Array(0..<64)) { _ in
            running.withLock {
                $0.now += 1
                $0.most = max($0.most, $0.now)
            }
            for _ in 0..<10 { await Task.yield() }
            running.withLock { $0.now -= 1 }
        }
        #expect(running.withLock { $0.most } <= 4)
        #expect(running.withLock { $0.now } == 0)
    }

    @Test func throwsTheFirstError() async {
        struct Unlucky: Error, Equatable {}
        await #expect(throws: Unlucky.self) {
            _ = try await inFlight(2, Array(0..<10)) { number in
                if number == 5 { throw Unlucky() }
            }
        }
    }

    @Test func tellsHowManyAreDone() async throws {
        var told: [Int] = []
        _ = try await inFlight(3, Array(0..<5)) {
            $0
        } onDone: {
            told.append($0)
        }
        #expect(told == [1, 2, 3, 4, 5])
    }
}

struct PatienceTests {
    private func busy(retryAfter: Duration? = nil) -> SwitchboardError {
        SwitchboardError(.resourceExhausted, "there is too much to do", retryAfter: retryAfter)
    }

    @Test func asksAgainWhileTheNodeIsBusy() async throws {
        var calls = 0
        let answer = try await patiently {
            calls += 1
            if calls < 4 { throw busy(retryAfter: .microseconds(1)) }
            return calls
        }
        #expect(answer == 4)
    }

    @Test func losesPatienceAtItsEnd() async {
        var calls = 0
        let error = await #expect(throws: SwitchboardError.self) {
            try await patiently(for: .zero) {
                calls += 1
                throw busy()
            }
        }
        #expect(error?.code == .resourceExhausted)
        #expect(calls == 1)
    }

    @Test func otherErrorsAreTheCallers() async {
        var calls = 0
        await #expect(throws: SwitchboardError.self) {
            try await patiently {
                calls += 1
                throw SwitchboardError(.unavailable, "no node answers")
            }
        }
        #expect(calls == 1)
    }
}
