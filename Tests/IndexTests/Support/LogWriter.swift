import Core

/// Writes the records of a log, one after the other.
struct LogWriter {
    static let log = LogID(7)
    // 32 bytes, as a model's id has.
    static let encoder = ModelID(bytes: [UInt8](repeating: 1, count: 32))!
    static let otherEncoder = ModelID(bytes: [UInt8](repeating: 2, count: 32))!

    private(set) var sequence = LogSequence.start

    init() {}

    mutating func record(_ fact: LogFact) -> LogRecord {
        sequence = sequence.next
        let stamp = OperationStamp(
            operation: Array("op-\(sequence)".utf8),
            change: [],
            source: "test",
            author: "test",
            timeMicroseconds: 0
        )
        return LogRecord(sequence: sequence, stamp: stamp, fact: fact)
    }

    mutating func upsert(
        _ text: String,
        _ path: String,
        _ vector: [Float],
        in vertical: Vertical = .default,
        encoder: ModelID = LogWriter.encoder,
        origin: [UInt8] = [],
    ) throws -> LogRecord {
        record(
            .exemplarUpserted(
                ExemplarUpserted(
                    vertical: vertical,
                    text: try UtteranceText(text),
                    path: try IntentPath(path),
                    vector: vector,
                    encoder: encoder,
                    origin: origin,
                )
            )
        )
    }

    mutating func remove(_ text: String, in vertical: Vertical = .default) throws -> LogRecord {
        let id = ExemplarID(vertical: vertical, text: try UtteranceText(text))
        return record(.exemplarRemoved(ExemplarRemoved(vertical: vertical, exemplar: id)))
    }

    mutating func enable(_ path: String, _ isEnabled: Bool, in vertical: Vertical = .default) throws -> LogRecord {
        record(
            .intentSet(
                IntentSet(
                    vertical: vertical,
                    path: try IntentPath(path),
                    description: nil,
                    phrase: nil,
                    attributes: [:],
                    isEnabled: isEnabled,
                )
            )
        )
    }

    /// The vector by the encoder that is to serve next.
    mutating func prepare(
        _ text: String,
        _ vector: [Float],
        in vertical: Vertical = .default,
        encoder: ModelID = LogWriter.otherEncoder,
    ) throws -> LogRecord {
        let id = ExemplarID(vertical: vertical, text: try UtteranceText(text))
        return record(.vectorSet(VectorSet(vertical: vertical, exemplar: id, vector: vector, encoder: encoder)))
    }

    mutating func switchModels(to encoder: ModelID = LogWriter.otherEncoder) -> LogRecord {
        record(.modelsSwitched(ModelsSwitched(encoder: encoder)))
    }

    mutating func set(_ policy: Policy?, for scope: PolicyScope) -> LogRecord {
        record(.policySet(PolicySet(scope: scope, policy: policy)))
    }

    /// A key that is not revoked.
    static func key(_ name: String, _ number: UInt8) throws -> KeySet {
        // 32 bytes, as a public half has.
        let half = PublicKey(bytes: [UInt8](repeating: number, count: 32))!
        return KeySet(name: try KeyName(name), publicKey: half, roles: [.publish], verticals: [.default])
    }

    mutating func set(_ key: KeySet) -> LogRecord { record(.keySet(key)) }

    mutating func rename(_ intent: IntentID, to path: String) throws -> LogRecord {
        record(.intentRenamed(IntentRenamed(intent: intent, newPath: try IntentPath(path))))
    }

    mutating func merge(_ from: IntentID, into: IntentID) -> LogRecord {
        record(.intentsMerged(IntentsMerged(from: from, into: into)))
    }

    mutating func restore(_ intent: IntentID, _ path: String, aliasOf: IntentID? = nil) throws -> LogRecord {
        record(.intentRestored(IntentRestored(intent: intent, path: try IntentPath(path), aliasOf: aliasOf)))
    }
}
