internal import Calls
internal import Core
internal import Wire

/// Classifies through a node's socket, from the loop that owns the client's socket, as a router written for speed would.
actor ClassifyCaller {
    nonisolated let channel: CallChannel
    nonisolated var unownedExecutor: UnownedSerialExecutor { channel.unownedExecutor }

    /// How far a closed loop goes.
    private enum Extent {
        case calls(Int)
        case until(ContinuousClock.Instant)

        mutating func takeCall() -> Bool {
            switch self {
            case .calls(let left):
                self = .calls(left - 1)
                return left > 0
            case .until(let end): return .now < end
            }
        }
    }

    private let texts: [UtteranceText]
    private let llm: LLMMode
    private let deadline: Duration?
    private var place = 0
    private var extent = Extent.calls(0)

    /// - Parameter deadline: of each call; nil: the method's own.
    init(_ channel: CallChannel, texts: [UtteranceText], llm: LLMMode, deadline: Duration? = nil) {
        precondition(!texts.isEmpty, "there is something to ask")
        self.channel = channel
        self.texts = texts
        self.llm = llm
        self.deadline = deadline
    }

    /// So many calls in flight, each followed by the next when it is answered.
    func ask(inFlight: Int, count: Int) async throws(SwitchboardError) -> CallTally {
        try await ask(inFlight: inFlight, Extent.calls(count))
    }

    func ask(inFlight: Int, seconds: Double) async throws(SwitchboardError) -> CallTally {
        try await ask(inFlight: inFlight, Extent.until(.now + .seconds(seconds)))
    }

    private func ask(inFlight: Int, _ extent: Extent) async throws(SwitchboardError) -> CallTally {
        let start = ContinuousClock.now
        self.extent = extent
        var tally = await withTaskGroup(of: CallTally.self) { group in
            for _ in 0..<inFlight { group.addTask { await self.askOneAfterTheOther() } }
            var all = CallTally()
            for await part in group { all.join(part) }
            return all
        }
        tally.samples.seconds = start.duration(to: .now).seconds
        try tally.requireSome()
        return tally
    }

    /// Calls at their times, each measured from the time at which it was to be sent.
    func ask(at schedule: ArrivalSchedule) async throws(SwitchboardError) -> CallTally {
        let start = ContinuousClock.now
        var tally = await withTaskGroup(of: CallTally.self) { group in
            for offset in schedule.offsets {
                let due = start + offset
                if due > .now { try? await Task.sleep(until: due) }
                group.addTask { await self.ask(since: due) }
            }
            var all = CallTally()
            for await part in group { all.join(part) }
            return all
        }
        tally.samples.seconds = start.duration(to: .now).seconds
        try tally.requireSome()
        return tally
    }

    private func askOneAfterTheOther() async -> CallTally {
        var tally = CallTally()
        while extent.takeCall() { tally.join(await ask(since: .now)) }
        return tally
    }

    private func ask(since time: ContinuousClock.Instant) async -> CallTally {
        place += 1
        let request = ClassifyRequest(text: texts[place % texts.count], llm: llm, doNotStore: true)
        var tally = CallTally()
        do {
            let response = try await channel.call(Methods.classify, request, within: deadline)
            tally.samples.add(time.duration(to: .now))
            if response.candidates.contains(where: { $0.llmLogprob != nil }) { tally.scored = 1 }
        } catch {
            tally.errors = 1
            tally.lastError = error
        }
        return tally
    }
}

/// Answered calls with their times, and how many were not answered.
struct CallTally: Sendable {
    var samples = LatencySamples()
    /// Of these, in which the language model took part.
    var scored = 0
    var errors = 0
    var lastError: SwitchboardError?

    mutating func join(_ other: CallTally) {
        samples.join(other.samples)
        scored += other.scored
        errors += other.errors
        lastError = other.lastError ?? lastError
    }

    mutating func append(_ later: CallTally) {
        samples.append(later.samples)
        scored += later.scored
        errors += later.errors
        lastError = later.lastError ?? lastError
    }

    /// - Throws: the last error where no call was answered.
    func requireSome() throws(SwitchboardError) {
        if samples.count == 0, let lastError { throw lastError }
    }
}
