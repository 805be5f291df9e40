import Core
import Models
import Testing

struct ComputeScheduleTests {
    private static func whole(_ ids: ComputeSchedule.JobID...) -> ComputeSchedule.Step {
        .encode(ids.map { .init(job: $0, texts: 0..<1) })
    }

    @Test func aLoneRequestIsTakenAtOnce() throws {
        var bench = ScheduleBench(threads: 1)
        let id = try bench.encoding(12)
        #expect(bench.next() == Self.whole(id))
        bench.finish()
        #expect(bench.next() == nil)
    }

    @Test func whatWaitsIsEncodedTogetherUpToTheBudget() throws {
        var bench = ScheduleBench(threads: 1, liveBatchTokens: 30)
        let ids = try (0..<4).map { _ in try bench.encoding(12) }
        #expect(bench.next() == Self.whole(ids[0], ids[1]))
        bench.finish()
        #expect(bench.next() == Self.whole(ids[2], ids[3]))
        #expect(bench.schedule.statistics.batchTexts.sum == 4)
    }

    @Test func aTextAboveTheBudgetGoesAlone() throws {
        var bench = ScheduleBench(threads: 1, liveBatchTokens: 30)
        let long = try bench.encoding(200)
        let short = try bench.encoding(5)
        #expect(bench.next() == Self.whole(long))
        bench.finish()
        #expect(bench.next() == Self.whole(short))
    }

    @Test func batchesAreBoundedByTexts() throws {
        var bench = ScheduleBench(threads: 1, batchTexts: 3)
        let ids = try (0..<4).map { _ in try bench.encoding(1) }
        #expect(bench.next() == Self.whole(ids[0], ids[1], ids[2]))
    }

    @Test func aLongEncodingIsTakenInPartsByAllThreads() throws {
        var bench = ScheduleBench(threads: 2, liveBatchTokens: 20)
        let id = try bench.encoding(10, 10, 10, 10, 10)
        #expect(bench.next(0) == .encode([.init(job: id, texts: 0..<2)]))
        #expect(bench.next(1) == .encode([.init(job: id, texts: 2..<4)]))
        bench.finish(0)
        #expect(bench.next(0) == .encode([.init(job: id, texts: 4..<5)]))
        #expect(bench.schedule.isEmpty)
    }

    @Test func liveGoesBeforeUpdatesBeforeDiscovery() throws {
        var bench = ScheduleBench(threads: 1)
        let discovery = try bench.admit(.retrieval, .discovery)
        let updates = try bench.encoding(5, priority: .updates)
        let score = try bench.admit(.language(tokens: 100), .live)
        let live = try bench.admit(.retrieval, .live)
        #expect(bench.next() == .retrieve(live))
        bench.finish()
        #expect(bench.next() == .language([score]))
        bench.finish()
        #expect(bench.next() == Self.whole(updates))
        bench.finish()
        #expect(bench.next() == .retrieve(discovery))
    }

    @Test func prioritiesDoNotShareABatch() throws {
        var bench = ScheduleBench(threads: 1)
        let live = try bench.encoding(5)
        _ = try bench.encoding(5, priority: .updates)
        #expect(bench.next() == Self.whole(live))
    }

    @Test func backgroundBatchesAreSmaller() throws {
        var bench = ScheduleBench(threads: 1)
        let ids = try (0..<4).map { _ in try bench.encoding(20, priority: .updates) }
        #expect(bench.next() == Self.whole(ids[0], ids[1]))
    }

    @Test func searchesAndEncodingsOfOnePriorityGoInTheOrderTheyCame() throws {
        var bench = ScheduleBench(threads: 1)
        let first = try bench.admit(.retrieval)
        let second = try bench.encoding(5)
        let third = try bench.admit(.retrieval)
        let fourth = try bench.encoding(5)
        #expect(bench.next() == .retrieve(first))
        bench.finish()
        // The fourth is taken along, for it costs the third little.
        #expect(bench.next() == Self.whole(second, fourth))
        bench.finish()
        #expect(bench.next() == .retrieve(third))
    }

    @Test func aFollowUpGoesBeforeEverything() throws {
        var bench = ScheduleBench(threads: 1)
        let followed = try bench.encoding(5, isFollowed: true)
        #expect(bench.next() == Self.whole(followed))
        _ = try bench.admit(.retrieval)
        bench.schedule.followUp(followed)
        bench.finish()
        #expect(bench.next() == .followUp(followed))
    }

    @Test func expiredWorkIsDroppedBeforeItCostsAnything() throws {
        var bench = ScheduleBench(threads: 1)
        let late = try bench.encoding(5, within: .milliseconds(10))
        let search = try bench.admit(.retrieval, within: .milliseconds(10))
        let fine = try bench.encoding(5, within: .seconds(1))
        bench.now = bench.now.advanced(by: .milliseconds(20))
        #expect(bench.next() == Self.whole(fine))
        bench.finish()
        #expect([bench.next(), bench.next()] == [.drop(late, .expired), .drop(search, .expired)])
        #expect(bench.next() == nil)
        #expect(bench.schedule.statistics.counts[.live].expired == 2)
    }

    @Test func refusesWhatHasExpiredAlready() {
        var bench = ScheduleBench(threads: 1)
        let error = #expect(throws: SwitchboardError.self) { try bench.encoding(5, within: .milliseconds(-1)) }
        #expect(error?.code == .deadlineExceeded)
        #expect(bench.schedule.isEmpty)
    }

    @Test func cancelledWorkIsDroppedOnce() throws {
        var bench = ScheduleBench(threads: 1)
        let id = try bench.admit(.language(tokens: 100))
        let (isFirst, isSecond) = (bench.schedule.cancel(id), bench.schedule.cancel(id))
        #expect(isFirst && !isSecond)
        #expect(bench.next() == .drop(id, .cancelled))
        #expect(bench.next() == nil)
    }

    @Test func whatRunsCannotBeTakenOut() throws {
        var bench = ScheduleBench(threads: 1)
        let id = try bench.admit(.retrieval)
        #expect(bench.next() == .retrieve(id))
        let wasWaiting = bench.schedule.cancel(id)
        #expect(!wasWaiting)
    }

    @Test func aManyTimesCancelledQueueStaysSmall() throws {
        var bench = ScheduleBench(threads: 1)
        let blocker = try bench.admit(.retrieval)
        #expect(bench.next() == .retrieve(blocker))
        for _ in 0..<10_000 { bench.schedule.cancel(try bench.encoding(5)) }
        bench.finish()
        for _ in 0..<10_000 { _ = bench.next() }
        #expect(bench.next() == nil)
        #expect(bench.schedule.isEmpty)
    }

    @Test func isBoundedByCountAndBytesWithRoomForCallers() throws {
        var bench = ScheduleBench(threads: 1, jobs: 8, bytes: 1_000)
        for _ in 0..<4 { _ = try bench.admit(.retrieval, .discovery) }
        #expect(throws: SwitchboardError.self) { try bench.admit(.retrieval, .discovery) }
        for _ in 0..<2 { _ = try bench.admit(.retrieval, .updates) }
        #expect(throws: SwitchboardError.self) { try bench.admit(.retrieval, .updates) }
        for _ in 0..<2 { _ = try bench.admit(.retrieval, .live) }
        let error = #expect(throws: SwitchboardError.self) { try bench.admit(.retrieval, .live) }
        #expect(error?.code == .resourceExhausted)
        #expect(error?.retryAfter != nil)

        bench = ScheduleBench(threads: 1, jobs: 8, bytes: 1_000)
        _ = try bench.admit(.retrieval, bytes: 900)
        #expect(throws: SwitchboardError.self) { try bench.admit(.retrieval, bytes: 101) }
        _ = try bench.admit(.retrieval, bytes: 100)
    }

    @Test func aFullQueueMakesRoomByDroppingTheExpired() throws {
        var bench = ScheduleBench(threads: 1, jobs: 2)
        let late = try bench.admit(.retrieval, within: .milliseconds(1))
        _ = try bench.admit(.retrieval)
        bench.now = bench.now.advanced(by: .milliseconds(2))
        _ = try bench.admit(.retrieval)
        #expect(bench.next() == .drop(late, .expired))
    }

    // The language model among others.

    @Test func betweenPiecesAThreadServesWhatIsAtLeastAsUrgent() throws {
        var bench = ScheduleBench(threads: 1)
        let score = try bench.admit(.language(tokens: 100), .updates)
        #expect(bench.next() == .language([score]))
        #expect(bench.between() == nil)
        _ = try bench.encoding(5, priority: .discovery)
        #expect(bench.between() == nil)
        let same = try bench.encoding(5, priority: .updates)
        let live = try bench.admit(.retrieval)
        #expect(bench.between() == .retrieve(live))
        bench.finish()
        #expect(bench.between() == Self.whole(same))
        bench.finish()
        #expect(bench.between() == nil)
        bench.finish(after: .milliseconds(10))
        #expect(bench.schedule.statistics.interruptions == 2)
    }

    @Test func betweenPiecesNobodyIsServedWhileAnotherThreadIsIdle() throws {
        var bench = ScheduleBench(threads: 2)
        let score = try bench.admit(.language(tokens: 100))
        #expect(bench.next(0) == .language([score]))
        #expect(bench.next(1) == nil)
        let id = try bench.encoding(5)
        #expect(bench.between(0) == nil)
        #expect(bench.schedule.wantsAnotherThread)
        #expect(bench.next(1) == Self.whole(id))
    }

    @Test func aThreadThatHasLeftIsNotWaitedFor() throws {
        var bench = ScheduleBench(threads: 2)
        let score = try bench.admit(.language(tokens: 100))
        #expect(bench.next(0) == .language([score]))
        #expect(bench.next(1) == nil)
        bench.schedule.leave(1)
        let id = try bench.encoding(10)
        #expect(!bench.schedule.wantsAnotherThread)
        #expect(bench.between(0) == Self.whole(id))
        bench.finish(0)
        #expect(bench.next(1) == nil)
    }

    @Test func ofSeveralThreadsOneLeavesTheLanguageModelAloneWhileRetrievalWaits() throws {
        var bench = ScheduleBench(threads: 2)
        let scores = try (0..<3).map { _ in try bench.admit(.language(tokens: 100)) }
        let update = try bench.encoding(5, priority: .updates)
        #expect(bench.next(0) == .language([scores[0], scores[1]]))
        #expect(bench.next(1) == Self.whole(update))
        bench.finish(1)
        // Nothing but scores waits now, so both threads score.
        #expect(bench.next(1) == .language([scores[2]]))
    }

    @Test func aLoneThreadTakesScoresThoughUpdatesWait() throws {
        var bench = ScheduleBench(threads: 1)
        _ = try bench.encoding(5, priority: .updates)
        let score = try bench.admit(.language(tokens: 100))
        #expect(bench.next() == .language([score]))
    }

    @Test func discoveryNeverFillsAllThreads() throws {
        var bench = ScheduleBench(threads: 2)
        let judged = try (0..<2).map { _ in try bench.admit(.language(tokens: 100), .discovery) }
        #expect(bench.next(0) == .language([judged[0]]))
        #expect(bench.next(1) == nil)
        #expect(!bench.schedule.wantsAnotherThread)
        let score = try bench.admit(.language(tokens: 100))
        #expect(bench.next(1) == .language([score]))
        bench.finish(0)
        #expect(bench.next(0) == nil)
        bench.finish(1)
        #expect(bench.next(1) == .language([judged[1]]))
    }

    @Test func callersQuestionsAreAskedTogetherUpToTheBudget() throws {
        var bench = ScheduleBench(threads: 1, languageBatchTokens: 250)
        let ids = try (0..<4).map { _ in try bench.admit(.language(tokens: 100)) }
        #expect(bench.next() == .language([ids[0], ids[1]]))
        bench.finish()
        #expect(bench.next() == .language([ids[2], ids[3]]))
        bench.finish()
        #expect(bench.schedule.isEmpty)
        #expect(bench.schedule.statistics.batchScores.sum == 4)
        #expect(bench.schedule.statistics.batchScores.count == 2)
    }

    @Test func aQuestionAboveTheBudgetGoesAlone() throws {
        var bench = ScheduleBench(threads: 1, languageBatchTokens: 250)
        let long = try bench.admit(.language(tokens: 900))
        let short = try bench.admit(.language(tokens: 10))
        #expect(bench.next() == .language([long]))
        bench.finish()
        #expect(bench.next() == .language([short]))
    }

    @Test func withABudgetOfOneEachQuestionGoesAlone() throws {
        var bench = ScheduleBench(threads: 1, languageBatchTokens: 1)
        let ids = try (0..<2).map { _ in try bench.admit(.language(tokens: 100)) }
        #expect(bench.next() == .language([ids[0]]))
        bench.finish()
        #expect(bench.next() == .language([ids[1]]))
    }

    @Test func threadsShareTheQuestionsThatWait() throws {
        var bench = ScheduleBench(threads: 2, languageBatchTokens: 1_000)
        let ids = try (0..<5).map { _ in try bench.admit(.language(tokens: 100)) }
        #expect(bench.next(0) == .language(Array(ids[..<3])))
        #expect(bench.next(1) == .language(Array(ids[3...])))
    }

    @Test func nobodyElsesQuestionsAreTakenTogether() throws {
        var bench = ScheduleBench(threads: 1)
        let judged = try (0..<2).map { _ in try bench.admit(.language(tokens: 10), .discovery) }
        let score = try bench.admit(.language(tokens: 10))
        #expect(bench.next() == .language([score]))
        bench.finish()
        #expect(bench.next() == .language([judged[0]]))
        bench.finish()
        #expect(bench.next() == .language([judged[1]]))
    }

    @Test func aBatchLeavesOutTheExpiredAndTheCancelled() throws {
        var bench = ScheduleBench(threads: 1)
        let first = try bench.admit(.language(tokens: 10))
        let late = try bench.admit(.language(tokens: 10), within: .milliseconds(5))
        let unwanted = try bench.admit(.language(tokens: 10))
        let last = try bench.admit(.language(tokens: 10))
        bench.schedule.cancel(unwanted)
        bench.now = bench.now.advanced(by: .milliseconds(6))
        #expect(bench.next() == .drop(unwanted, .cancelled))
        #expect(bench.next() == .language([first, last]))
        bench.finish()
        #expect(bench.next() == .drop(late, .expired))
    }

    @Test func nobodyIsTakenAlongForWhomOthersWouldBeLate() throws {
        var bench = ScheduleBench(threads: 1, languageBatchTokens: 1_000)
        // Ten milliseconds a token.
        _ = try bench.admit(.language(tokens: 10))
        _ = bench.next()
        bench.finish(after: .milliseconds(100))
        let hurried = try bench.admit(.language(tokens: 10), within: .milliseconds(250))
        let second = try bench.admit(.language(tokens: 10))
        let third = try bench.admit(.language(tokens: 10))
        #expect(bench.next() == .language([hurried, second]))
        bench.finish(after: .milliseconds(200))
        #expect(bench.next() == .language([third]))
    }

    @Test func whatABatchTookIsLearntByTheToken() throws {
        var bench = ScheduleBench(threads: 1)
        for _ in 0..<2 { _ = try bench.admit(.language(tokens: 10)) }
        _ = bench.next()
        bench.finish(after: .milliseconds(200))
        _ = try bench.admit(.language(tokens: 10))
        _ = try bench.admit(.language(tokens: 10), within: .milliseconds(110))
        #expect(throws: SwitchboardError.self) { try bench.admit(.language(tokens: 10), within: .milliseconds(190)) }
    }

    @Test func whatIsLeftOfAFailedEncodingCanBeAbandoned() throws {
        var bench = ScheduleBench(threads: 1, liveBatchTokens: 10)
        let id = try bench.encoding(10, 10, 10)
        #expect(bench.next() == .encode([.init(job: id, texts: 0..<1)]))
        bench.schedule.abandon(id)
        bench.finish()
        #expect(bench.next() == nil)
        #expect(bench.schedule.isEmpty)
        #expect(bench.schedule.statistics.waitingBytes == 0)
    }

    @Test func droppingAllLeavesNothing() throws {
        var bench = ScheduleBench(threads: 1)
        let ids = [
            try bench.encoding(5), try bench.admit(.retrieval), try bench.admit(.language(tokens: 9), .discovery),
        ]
        bench.schedule.dropAll()
        #expect((0..<3).map { _ in bench.next() } == ids.map { .drop($0, .closed) })
        #expect(bench.next() == nil)
        #expect(bench.schedule.isEmpty)
    }

    /// Whatever happens in whatever order, every job that was admitted comes out whole exactly once.
    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func everyJobComesOutExactlyOnce(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var bench = ScheduleBench(threads: 3, jobs: 40, bytes: 4_000, liveBatchTokens: 25, batchTexts: 4)
        var expected: [ComputeSchedule.JobID: Int] = [:]
        var done: [ComputeSchedule.JobID: Int] = [:]
        var ended: Set<ComputeSchedule.JobID> = []
        var busy: [Int: (language: Bool, short: Bool)] = [:]

        func note(_ step: ComputeSchedule.Step, _ thread: Int) {
            switch step {
            case .drop(let id, _): #expect(ended.insert(id).inserted)
            case .encode(let parts):
                busy[thread, default: (false, false)].short = true
                for part in parts {
                    #expect(done[part.job, default: 0] == part.texts.lowerBound)
                    done[part.job] = part.texts.upperBound
                    if part.texts.upperBound == expected[part.job] { #expect(ended.insert(part.job).inserted) }
                }
            case .retrieve(let id):
                busy[thread, default: (false, false)].short = true
                #expect(ended.insert(id).inserted)
            case .language(let ids):
                busy[thread, default: (false, false)].language = true
                #expect(!ids.isEmpty)
                for id in ids { #expect(ended.insert(id).inserted) }
            case .followUp: Issue.record("nothing is followed here")
            }
        }

        func turn(_ thread: Int) {
            let state = busy[thread] ?? (false, false)
            if state.short {
                bench.finish(thread)
                busy[thread]?.short = false
            } else if state.language {
                if Bool.random(using: &random), let step = bench.between(thread) {
                    note(step, thread)
                } else {
                    bench.finish(thread)
                    busy[thread]?.language = false
                }
            } else if let step = bench.next(thread) {
                note(step, thread)
            }
        }

        for _ in 0..<5_000 {
            bench.now = bench.now.advanced(by: .milliseconds(Int.random(in: 0...3, using: &random)))
            if Bool.random(using: &random) {
                let priority = Priority.allCases.randomElement(using: &random) ?? .live
                let left: Duration? =
                    Bool.random(using: &random) ? .milliseconds(Int.random(in: 1...60, using: &random)) : nil
                let kind: ComputeSchedule.Job.Kind =
                    switch Int.random(in: 0..<3, using: &random) {
                    case 0:
                        .encoding(
                            tokens: (0..<Int.random(in: 1...9, using: &random)).map { _ in
                                Int.random(in: 1...30, using: &random)
                            },
                            isFollowed: false
                        )
                    case 1: .retrieval
                    default: .language(tokens: 50)
                    }
                if let id = try? bench.admit(
                    kind,
                    priority,
                    within: left,
                    bytes: Int.random(in: 0...200, using: &random)
                ) {
                    if case .encoding(let tokens, _) = kind { expected[id] = tokens.count } else { expected[id] = 1 }
                    if Int.random(in: 0..<10, using: &random) == 0 { bench.schedule.cancel(id) }
                }
            }
            turn(Int.random(in: 0..<3, using: &random))
        }
        for _ in 0..<2_000 { for thread in 0..<3 { turn(thread) } }
        #expect(ended == Set(expected.keys))
        #expect(expected.count > 500)
        #expect(bench.schedule.isEmpty)
        let statistics = bench.schedule.statistics
        #expect(statistics.waitingBytes == 0)
        #expect(Priority.allCases.allSatisfy { statistics.counts[$0].waiting == 0 })
    }
}
