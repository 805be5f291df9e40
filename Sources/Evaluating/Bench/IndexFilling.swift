internal import Core
internal import Index

/// Brings made-up exemplars into a replica, as a log would.
struct IndexFilling {
    private var vectors: NoisyVectors
    private let encoder: ModelID
    private var sequence = LogSequence.start
    private var upserts = 0
    private var texts = 0
    /// The last exemplar's, which is named anew to fill a segment up.
    private var lastVector: [Float] = []
    private let stamp = OperationStamp(
        operation: [1],
        change: [1],
        source: "bench",
        author: "bench",
        timeMicroseconds: 0
    )

    init(vectors: NoisyVectors, encoder: ModelID) {
        self.vectors = vectors
        self.encoder = encoder
    }

    mutating func add(_ count: Int, to replica: Replica) throws(SwitchboardError) {
        var left = count
        while left > 0 {
            var records: [LogRecord] = []
            for _ in 0..<min(left, 1_000) {
                texts += 1
                lastVector = vectors.next()
                records.append(try upsert(intent: texts % 150))
            }
            try replica.apply(records)
            left -= records.count
        }
    }

    /// Labels the last exemplar anew until the growing segment is sealed, which happens at each so many upserts.
    mutating func seal(_ replica: Replica, segment: Int) throws(SwitchboardError) {
        while upserts % segment != 0 { try replica.apply([try upsert(intent: upserts % 150)]) }
    }

    private mutating func upsert(intent: Int) throws(SwitchboardError) -> LogRecord {
        upserts += 1
        sequence = sequence.next
        let fact = ExemplarUpserted(
            vertical: .default,
            text: try UtteranceText("utterance \(texts)"),
            path: try IntentPath("intent \(intent)"),
            vector: lastVector,
            encoder: encoder
        )
        return LogRecord(sequence: sequence, stamp: stamp, fact: .exemplarUpserted(fact))
    }
}
