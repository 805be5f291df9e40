import Clustering
import Core
import Foundation
import Logging
import Synchronization
import Testing
import UpdateStore
import Wire

@testable import Discovering

/// A clusterer on a folder of its own, with real stores, a run that does as it is told, and an index that only notes.
final class ClustererFixture: Sendable {
    let folder: URL
    let pool: PoolStore
    let book: ReviewStore
    let clusterer: Clusterer
    let index = NotedIndex()
    private let executor = ThreadExecutor(name: "test-clusterer")
    private let job: Mutex<Task<Void, Never>?>

    /// - Parameters:
    ///   - folder: nil: a new one.
    ///   - utterances: go into the live pool.
    ///   - intents: what intents are called.
    ///   - clock: the clusterer's, in microseconds since 1970; nil: the system's.
    ///   - passed: what has passed since by the monotonic clock, by which the clusterer then judges the other one; nil: it
    ///     believes that.
    init(
        folder: URL? = nil,
        utterances: [String] = ClustererFixture.said,
        intents: [String] = [],
        bounds: Clusterer.Bounds = Clusterer.Bounds(),
        engines: any DiscoveryEngines = FakeEngines(),
        clock: CurrentValue<Int64>? = nil,
        passed: CurrentValue<Duration>? = nil,
        body: @escaping RunBody = ClustererFixture.proposing(ClustererFixture.said),
    ) async throws {
        let folder =
            folder ?? FileManager.default.temporaryDirectory.appending(path: "switchboard-tests-\(UUID().uuidString)")
        self.folder = folder
        let directory = try DataDirectory(folder.path)
        pool = try PoolStore(in: directory)
        book = try ReviewStore(in: directory)
        let time: @Sendable () -> Int64 = { clock?.value ?? UpdateLog.systemTime() }
        let begin = ContinuousClock.now
        clusterer = Clusterer(
            runs: directory.runsPath,
            pool: pool,
            book: book,
            engines: engines,
            index: index.changes,
            intents: { _ in intents },
            executor: executor,
            limits: bounds,
            logger: Logger(label: "tests") { _ in SwiftLogNoOpLogHandler() },
            now: passed.map { passed in SteadyDate.clock(time, steadily: { begin + passed.value }) } ?? time,
            body: body
        )
        _ = try await pool.add(try Self.entries(utterances))
        await clusterer.recover()
        let clusterer = clusterer
        job = Mutex(Task { await clusterer.run() })
    }

    static let said = [
        "the thermostat blinks red", "my thermostat is blinking", "red light on the thermostat",
        "thermostat flashes red",
        "why does the thermostat blink", "the thermostat shows a red light",
    ]

    /// What a process leaves that ends: nothing is finished, the stores are closed.
    func stop(keepingFolder: Bool = false) async throws {
        let task = job.withLock { job in
            defer { job = nil }
            return job
        }
        task?.cancel()
        await task?.value
        executor.stop()
        try await pool.close()
        try await book.close()
        if !keepingFolder { try? FileManager.default.removeItem(at: folder) }
    }

    private static func entries(_ texts: [String]) throws -> [PoolEntry] {
        try texts.enumerated().map { number, text in
            PoolEntry(
                requestID: Array("request-\(number)".utf8),
                text: try UtteranceText(text),
                vertical: try Vertical("shop"),
                origin: Array("caller-\(number)".utf8),
                reason: .unknown,
                timeMicroseconds: UpdateLog.systemTime()
            )
        }
    }

    /// Adds to the pool of a file.
    func fill(_ name: String, with texts: [String]) async throws {
        _ = try await pool.add(try Self.entries(texts), to: name)
    }

    // MARK: Runs

    /// - Parameter name: of the pool; nil: the live one.
    func start(over name: String? = nil) async throws -> Bits128 {
        try await clusterer.start(DiscoveryStartRequest(pool: name ?? PoolStore.live), author: "ana").run
    }

    /// Returns when the run is over, with how.
    func end(of run: Bits128) async throws -> RunProgress {
        let board = try #require(await clusterer.runs[run]?.board)
        for await progress in board.values() where progress.phase.isOver { return progress }
        return board.value
    }

    /// The proposal of a run that has finished.
    func proposal() async throws -> Proposal {
        let run = try await start()
        #expect(try await end(of: run).phase == .finished)
        let listed = try await clusterer.list(DiscoveryListRequest()).proposals
        return try #require(listed.first)
    }

    func review(
        _ proposal: Bits128,
        _ action: ReviewAction,
        operation: Bits128 = .random(),
    ) async throws -> DiscoveryReviewResponse {
        try await clusterer.review(
            DiscoveryReviewRequest(proposal: proposal, action: action, operation: operation),
            by: "ana",
            until: .now + .seconds(20)
        )
    }

    func current(_ proposal: Bits128) async throws -> Proposal {
        try #require(await book.proposal(proposal))
    }

    // MARK: Bodies

    /// Proposes one cluster of certain texts.
    static func proposing(_ texts: [String], id: UInt128 = 77) -> RunBody {
        { (task: RunTask) async throws -> RunOutcome in
            await task.report(RunProgress(phase: .clustering, fraction: 0.5))
            return RunOutcome(proposals: [try proposal(texts, id: id, run: task.id)])
        }
    }

    static func proposal(_ texts: [String], id: UInt128, run: Bits128) throws -> Proposal {
        Proposal(
            id: Bits128(id),
            run: run,
            vertical: try Vertical("shop"),
            role: nil,
            name: ProposalName(label: "report-light", source: .keywords),
            keywords: ["thermostat", "red"],
            members: try texts.enumerated().map { place, text in
                ProposalMember(
                    text: try UtteranceText(text),
                    calls: 1,
                    conversations: 1,
                    centrality: 0.9 - Double(place) / 100
                )
            },
            judgement: ClusterJudgement(probability: 0.9, low: 0.8, high: 0.95, isGood: true),
            relation: .new
        )
    }
}

/// An index that keeps what it was asked for, and fails as often as it is told.
final class NotedIndex: Sendable {
    struct State: Sendable {
        var batches: [AppendBatch] = []
        var undone: [[UInt8]] = []
        var failures: [SwitchboardError] = []
        var meanwhile: (@Sendable () async -> Void)?
    }

    private let state = Mutex(State())
    static let log = Bits128(5)

    var batches: [AppendBatch] { state.withLock { $0.batches } }
    var undone: [[UInt8]] { state.withLock { $0.undone } }

    /// The next calls end with these, one each.
    func fail(with errors: SwitchboardError...) { state.withLock { $0.failures += errors } }

    /// What goes on while the next append is under way.
    func duringNextAppend(_ work: @escaping @Sendable () async -> Void) { state.withLock { $0.meanwhile = work } }

    var changes: IndexChanges {
        IndexChanges(
            append: { [self] (request: AppendRequest, _: Duration) async throws(SwitchboardError) -> AppendReply in
                let meanwhile = state.withLock { state -> (@Sendable () async -> Void)? in
                    defer { state.meanwhile = nil }
                    return state.meanwhile
                }
                await meanwhile?()
                if let failure = next() { throw failure }
                return state.withLock { state in
                    // The same operation again has no second effect.
                    if !state.batches.contains(where: { $0.operation == request.batch.operation }) {
                        state.batches.append(request.batch)
                    }
                    return AppendReply(receipt: Self.receipt(state.batches.count))
                }
            },
            undo: { [self] (request: UndoRequest, _: Duration) async throws(SwitchboardError) -> AppendReply in
                if let failure = next() { throw failure }
                return state.withLock { state in
                    state.undone.append(request.change)
                    return AppendReply(receipt: Self.receipt(state.batches.count + state.undone.count))
                }
            }
        )
    }

    private func next() -> SwitchboardError? {
        state.withLock { $0.failures.isEmpty ? nil : $0.failures.removeFirst() }
    }

    private static func receipt(_ sequence: Int) -> AppendReceipt {
        AppendReceipt(
            operation: [],
            change: [],
            position: LogPosition(log: log, sequence: LogSequence(UInt64(sequence)))
        )
    }
}
