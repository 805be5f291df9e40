import Core
import Synchronization
import Testing

@testable import Models

@Suite(.timeLimit(.minutes(2)))
struct ComputeQueueTests {
    private static let live = ComputeOrder(.live)

    private static func queue(
        threads: Int = 1,
        encoder: FakeEncoder = FakeEncoder(),
        scorer: FakeScorer? = nil,
        jobs: Int = 1_024,
    ) async throws -> ComputeQueue {
        let queue = ComputeQueue(encoder: encoder, scorer: scorer, limits: .init(threads: threads, jobs: jobs))
        try await queue.start()
        return queue
    }

    private static func input(_ candidates: String...) throws(SwitchboardError) -> ScoringInput {
        var paths: [IntentPath] = []
        for name in candidates { paths.append(try IntentPath(name)) }
        return try ScoringInput(text: UtteranceText("where is it"), pairs: [], candidates: paths)
    }

    /// Lets other tasks and threads run until something is so; the suite's time limit ends it if that never happens.
    private static func until(_ isSo: () -> Bool) async {
        while !isSo() { await Task.yield() }
    }

    @Test func encodesAndSays() async throws {
        let queue = try await Self.queue()
        let done = try await queue.encode(["one", "three"], Self.live)
        #expect(done.value.map(\.vector) == ["one", "three"].map { FakeEncoder.vector(of: $0) })
        #expect(done.timings.batchTexts == 2)
        await queue.shutDown()
    }

    @Test func goesOnWithTheVector() async throws {
        let queue = try await Self.queue()
        let done = try await queue.encode("three", Self.live) { encoded in encoded.vector[0] * 2 }
        #expect(done.value == 10)
        let error = await #expect(throws: SwitchboardError.self) {
            try await queue.encode("three", Self.live) { _ throws(SwitchboardError) -> Int in
                throw SwitchboardError(.notFound, "no such vertical")
            }
        }
        #expect(error?.code == .notFound)
        await queue.shutDown()
    }

    @Test func whatWaitsIsEncodedTogether() async throws {
        let gate = Gate(isOpen: false)
        let encoder = FakeEncoder(gate: gate)
        let queue = try await Self.queue(encoder: encoder)
        async let first = queue.encode(["first"], Self.live)
        await Self.until { encoder.batches.count == 1 }
        let results = try await withThrowingTaskGroup(of: (Int, Float).self) { group in
            for number in 0..<10 {
                group.addTask {
                    let text = String(repeating: "x", count: number + 1)
                    return (number, try await queue.encode(text, Self.live) { $0.vector[0] }.value)
                }
            }
            await Self.until { queue.statistics.counts[.live].waiting == 10 }
            gate.open()
            return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
        _ = try await first
        #expect(results == Dictionary(uniqueKeysWithValues: (0..<10).map { ($0, Float($0 + 1)) }))
        #expect(encoder.batches.map(\.count) == [1, 10])
        await queue.shutDown()
    }

    @Test func aFailedBatchFailsEachOfItsJobsAndNoOther() async throws {
        let queue = try await Self.queue()
        let error = await #expect(throws: SwitchboardError.self) {
            try await queue.encode((0..<500).map { $0 == 200 ? "poison" : "text \($0)" }, Self.live)
        }
        #expect(error?.code == .internal)
        #expect(try await queue.encode(["fine"], Self.live).value.count == 1)
        await queue.shutDown()
        #expect(queue.statistics.waitingBytes == 0)
    }

    @Test func manyTextsComeBackInOrder() async throws {
        let queue = try await Self.queue(threads: 3)
        let texts = (0..<1_000).map { String(repeating: "y", count: $0 % 97 + 1) + "\($0)" }
        let done = try await queue.encode(texts, ComputeOrder(.updates))
        #expect(done.value.map(\.vector) == texts.map { FakeEncoder.vector(of: $0) })
        await queue.shutDown()
    }

    @Test func refusesNoTextAndScoresWithoutScorer() async throws {
        let queue = try await Self.queue()
        #expect(
            await #expect(throws: SwitchboardError.self) { try await queue.encode([], Self.live) }?.code
                == .invalidArgument
        )
        let error = await #expect(throws: SwitchboardError.self) { try await queue.score(Self.input("a"), Self.live) }
        #expect(error?.code == .failedPrecondition)
        await queue.shutDown()
    }

    @Test func refusesBeforeTheStartAndAfterTheEnd() async throws {
        let queue = ComputeQueue(encoder: FakeEncoder(), scorer: nil, limits: .init(threads: 1))
        #expect(
            await #expect(throws: SwitchboardError.self) { try await queue.encode(["a"], Self.live) }?.code
                == .unavailable
        )
        try await queue.start()
        await queue.shutDown()
        #expect(
            await #expect(throws: SwitchboardError.self) { try await queue.encode(["a"], Self.live) }?.code
                == .unavailable
        )
        await queue.shutDown()
    }

    @Test func aContextThatCannotBeMadeFailsTheStart() async throws {
        let queue = ComputeQueue(encoder: FakeEncoder(failsToStart: true), scorer: nil, limits: .init(threads: 2))
        let error = await #expect(throws: SwitchboardError.self) { try await queue.start() }
        #expect(error?.code == .resourceExhausted)
    }

    @Test func aQueueThatWasNeverStartedShutsDown() async {
        await ComputeQueue(encoder: FakeEncoder(), scorer: nil, limits: .init(threads: 2)).shutDown()
    }

    @Test func refusesWhenFullWithAHintWhenToTryAgain() async throws {
        let gate = Gate(isOpen: false)
        let encoder = FakeEncoder(gate: gate)
        let queue = try await Self.queue(encoder: encoder, jobs: 4)
        let done = Counter()
        try queue.encode(["first"], Self.live) { _ in done.add() }
        await Self.until { encoder.batches.count == 1 }
        for _ in 0..<4 { try queue.encode(["more"], Self.live) { _ in done.add() } }
        let error = #expect(throws: SwitchboardError.self) {
            try queue.encode(["one too many"], Self.live) { _ in done.add() }
        }
        #expect(error?.code == .resourceExhausted)
        #expect(error?.retryAfter != nil)
        gate.open()
        await queue.shutDown()
        #expect(done.value == 5)
    }

    @Test func waitingWorkIsDroppedWhenItsDeadlinePasses() async throws {
        let gate = Gate(isOpen: false)
        let encoder = FakeEncoder(gate: gate)
        let queue = try await Self.queue(encoder: encoder)
        async let first = queue.encode(["first"], Self.live)
        await Self.until { encoder.batches.count == 1 }
        let late = Task { try await queue.encode(["late"], ComputeOrder(.live, deadline: .now + .milliseconds(5))) }
        await Self.until { queue.statistics.counts[.live].waiting == 1 }
        let past = ContinuousClock.now + .milliseconds(6)
        await Self.until { ContinuousClock.now > past }
        gate.open()
        _ = try await first
        let error = await #expect(throws: SwitchboardError.self) { try await late.value }
        #expect(error?.code == .deadlineExceeded)
        #expect(encoder.batches == [["first"]])
        await queue.shutDown()
    }

    @Test func cancellingATaskDropsItsWork() async throws {
        let gate = Gate(isOpen: false)
        let encoder = FakeEncoder(gate: gate)
        let queue = try await Self.queue(encoder: encoder)
        async let first = queue.encode(["first"], Self.live)
        await Self.until { encoder.batches.count == 1 }
        let task = Task { try await queue.encode(["unwanted"], Self.live) }
        await Self.until { queue.statistics.counts[.live].waiting == 1 }
        task.cancel()
        gate.open()
        _ = try await first
        let error = await #expect(throws: SwitchboardError.self) { try await task.value }
        #expect(error?.code == .cancelled)
        #expect(encoder.batches == [["first"]])
        await queue.shutDown()
    }

    @Test func anEncodingDroppedPartWayLeavesNothingBehind() async throws {
        let gate = Gate(isOpen: false)
        let encoder = FakeEncoder(gate: gate)
        let queue = try await Self.queue(encoder: encoder)
        let texts = Array(repeating: "text", count: 500)
        let task = Task { try await queue.encode(texts, ComputeOrder(.updates)) }
        // The first of them are being encoded, the others wait.
        await Self.until { encoder.batches.count == 1 }
        task.cancel()
        await Self.until { queue.statistics.counts[.updates].cancelled == 1 }
        gate.open()
        let error = await #expect(throws: SwitchboardError.self) { try await task.value }
        #expect(error?.code == .cancelled)
        #expect(encoder.batches.count == 1)
        let left = queue.shared.withLock { $0.jobs.count }
        #expect(left == 0)
        await queue.shutDown()
    }

    @Test func aTaskCancelledBeforehandDoesNothing() async throws {
        let queue = try await Self.queue()
        let task = Task {
            await Self.until { Task.isCancelled }
            return try await queue.encode(["unwanted"], Self.live)
        }
        task.cancel()
        #expect(await #expect(throws: SwitchboardError.self) { try await task.value }?.code == .cancelled)
        await queue.shutDown()
    }

    @Test func aRunningScoreStopsWhenCancelledOrTooLate() async throws {
        let scorer = FakeScorer(gate: Gate(isOpen: false))
        let queue = try await Self.queue(scorer: scorer)
        let task = Task { try await queue.score(Self.input("a"), Self.live) }
        await Self.until { scorer.startedCount == 1 }
        task.cancel()
        #expect(await #expect(throws: SwitchboardError.self) { try await task.value }?.code == .cancelled)
        let order = ComputeOrder(.live, deadline: .now + .milliseconds(20))
        let error = await #expect(throws: SwitchboardError.self) { try await queue.score(Self.input("a"), order) }
        #expect(error?.code == .deadlineExceeded)
        await queue.shutDown()
    }

    @Test func aScoreLetsEncodingsAndSearchesThrough() async throws {
        let gate = Gate(isOpen: false)
        let scorer = FakeScorer(gate: gate)
        let queue = try await Self.queue(scorer: scorer)
        async let score = queue.score(Self.input("order status", "refund"), Self.live)
        await Self.until { scorer.startedCount == 1 }
        #expect(try await queue.encode("three", Self.live) { $0.vector[0] }.value == 5)
        #expect(try await queue.retrieve(Self.live) { 42 }.value == 42)
        gate.open()
        #expect(try await score.value.logProbabilities == [-12, -6])
        #expect(queue.statistics.interruptions >= 2)
        await queue.shutDown()
    }

    @Test func questionsThatWaitAreAskedTogetherAndOneMayBeTakenBack() async throws {
        let gate = Gate(isOpen: false)
        let scorer = FakeScorer(gate: gate)
        let queue = try await Self.queue(scorer: scorer)
        let first = Task { try await queue.score(Self.input("first"), Self.live) }
        await Self.until { scorer.startedCount == 1 }
        let others = (0..<3).map { number in
            Task { try await queue.score(Self.input("intent \(number)"), Self.live) }
        }
        await Self.until { queue.statistics.counts[.live].waiting == 3 }
        first.cancel()
        #expect(await #expect(throws: SwitchboardError.self) { try await first.value }?.code == .cancelled)
        await Self.until { scorer.startedCount == 2 }
        #expect(scorer.batches == [1, 3])
        others[1].cancel()
        // Told at once, while the two beside it are being scored.
        #expect(await #expect(throws: SwitchboardError.self) { try await others[1].value }?.code == .cancelled)
        #expect(!gate.isOpen)
        gate.open()
        for other in [others[0], others[2]] { #expect(try await other.value.value.logProbabilities == [-8]) }
        await queue.shutDown()
        #expect(queue.statistics.batchScores.sum == 4)
    }

    @Test func aBatchOfQuestionsLetsEncodingsAndSearchesThrough() async throws {
        let gate = Gate(isOpen: false)
        let scorer = FakeScorer(gate: gate)
        let queue = try await Self.queue(scorer: scorer)
        let first = Task { try await queue.score(Self.input("first"), Self.live) }
        await Self.until { scorer.startedCount == 1 }
        let others = (0..<2).map { _ in Task { try await queue.score(Self.input("refund"), Self.live) } }
        await Self.until { queue.statistics.counts[.live].waiting == 2 }
        first.cancel()
        await Self.until { scorer.startedCount == 2 }
        #expect(try await queue.encode("three", Self.live) { $0.vector[0] }.value == 5)
        #expect(try await queue.retrieve(Self.live) { 42 }.value == 42)
        gate.open()
        for other in others { #expect(try await other.value.value.logProbabilities == [-6]) }
        #expect(scorer.batches == [1, 2])
        await queue.shutDown()
    }

    @Test func finishingDoesWhatWaits() async throws {
        let gate = Gate(isOpen: false)
        let encoder = FakeEncoder(gate: gate)
        let queue = try await Self.queue(threads: 2, encoder: encoder, scorer: FakeScorer())
        let (fine, bad) = (Counter(), Counter())
        // Three jobs each, fewer than the queue holds while the gate is shut.
        for number in 0..<150 {
            try queue.encode(["\(number)"], Self.live) { result in (try? result.get()) != nil ? fine.add() : bad.add() }
            try queue.encode("\(number)", ComputeOrder(.updates)) {
                $0.tokens
            } completion: { result in
                (try? result.get()) != nil ? fine.add() : bad.add()
            }
            try queue.score(Self.input("a"), ComputeOrder(.discovery)) { result in
                (try? result.get()) != nil ? fine.add() : bad.add()
            }
        }
        async let end: Void = queue.shutDown(.finishing)
        gate.open()
        await end
        #expect((fine.value, bad.value) == (450, 0))
    }

    @Test func droppingEndsEverythingAtOnce() async throws {
        let scorer = FakeScorer(gate: Gate(isOpen: false))
        let queue = try await Self.queue(threads: 2, scorer: scorer)
        let codes = Mutex<[StatusCode?]>([])
        for _ in 0..<100 {
            try queue.score(Self.input("a"), Self.live) { result in
                if case .failure(let error) = result { codes.withLock { $0.append(error.code) } }
            }
        }
        await Self.until { scorer.startedCount == 2 }
        await queue.shutDown(.dropping)
        #expect(codes.withLock { $0 } == Array(repeating: .unavailable, count: 100))
    }

    /// Which work was taken in, and how often each was completed.
    private final class Tally: Sendable {
        private let admitted = Mutex<Set<Int>>([])
        private let completed = Mutex<[Int: Int]>([:])

        func admit(_ id: Int) { admitted.withLock { _ = $0.insert(id) } }
        func complete(_ id: Int) { completed.withLock { $0[id, default: 0] += 1 } }

        func check() {
            let counts = completed.withLock { $0 }
            #expect(Set(counts.keys) == admitted.withLock { $0 })
            #expect(counts.values.allSatisfy { $0 == 1 })
            #expect(counts.count > 100)
        }
    }

    /// Work of all kinds in a random order, a fifth of it cancelled, half of it with hardly any time.
    private static func ask(_ queue: ComputeQueue, task: Int, tally: Tally, halfway: () async -> Void) async throws {
        var random = SeededGenerator(seed: UInt64(task + 1))
        for number in 0..<2_000 {
            let id = task * 10_000 + number
            var order = ComputeOrder(Priority.allCases.randomElement(using: &random) ?? .live)
            if Bool.random(using: &random) {
                order.deadline = .now + .microseconds(Int.random(in: 0...2_000, using: &random))
            }
            let isCancelled = Int.random(in: 0..<5, using: &random) == 0
            let kind = Int.random(in: 0..<4, using: &random)
            do throws(SwitchboardError) {
                let ticket =
                    switch kind {
                    case 0:
                        try queue.encode(Array(repeating: "text", count: number % 40 + 1), order) { _ in
                            tally.complete(id)
                        }
                    case 1:
                        try queue.encode("text", order) {
                            $0.tokens
                        } completion: { _ in
                            tally.complete(id)
                        }
                    case 2:
                        try queue.retrieve(order) {
                            number
                        } completion: { _ in
                            tally.complete(id)
                        }
                    default: try queue.score(input("a"), order) { _ in tally.complete(id) }
                    }
                tally.admit(id)
                if isCancelled { ticket.cancel() }
            } catch {
                #expect([.resourceExhausted, .deadlineExceeded, .unavailable].contains(error.code))
            }
            if number % 64 == 0 { await Task.yield() }
            if number == 1_500 { await halfway() }
        }
    }

    @Test(arguments: [1, 2, 4])
    func everyCompletionIsCalledExactlyOnce(threads: Int) async throws {
        for ending in [ComputeQueue.Ending.finishing, .dropping] {
            let queue = try await Self.queue(threads: threads, scorer: FakeScorer(), jobs: 300)
            let tally = Tally()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for task in 0..<4 {
                    group.addTask {
                        try await Self.ask(queue, task: task, tally: tally) {
                            if task == 0 { await queue.shutDown(ending) }
                        }
                    }
                }
                try await group.waitForAll()
            }
            await queue.shutDown(ending)
            tally.check()
        }
    }

    @Test func startsAndEndsManyTimes() async throws {
        for _ in 0..<100 {
            let queue = try await Self.queue(threads: 2, scorer: FakeScorer())
            try queue.encode(["a"], Self.live) { _ in }
            await queue.shutDown(.dropping)
        }
    }
}
