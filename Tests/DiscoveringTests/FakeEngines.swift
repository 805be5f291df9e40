import Clustering
import Core
import Discovering
import Models
import Synchronization

/// Engines that know the vectors of certain texts; others get one that follows from the text alone.
///
/// No scorer and no language model are attached, unless `labels` has names to give.
final class FakeEngines: DiscoveryEngines {
    private struct Counts: Sendable {
        var encoded = 0
        var planted = 0
        var named = 0
    }

    let vectors: [UtteranceText: [Float]]
    /// Of an utterance that is shown, the name its cluster gets.
    let labels: [UtteranceText: String]
    /// Encoding more texts than this in all throws; nil: never.
    let mostEncoded: Int?
    /// Encoding waits until the task is cancelled.
    let isStuck: Bool
    private let counts = Mutex(Counts())

    init(
        _ planted: Planted...,
        labels: [UtteranceText: String] = [:],
        mostEncoded: Int? = nil,
        isStuck: Bool = false,
    ) {
        vectors = planted.reduce(into: [:]) { all, one in all.merge(one.vectors) { first, _ in first } }
        self.labels = labels
        self.mostEncoded = mostEncoded
        self.isStuck = isStuck
    }

    var encoded: Int { counts.withLock { $0.encoded } }
    /// Of these, texts whose vectors are planted: utterances, not names.
    var encodedUtterances: Int { counts.withLock { $0.planted } }
    var named: Int { counts.withLock { $0.named } }

    var encoder: ModelID? {
        get async { ModelID(bytes: [UInt8](repeating: 7, count: ModelID.byteCount)) }
    }

    func encode(_ texts: [UtteranceText]) async throws(SwitchboardError) -> [[Float]] {
        if isStuck {
            // Only cancellation ends it.
            try? await Task.sleep(for: .seconds(3_600))
            throw SwitchboardError(.cancelled, "the call was cancelled")
        }
        let planted = texts.count { vectors[$0] != nil }
        let encoded = counts.withLock { counts in
            counts.encoded += texts.count
            counts.planted += planted
            return counts.encoded
        }
        if let mostEncoded, encoded > mostEncoded { throw SwitchboardError(.unavailable, "the encoder is gone") }
        return texts.map { vectors[$0] ?? Planted.vector(of: $0) }
    }

    func score(_ input: ScoringInput) async throws(SwitchboardError) -> ScoringOutput? { nil }

    func judge(_ utterances: [UtteranceText]) async throws(SwitchboardError) -> EngineAnswer<Double>? { nil }

    func name(
        _ utterances: [UtteranceText],
        words: [String],
        taken: [String],
    ) async throws(SwitchboardError) -> EngineAnswer<String>? {
        guard !labels.isEmpty else { return nil }
        counts.withLock { $0.named += 1 }
        let label = utterances.lazy.compactMap { self.labels[$0] }.first ?? ""
        return EngineAnswer(value: label, tokens: 20, seconds: 0.5)
    }
}

/// Utterances whose intents are known, with vectors that lie around one direction an intent.
struct Planted: Sendable {
    static let dimension = 24
    private static let intents = [
        "cancel order", "track parcel", "reset password", "pay invoice", "open account", "change address",
        "report accident", "book flight",
    ]

    private(set) var utterances: [DiscoveryUtterance] = []
    /// Of each utterance.
    private(set) var intents: [Int] = []
    private(set) var vectors: [UtteranceText: [Float]] = [:]

    /// - Parameters:
    ///   - intents: how many, at most 8.
    ///   - first: the first of them.
    ///   - each: utterances of each intent.
    ///   - spread: how far they lie from their direction; at 0.5 two of one intent have a cosine of about 0.8.
    init(
        intents: Int,
        first: Int = 0,
        each: Int,
        spread: Float = 0.5,
        vertical: Vertical = .default,
        role: Role? = nil,
    ) throws {
        for intent in first..<first + intents {
            for number in 0..<each {
                let said = "\(Self.intents[intent]) please, that is case \(intent)-\(number) of \(vertical)"
                let text = try UtteranceText(role == .agent ? "we can \(said)" : "I want to \(said)")
                utterances.append(
                    DiscoveryUtterance(
                        text: text,
                        vertical: vertical,
                        role: role,
                        places: [.init(conversation: "\(vertical)-\(number)", turn: intent)]
                    )
                )
                self.intents.append(intent)
                vectors[text] = Self.vector(around: intent, spread: spread, of: text)
            }
        }
    }

    /// Of a direction: a unit vector near the axis of that number.
    static func vector(around axis: Int, spread: Float, of text: UtteranceText) -> [Float] {
        var vector = Self.vector(of: text).map { $0 * spread }
        vector[axis] += 1
        return unit(vector)
    }

    /// The same for equal texts in every process.
    static func vector(of text: UtteranceText) -> [Float] {
        let seed = text.value.utf8.reduce(UInt64(14_695_981_039_346_656_037)) { ($0 ^ UInt64($1)) &* 1_099_511_628_211 }
        var generator = SeededGenerator(seed: seed)
        return unit((0..<dimension).map { _ in Float.random(in: -1...1, using: &generator) })
    }

    static func unit(_ vector: [Float]) -> [Float] {
        let length = vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
        return vector.map { $0 / length }
    }

    /// The intents of a proposal's members, ascending, each once.
    func intents(of proposal: Proposal) -> [Int] {
        let intentOf = Dictionary(zip(utterances.map(\.text), intents), uniquingKeysWith: { first, _ in first })
        return Set(proposal.members.compactMap { intentOf[$0.text] }).sorted()
    }
}

/// Keeps checkpoints in memory, and ends runs as a kill would: once so many were saved, saving throws.
final class MemoryCheckpoints: RunCheckpoints {
    struct Killed: Error {}

    private let saved: Mutex<[String: [UInt8]]>
    private let left: Mutex<Int>

    init(_ saved: [String: [UInt8]] = [:], killedAfter count: Int = .max) {
        self.saved = Mutex(saved)
        left = Mutex(count)
    }

    var contents: [String: [UInt8]] { saved.withLock { $0 } }

    func load(_ stage: String) async throws -> [UInt8]? { saved.withLock { $0[stage] } }

    func save(_ stage: String, _ bytes: [UInt8]) async throws {
        let mayGoOn = left.withLock { left in
            left -= 1
            return left >= 0
        }
        guard mayGoOn else { throw Killed() }
        saved.withLock { $0[stage] = bytes }
    }
}

/// Collects what a run reports.
final class ProgressRecord: Sendable {
    private let words = Mutex<[RunProgress]>([])

    var all: [RunProgress] { words.withLock { $0 } }

    func add(_ progress: RunProgress) { words.withLock { $0.append(progress) } }
}

extension DiscoverySettings {
    /// Quick, and without a judge that would have to know planted vectors.
    static func planted(clusters: Int? = nil) -> DiscoverySettings {
        var settings = DiscoverySettings()
        settings.judge = .none
        settings.clusters = clusters
        if clusters != nil { settings.method = .kMeans }
        return settings
    }
}

extension DiscoveryRun {
    /// Runs under one id and without checkpoints, unless they are given.
    func run(
        _ utterances: [DiscoveryUtterance],
        checkpoints: any RunCheckpoints = NoCheckpoints(),
        record: ProgressRecord = ProgressRecord(),
    ) async throws -> RunOutcome {
        try await run(utterances, runID: Bits128(77), checkpoints: checkpoints) { record.add($0) }
    }
}
