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
    /// Closed: making a context waits until it opens.
    private let startGate: Gate
    private let failsToStart: Bool

    /// Contexts made so far, or begun.
    let contexts = Counter()

    init(
        gate: Gate = Gate(isOpen: true),
        startGate: Gate = Gate(isOpen: true),
        failsToStart: Bool = false,
        number: UInt8 = 7,
    ) {
        id = ModelID(bytes: Array(repeating: number, count: 32))!  // 32 bytes are what an id has.
        self.gate = gate
        self.startGate = startGate
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
        startGate.pass()
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

/// A scorer that works in pieces until its gate opens or nobody wants the result any more, and which counts what it was
/// asked in one go.
final class FakeScorer: CandidateScoring {
    let baseModel = ModelID(bytes: Array(repeating: 8, count: 32))!  // 32 bytes are what an id has.
    let adapter: ModelID? = nil
    let prompt = ModelID(bytes: Array(repeating: 9, count: 32))!  // 32 bytes are what an id has.
    let promptTokens = 1_408
    /// Closed: scoring goes on, piece after piece.
    let gate: Gate
    private let log = Mutex<[Int]>([])

    init(gate: Gate = Gate(isOpen: true)) {
        self.gate = gate
    }

    /// How many inputs were begun together, without those that only warm up.
    var batches: [Int] { log.withLock { $0 } }
    var startedCount: Int { batches.count }

    func makeContext() throws(SwitchboardError) -> any CandidateScoringContext {
        Context(scorer: self)
    }

    private final class Context: CandidateScoringContext {
        let scorer: FakeScorer

        init(scorer: FakeScorer) {
            self.scorer = scorer
        }

        /// Only to warm up: whoever asks asks for a batch.
        func score(_ input: ScoringInput, interruption: Interruption) throws(SwitchboardError) -> ScoringOutput {
            Self.output(of: input)
        }

        func score(_ batch: ScoringBatch) {
            guard !batch.members.isEmpty else { return }
            scorer.log.withLock { $0.append(batch.members.count) }
            var left = batch.members
            while !scorer.gate.isOpen, !left.isEmpty {
                batch.serve()
                left.removeAll { member in
                    guard let reason = member.stopReason() else { return false }
                    member.finish(.failure(reason))
                    return true
                }
            }
            for member in left { member.finish(.success(Self.output(of: member.input))) }
        }

        private static func output(of input: ScoringInput) -> ScoringOutput {
            ScoringOutput(
                logProbabilities: input.candidates.map { -Double($0.spoken.utf8.count) },
                promptTokens: 10,
                isTruncated: false
            )
        }
    }
}
