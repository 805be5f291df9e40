package import Core
package import Logging
package import Models
internal import Synchronization

/// A sentence encoder on a server, such as TEI, vLLM or llama-server.
///
/// Its vectors are brought to unit length here. What it is, is found out once, by `connect`; a server that serves something
/// else later counts as unable, since vectors of two encoders cannot be compared. To be closed.
package final class RemoteEncoder: Sendable {
    /// What is served.
    package struct Identity: Sendable, Hashable {
        package let model: String
        package let id: ModelID
        package let dimension: Int
        /// What its answers call the model, which need not be its name in the list; nil: nothing.
        let answeredAs: String?

        /// For people.
        fileprivate var words: String {
            let alias = answeredAs.flatMap { $0.isEmpty || $0 == model ? nil : " (\($0) in its answers)" } ?? ""
            return "\(model)\(alias) with \(dimension) figures"
        }
    }

    /// Of a vector; wider ones fit no batch of updates.
    package static let maximumDimension = 4_096
    /// Texts in one request: what TEI takes as it comes.
    private static let textsPerRequest = 32
    /// Requests under way at a time; the server batches them.
    private static let requestsAtATime = 16

    package var state: CurrentValue<EngineState> { server.state }

    private let server: EngineServer
    private let known = Mutex<Identity?>(nil)

    package init(_ address: EngineAddress, key: EngineKey?, logger: Logger) {
        server = EngineServer(address, key: key, limits: .init(underWay: Self.requestsAtATime), logger: logger)
    }

    /// Finds out what the server serves; until then nothing can be encoded.
    ///
    /// - Parameter time: how long to try again with a server that does not answer yet.
    /// - Throws: what is wrong with it.
    package func connect(within time: Duration = .seconds(20)) async throws(SwitchboardError) -> Identity {
        let deadline = ContinuousClock.now + time
        while true {
            do throws(SwitchboardError) {
                let found = try await identify(until: ContinuousClock.now + .seconds(10))
                known.withLock { $0 = found }
                await server.becomeAble()
                return found
            } catch {
                let isPassing = error.code == .unavailable || error.code == .deadlineExceeded
                guard isPassing, ContinuousClock.now + .seconds(1) < deadline, !Task.isCancelled else { throw error }
            }
            try? await Task.sleep(for: .milliseconds(500))
        }
    }

    /// Asks for the server whenever it does not answer, until the task is cancelled. After `connect`.
    package func watch() async {
        await server.watch { () async throws(SwitchboardError) in
            let found = try await self.identify(until: ContinuousClock.now + .seconds(10))
            guard let known = self.known.withLock({ $0 }), found != known else { return }
            throw SwitchboardError(
                .failedPrecondition,
                "the model server \(self.server.address) serves \(found.words) now, and this node was started with "
                    + "\(known.words); serve that again, or start anew"
            )
        }
    }

    /// Ends what is under way. May be called once, and has to be.
    package func close() async { await server.close() }

    /// - Throws: as `EngineServer.ask`, and `.invalidArgument` for no text, or for one that the server does not take.
    package func encode(
        _ texts: [String],
        _ order: ComputeOrder,
    ) async throws(SwitchboardError) -> Computed<[EncodedText]> {
        guard !texts.isEmpty else { throw .invalid("there is no text to encode") }
        guard let known = self.known.withLock({ $0 }) else {
            throw SwitchboardError(.unavailable, state.value.reason ?? "the model server is not known yet")
        }
        return try await encode(texts, order, known)
    }

    /// On Swift's own threads: whoever asks may be a loop that has sockets to serve.
    @concurrent
    private func encode(
        _ texts: [String],
        _ order: ComputeOrder,
        _ known: Identity,
    ) async throws(SwitchboardError) -> Computed<[EncodedText]> {
        let start = ContinuousClock.now
        let parts = texts.map { ReadPart(of: $0, limit: EncoderModel.maximumTokens) }
        var encoded: [EncodedText] = []
        for first in stride(from: 0, to: parts.count, by: Self.textsPerRequest) {
            let batch = parts[first..<min(first + Self.textsPerRequest, parts.count)]
            let vectors = try await vectors(of: batch, order, known, isAlone: parts.count == 1)
            for (part, vector) in zip(batch, vectors) {
                encoded.append(EncodedText(vector: vector, tokens: part.tokens, isTruncated: part.isTruncated))
            }
        }
        var timings = ComputeTimings()
        timings.encoding = start.duration(to: .now)
        timings.batchTexts = texts.count
        return Computed(value: encoded, timings: timings)
    }

    /// Where the server does not take a request of several texts it is asked with half of them, and so on: what was too
    /// much together goes in parts, and one text that it does not take is found and named.
    ///
    /// - Parameter isAlone: it is the call's only text, so that its place says nothing.
    /// - Throws: `.invalidArgument` for such a text, with its place among those of the call.
    private func vectors(
        of batch: ArraySlice<ReadPart>,
        _ order: ComputeOrder,
        _ known: Identity,
        isAlone: Bool = false,
    ) async throws(SwitchboardError) -> [[Float]] {
        let request = Self.request(batch.map(\.text), of: known.model)
        let count = batch.count
        do throws(SwitchboardError) {
            return try await server.ask(request, order) { body throws(EngineFailure) in
                try EmbeddingReply(body, texts: count, dimension: known.dimension, model: known.answeredAs).vectors
            }
        } catch {
            guard error.code == .invalidArgument, !isAlone else { throw error }
            guard count > 1 else {
                throw .invalid("texts[\(batch.startIndex)]: \(error.message)", field: "texts")
            }
        }
        let half = batch.startIndex + count / 2
        let front = try await vectors(of: batch[..<half], order, known)
        let back = try await vectors(of: batch[half...], order, known)
        return front + back
    }

    private func identify(until deadline: ContinuousClock.Instant) async throws(SwitchboardError) -> Identity {
        let order = ComputeOrder(.live, deadline: deadline)
        let (listed, _) = try await server.model(order)
        let request = Self.request(["where is my parcel"], of: listed ?? "default")
        let reply = try await server.send(request, order) { body throws(EngineFailure) in
            try EmbeddingReply(body, texts: 1, dimension: nil)
        }
        guard let model = listed ?? reply.model, !model.isEmpty else {
            throw SwitchboardError(
                .failedPrecondition,
                "the model server \(server.address) does not say what it serves; name the model: openai:URL#MODEL"
            )
        }
        let dimension = reply.vectors[0].count
        return Identity(
            model: model,
            id: EngineIdentity.encoder(model, dimension: dimension),
            dimension: dimension,
            answeredAs: reply.model
        )
    }

    private static func request(_ texts: [String], of model: String) -> EngineRequest {
        EngineRequest(
            path: "/embeddings",
            body: EngineMessages.encoded(EngineMessages.Embedding(model: model, input: texts)),
            texts: texts
        )
    }
}
