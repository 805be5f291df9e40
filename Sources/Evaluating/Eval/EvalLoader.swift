internal import Calls
internal import Core
internal import SwitchboardClient
internal import Wire

/// Streams labelled utterances and the policy into a node's index.
///
/// Texts are encoded by the node, several calls at once; the batches are appended one after the other in the order of the
/// data, so that the same data gives the same log.
struct EvalLoader: Sendable {
    let client: SwitchboardClient
    let settings: EvalSettings

    private static let mostPairsPerBatch = 250
    /// Of text and path, at most.
    private static let bytesPerPair = 10 * 1024
    private static let textsPerCall = 64
    private static let callsInFlight = 4
    /// Bounds the vectors held at a time.
    private static let pairsPerRound = 4_000

    /// Returns when a replica has them.
    ///
    /// - Returns: where the log stands then.
    func load(
        _ utterances: [EvalUtterance],
        onDone: @Sendable (_ done: Int, _ total: Int) -> Void,
    ) async throws -> LogPosition {
        var position: LogPosition?
        var done = 0
        for round in utterances.chunks(of: Self.pairsPerRound) {
            let before = done
            let encoded = try await inFlight(Self.callsInFlight, round.chunks(of: Self.textsPerCall)) { part in
                try await commands(for: part)
            } onDone: { calls in
                onDone(before + min(calls * Self.textsPerCall, round.count), utterances.count)
            }
            let pairs = encoded.flatMap { $0 }
            for batch in pairs.chunks(of: Self.pairsPerBatch(vectorsAs: pairs.first)) {
                position = try await append(Array(batch))
            }
            done += round.count
        }
        guard let position else { throw SwitchboardError.invalid("there is no utterance to load") }
        return position
    }

    /// Fewer where vectors are wide, so that the batch is one that the updater takes.
    ///
    /// - Parameter command: a pair whose vector is as wide as all.
    static func pairsPerBatch(vectorsAs command: LogCommand?) -> Int {
        var dimension = 0
        if case .upsert(let pair) = command { dimension = pair.vector.count }
        let bytes = dimension * MemoryLayout<Float>.size + bytesPerPair
        return min(mostPairsPerBatch, max(1, AppendBatch.maximumBytes / bytes))
    }

    func set(_ policy: Policy, scope: PolicyScope) async throws -> LogPosition {
        try await append([.setPolicy(PolicySet(scope: scope, policy: policy))])
    }

    /// The node's vectors of texts, in their order; nothing is stored.
    func vectors(
        of texts: [UtteranceText],
        onDone: (_ done: Int, _ total: Int) -> Void,
    ) async throws -> [[Float]] {
        let parts = try await inFlight(Self.callsInFlight, texts.chunks(of: Self.textsPerCall)) { part in
            try await encode(Array(part)).vectors
        } onDone: { calls in
            onDone(min(calls * Self.textsPerCall, texts.count), texts.count)
        }
        return parts.flatMap { $0 }
    }

    private func encode(_ texts: [UtteranceText]) async throws -> EncodeResponse {
        let request = EncodeRequest(texts: texts, priority: .updates)
        let response = try await patiently {
            try await client.gateways.call(Methods.encode, request, within: settings.deadline)
        }
        guard response.vectors.count == texts.count else {
            throw SwitchboardError(
                .internal,
                "the node answered \(response.vectors.count) vectors for \(texts.count) texts"
            )
        }
        return response
    }

    private func commands(for utterances: ArraySlice<EvalUtterance>) async throws -> [LogCommand] {
        let response = try await encode(utterances.map(\.text))
        return zip(utterances, response.vectors).map { utterance, vector in
            .upsert(
                UpsertCommand(
                    vertical: utterance.gold.vertical,
                    text: utterance.text,
                    path: utterance.gold.path,
                    vector: vector,
                    encoder: response.encoder,
                )
            )
        }
    }

    private func append(_ commands: [LogCommand]) async throws -> LogPosition {
        let batch = AppendBatch(
            operation: Bits128.random().bytes,
            source: "eval",
            // With keys in use it is the key; the source says the rest.
            author: "",
            commands: commands,
        )
        // The operation's id makes it safe to send again.
        let reply = try await patiently {
            try await client.updater.call(
                Methods.append,
                AppendRequest(batch: batch, wait: .applied),
                within: settings.deadline
            )
        }
        return reply.receipt.position
    }
}
