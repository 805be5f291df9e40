import Core
import Synchronization

@testable import Models

/// What threads wait at until it opens.
final class Gate: Sendable {
    private let shared: SignalledMutex<Bool>

    init(isOpen: Bool) {
        shared = SignalledMutex(isOpen)
    }

    var isOpen: Bool { shared.withLock { $0 } }

    func open() {
        shared.withLock {
            $0 = true
            shared.broadcast()
        }
    }

    func pass() {
        shared.waitUntil { $0 ? () : nil }
    }
}

/// A number that threads count up.
final class Counter: Sendable {
    private let count = Atomic(0)

    var value: Int { count.load(ordering: .sequentiallyConsistent) }

    func add() {
        count.add(1, ordering: .sequentiallyConsistent)
    }
}

/// An encoder whose vectors are made from the text's bytes, and which counts what it was given.
final class FakeEncoder: TextEncoding {
    let id: ModelID
    let dimension = 4
    /// Closed: encoding waits until it opens.
    let gate: Gate
    private let log = Mutex<[[String]]>([])
    private let failsToStart: Bool

    /// Contexts made so far.
    let contexts = Counter()

    init(gate: Gate = Gate(isOpen: true), failsToStart: Bool = false, number: UInt8 = 7) {
        id = ModelID(bytes: Array(repeating: number, count: 32))!  // 32 bytes are what an id has.
        self.gate = gate
        self.failsToStart = failsToStart
    }

    /// The batches so far, without those that only warm up.
    var batches: [[String]] { log.withLock { $0 } }

    static func vector(of text: String) -> [Float] {
        let bytes = Array(text.utf8)
        return [Float(bytes.count), Float(bytes.first ?? 0), Float(bytes.last ?? 0), 1]
    }

    func makeContext() throws(SwitchboardError) -> any TextEncodingContext {
        guard !failsToStart else { throw SwitchboardError(.resourceExhausted, "no memory") }
        contexts.add()
        return Context(encoder: self)
    }

    private final class Context: TextEncodingContext {
        let encoder: FakeEncoder

        init(encoder: FakeEncoder) {
            self.encoder = encoder
        }

        func encode(_ texts: [String]) throws(SwitchboardError) -> [EncodedText] {
            if texts != ["ready"] {
                encoder.log.withLock { $0.append(texts) }
                encoder.gate.pass()
            }
            guard !texts.contains("poison") else { throw SwitchboardError(.internal, "the encoder failed") }
            return texts.map {
                EncodedText(vector: FakeEncoder.vector(of: $0), tokens: $0.utf8.count, isTruncated: false)
            }
        }
    }
}

/// A scorer that works in pieces until its gate opens or it is stopped.
final class FakeScorer: CandidateScoring {
    let baseModel = ModelID(bytes: Array(repeating: 8, count: 32))!  // 32 bytes are what an id has.
    let adapter: ModelID? = nil
    let prompt = ModelID(bytes: Array(repeating: 9, count: 32))!  // 32 bytes are what an id has.
    let promptTokens = 1_408
    /// Closed: scoring goes on, piece after piece.
    let gate: Gate
    private let started = Atomic(0)

    init(gate: Gate = Gate(isOpen: true)) {
        self.gate = gate
    }

    /// Scores that have begun, without those that only warm up.
    var startedCount: Int { started.load(ordering: .sequentiallyConsistent) }

    func makeContext() throws(SwitchboardError) -> any CandidateScoringContext {
        Context(scorer: self)
    }

    private final class Context: CandidateScoringContext {
        let scorer: FakeScorer

        init(scorer: FakeScorer) {
            self.scorer = scorer
        }

        func score(_ input: ScoringInput, interruption: Interruption) throws(SwitchboardError) -> ScoringOutput {
            if input.text.value != "ready" {
                scorer.started.add(1, ordering: .sequentiallyConsistent)
                while !scorer.gate.isOpen {
                    interruption.serve()
                    if let reason = interruption.stopReason() { throw reason }
                }
            }
            return ScoringOutput(
                logProbabilities: input.candidates.map { -Double($0.spoken.utf8.count) },
                promptTokens: 10,
                isTruncated: false
            )
        }
    }
}
