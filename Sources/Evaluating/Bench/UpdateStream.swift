internal import Calls
internal import Core
internal import SwitchboardClient
internal import Wire

/// Batches that stream into a node, each at its time, whatever becomes of those before.
///
/// Each second batch that brings vectors is answered when the index has it, and says how long after its receipt that was;
/// the others are answered by their receipt.
struct UpdateStream: Sendable {
    let batches: [[LogCommand]]
    let seconds: Double
    let client: SwitchboardClient

    init(batches: [[LogCommand]], in seconds: Double, _ client: SwitchboardClient) {
        self.batches = batches
        self.seconds = seconds
        self.client = client
    }

    func run() async throws -> UpdateTally {
        let schedule = ArrivalSchedule(everySeconds: seconds / Double(max(batches.count, 1)), seconds: seconds)
        let start = ContinuousClock.now
        return await withTaskGroup(of: UpdateTally.self) { group in
            for (number, (commands, offset)) in zip(batches, schedule.offsets).enumerated() {
                let due = start + offset
                if due > .now { try? await Task.sleep(until: due) }
                group.addTask { await send(commands, since: due, isWatched: number.isMultiple(of: 2)) }
            }
            return await group.reduce(into: UpdateTally()) { $0.join($1) }
        }
    }

    private func send(
        _ commands: [LogCommand],
        since due: ContinuousClock.Instant,
        isWatched: Bool,
    ) async -> UpdateTally {
        let bringsVectors = commands.contains(where: \.bringsVector)
        var tally = UpdateTally()
        tally.bringsVectors = bringsVectors
        let request = AppendRequest(
            batch: AppendBatch(commands),
            wait: isWatched && bringsVectors ? .applied : .durable
        )
        do {
            let reply = try await client.updater.call(Methods.append, request)
            let sinceDue = due.duration(to: .now)
            tally.pairs = commands.count
            switch request.wait {
            case .durable: tally.receipts.add(sinceDue)
            case .applied:
                guard let appliedAfter = reply.appliedAfter else {
                    throw SwitchboardError(.deadlineExceeded, "the index has not applied a batch within its time")
                }
                tally.applied.add(appliedAfter)
            }
        } catch {
            tally.failures = 1
        }
        return tally
    }
}

/// What became of the batches of a stream.
struct UpdateTally: Sendable {
    var pairs = 0
    var failures = 0
    var bringsVectors = false
    /// From the time at which a batch was to be sent.
    var receipts = LatencySamples()
    /// From the receipt.
    var applied = LatencySamples()

    mutating func join(_ other: UpdateTally) {
        pairs += other.pairs
        failures += other.failures
        bringsVectors = bringsVectors || other.bringsVectors
        receipts.join(other.receipts)
        applied.join(other.applied)
    }
}

extension LogCommand {
    fileprivate var bringsVector: Bool {
        if case .upsert(let upsert) = self { return !upsert.vector.isEmpty }
        return false
    }
}

/// Pairs that no index has seen, with intents of a corpus. A value.
struct UpdatePairs {
    private var vectors: NoisyVectors
    private let corpus: BenchCorpus
    private let encoder: ModelID
    private var number = 0

    init(vectors: NoisyVectors, corpus: BenchCorpus, encoder: ModelID) {
        self.vectors = vectors
        self.corpus = corpus
        self.encoder = encoder
    }

    mutating func batches(ofTexts size: Int, perSecond: Double, seconds: Double) -> [[LogCommand]] {
        (0..<Int(perSecond * seconds)).map { _ in (0..<size).map { _ in next(bringsVector: false) } }
    }

    mutating func batches(ofVectors size: Int, perSecond: Double, seconds: Double) -> [[LogCommand]] {
        (0..<Int(perSecond * seconds)).map { _ in (0..<size).map { _ in next(bringsVector: true) } }
    }

    private mutating func next(bringsVector: Bool) -> LogCommand {
        let pair = corpus.pairs[number % corpus.pairs.count]
        number += 1
        // As long as a caller's utterance.
        let written = "\(pair.text.value.prefix(200)) and that is number \(number)"
        // The beginning of a text with plain words after it is neither empty nor too long, and holds no NUL.
        let text = try! UtteranceText(written)
        return .upsert(
            UpsertCommand(
                vertical: pair.gold.vertical,
                text: text,
                path: pair.gold.path,
                vector: bringsVector ? vectors.next() : [],
                encoder: bringsVector ? encoder : nil,
            )
        )
    }
}
