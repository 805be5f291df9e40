import Core
import Testing

@Suite(.timeLimit(.minutes(1)))
struct SignalledMutexTests {
    /// What threads wait for, and in which order they got it.
    private struct Shared {
        var waiting = 0
        var tokens = 0
        var served: [Int] = []
    }

    /// Threads that take a token each, and wait in the order of their numbers.
    private static func takers(_ count: Int, of shared: SignalledMutex<Shared>) async -> [DedicatedThread] {
        var threads: [DedicatedThread] = []
        for number in 0..<count {
            let thread = DedicatedThread(name: "taker-\(number)") {
                var isCounted = false
                shared.waitUntil { state -> Void? in
                    if !isCounted { state.waiting += 1 }
                    isCounted = true
                    guard state.tokens > 0 else { return nil }
                    state.tokens -= 1
                    state.served.append(number)
                    return ()
                }
            }
            threads.append(thread)
            // Counted under the lock, which it lets go of by waiting.
            while shared.withLock({ $0.waiting }) <= number { await Task.yield() }
        }
        return threads
    }

    @Test func theLastToWaitIsWokenFirst() async {
        let shared = SignalledMutex(Shared())
        let threads = await Self.takers(3, of: shared)
        for count in 1...3 {
            shared.withLock {
                $0.tokens += 1
                shared.signal()
            }
            while shared.withLock({ $0.served.count }) < count { await Task.yield() }
        }
        for thread in threads { thread.join() }
        let served = shared.withLock { $0.served }
        #expect(served == [2, 1, 0])
    }

    @Test func allThatWaitAreWokenTogether() async {
        let shared = SignalledMutex(Shared())
        let threads = await Self.takers(3, of: shared)
        shared.withLock {
            $0.tokens = 3
            shared.broadcast()
        }
        for thread in threads { thread.join() }
        let served = shared.withLock { $0.served }
        #expect(served.sorted() == [0, 1, 2])
    }

    @Test func doesNotWaitForWhatIsThere() {
        let shared = SignalledMutex(Shared())
        shared.withLock { $0.tokens = 1 }
        let tokens = shared.waitUntil { $0.tokens > 0 ? $0.tokens : nil }
        #expect(tokens == 1)
    }
}
