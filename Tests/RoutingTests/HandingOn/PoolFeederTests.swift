import Core
import Logging
import Routing
import Synchronization
import Testing
import Wire

@Suite(.timeLimit(.minutes(1))) struct PoolFeederTests {
    /// A clusterer that answers as it is told.
    private actor Receiver {
        private var failures: [SwitchboardError]
        private(set) var attempts = 0
        nonisolated let received = CurrentValue<[String]>([])

        init(failing failures: [SwitchboardError] = []) {
            self.failures = failures
        }

        func take(_ entries: [PoolEntry]) throws(SwitchboardError) {
            attempts += 1
            if !failures.isEmpty { throw failures.removeFirst() }
            received.set(received.value + entries.map(\.text.value))
        }

        nonisolated func wait(for count: Int) async -> [String] {
            for await received in received.values() where received.count >= count { return received }
            return received.value
        }
    }

    private final class Counts: Sendable {
        private let state = Mutex((handedOn: 0, dropped: [RoutingEvents.Loss: Int]()))

        var handedOn: Int { state.withLock { $0.handedOn } }
        var dropped: [RoutingEvents.Loss: Int] { state.withLock { $0.dropped } }

        func handOn(_ count: Int) { state.withLock { $0.handedOn += count } }
        func drop(_ count: Int, _ reason: RoutingEvents.Loss) {
            state.withLock { $0.dropped[reason, default: 0] += count }
        }
    }

    private let counts = Counts()
    private let served = CurrentValue<Set<String>>([RoutingServices.discovery])

    private func makeFeeder() -> PoolFeeder {
        PoolFeeder(
            rule: PoolRule(),
            masks: MaskRules(),
            events: RoutingEvents(
                handedOn: { [counts] in counts.handOn($0) },
                notHandedOn: { [counts] in counts.drop($0, $1) },
            ),
            logger: Logger(label: "tests") { _ in SwiftLogNoOpLogHandler() },
            now: { 5 }
        )
    }

    private func word(_ text: String) throws -> Feedback {
        Feedback(
            replyID: .random(),
            text: try UtteranceText(text),
            vertical: .default,
            answeredIntent: nil,
            verdict: .rejected,
            source: .caller
        )
    }

    private func running(_ feeder: PoolFeeder, to receiver: Receiver) -> Task<Void, Never> {
        let served = served
        return Task {
            await feeder.run(whileServed: served) { (entries: [PoolEntry]) async throws(SwitchboardError) in
                try await receiver.take(entries)
            }
        }
    }

    @Test func whatIsOfferedArrivesMasked() async throws {
        let (feeder, receiver) = (makeFeeder(), Receiver())
        feeder.offer(try word("order 4711 is late"))
        let task = running(feeder, to: receiver)
        _ = await receiver.wait(for: 1)
        feeder.offer(try word("another"))
        #expect(await receiver.wait(for: 2) == ["order <number> is late", "another"])
        task.cancel()
        await task.value
        #expect(counts.handedOn == 2)
    }

    @Test func whatIsExplainedIsNotOffered() async throws {
        let (feeder, receiver) = (makeFeeder(), Receiver())
        let request = ClassifyRequest(text: try UtteranceText("hello"))
        func reply(_ outcome: Outcome) -> ClassifyResponse {
            ClassifyResponse(
                replyID: .random(),
                text: "hello",
                outcome: outcome,
                decidedBy: .retrieval,
                position: LogPosition(log: LogID(1), sequence: LogSequence(1))
            )
        }
        feeder.offer(request, answered: reply(.route))
        feeder.offer(request, answered: reply(.unknown))
        feeder.offer(try word("last"))
        let task = running(feeder, to: receiver)
        #expect(await receiver.wait(for: 2) == ["hello", "last"])
        task.cancel()
        await task.value
    }

    @Test func waitsForAClustererAndDropsTheOldestMeanwhile() async throws {
        let (feeder, receiver) = (makeFeeder(), Receiver())
        served.set([])
        let task = running(feeder, to: receiver)
        for index in 0..<PoolLine.maximumEntries + 5 { feeder.offer(try word("word \(index)x")) }
        #expect(counts.dropped == [.full: 5])
        served.set([RoutingServices.discovery])
        let received = await receiver.wait(for: PoolLine.maximumEntries)
        #expect(received.count == PoolLine.maximumEntries)
        task.cancel()
        await task.value
        #expect(counts.handedOn == PoolLine.maximumEntries)
    }

    @Test func whatACrashedClustererDidNotTakeIsSentAgain() async throws {
        let receiver = Receiver(failing: [
            SwitchboardError(.unavailable, "gone"), SwitchboardError(.deadlineExceeded, "slow"),
            SwitchboardError(.resourceExhausted, "the disk is full", retryAfter: .milliseconds(1)),
        ])
        let feeder = makeFeeder()
        feeder.offer(try word("kept"))
        let task = running(feeder, to: receiver)
        #expect(await receiver.wait(for: 1) == ["kept"])
        #expect(await receiver.attempts == 4)
        task.cancel()
        await task.value
        #expect(counts.dropped.isEmpty)
    }

    @Test func whatIsRefusedIsNotSentAgain() async throws {
        let receiver = Receiver(failing: [SwitchboardError(.unimplemented, "an older version")])
        let feeder = makeFeeder()
        feeder.offer(try word("refused"))
        let task = running(feeder, to: receiver)
        // The first batch may hold one of them or both.
        while await receiver.attempts == 0 { await Task.yield() }
        feeder.offer(try word("taken"))
        #expect(await receiver.wait(for: 1) == ["taken"])
        task.cancel()
        await task.value
        #expect(counts.dropped == [.refused: 1])
    }
}
