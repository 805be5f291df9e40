package import Calls
internal import Core
internal import Logging
internal import UpdateStore
package import Wire

/// The change to another encoder, while the one that serves goes on answering.
extension IndexUpdater {
    /// In one call and one operation, so that live requests get their turn between.
    private static var pageSize: Int { 64 }
    /// For a retriever to load the file and encode, at the end of its line.
    private static var encodeTime: Duration { .seconds(30) }
    /// How long retrievers may be too busy, or away, before the work stops.
    private static var busyTime: Duration { .seconds(300) }
    /// How long appends may go on once they are held back.
    private static var holdTime: Duration { .seconds(5) }
    private static var switchTime: Duration { .seconds(30) }
    /// For the caller to take word of how far it is.
    private static var patience: Duration { .seconds(30) }

    /// Gives each live exemplar its vector by another encoder, then switches to it with one record.
    ///
    /// What is done stays done, whatever ends the call: asked again it goes on from there. One at a time. Appends wait
    /// while the switch itself is written, for some milliseconds as a rule.
    ///
    /// - Throws: `.failedPrecondition` where the file is no encoder that the index can take, where another call is under
    ///   way, or an attached retriever does not have the encoder; `.unavailable` where nobody encodes.
    package func reencode(_ request: ReencodeRequest, _ writer: StreamWriter<ReencodeResponse>) async throws {
        if let refusal { throw refusal }
        guard !isReencoding else {
            throw SwitchboardError(
                .failedPrecondition,
                "the vectors are being made anew already; wait for that, or interrupt it where it was started"
            )
        }
        isReencoding = true
        defer { isReencoding = false }
        let encoder = try await encoder(of: request.target)
        let shape = try await shape(of: encoder)
        var work = Reencoding(shape: shape, done: try await log.count(with: encoder))
        logger.info("re-encoding", metadata: ["encoder": "\(encoder.short)", "done": "\(work.done)"])
        if log.encoder?.encoder == encoder {
            let receipt = try await log.append(.switchModels(shape), change: work.change, source: Reencoding.source)
            return try await tellEnd(of: work, receipt, isSwitched: false, to: writer)
        }
        while true {
            try Task.checkCancellation()
            try await encodeMissing(&work, priority: .discovery, telling: writer)
            if let receipt = try await switchModels(&work) {
                logger.info("models switched", metadata: ["encoder": "\(encoder.short)"])
                return try await tellEnd(of: work, receipt, isSwitched: true, to: writer)
            }
        }
    }

    private func encoder(of target: ReencodeRequest.Target) async throws(SwitchboardError) -> ModelID {
        switch target {
        case .encoder(let id): return id
        case .file(let path):
            guard path.hasPrefix("/") else {
                throw .invalid("the path of an encoder's file begins with a slash, as it is the node that opens it")
            }
            guard let install else {
                throw SwitchboardError(.failedPrecondition, "this node takes no encoder's file; name its id")
            }
            return try await install(path)
        }
    }

    /// Has a retriever load the encoder and use it once.
    private func shape(of encoder: ModelID) async throws(SwitchboardError) -> EncoderShape {
        let request = EncodeRequest(texts: [try UtteranceText("ready")], priority: .updates, encoder: encoder)
        let response = try await encode(request, deadline: .now + Self.encodeTime)
        let shape = EncoderShape(encoder: encoder, dimensions: response.vectors[0].count)
        guard let known = log.encoder, known.dimensions != shape.dimensions else { return shape }
        throw SwitchboardError(
            .failedPrecondition,
            "encoder \(encoder.short) makes vectors of \(shape.dimensions) figures, this index holds \(known.dimensions); "
                + "only an encoder of as many can take its place"
        )
    }

    /// Sets the vectors that are missing, in the order in which the exemplars became live: one that comes meanwhile is
    /// met at the end.
    ///
    /// - Parameter writer: hears after each page how far it is; nil: nobody does.
    private func encodeMissing(
        _ work: inout Reencoding,
        priority: Priority,
        telling writer: StreamWriter<ReencodeResponse>?,
    ) async throws(SwitchboardError) {
        let encoder = work.shape.encoder
        try await writer?.send(work.progress(of: log.exemplarCount), within: Self.patience)
        var place = LogSequence.start
        while true {
            let page = try await log.exemplars(without: encoder, after: place, limit: Self.pageSize)
            guard let last = page.last else { return }
            let request = EncodeRequest(texts: page.map(\.text), priority: priority, encoder: encoder)
            let response = try await encodePatiently(request)
            let vectors = zip(page, response.vectors).map { exemplar, vector in
                VectorSet(vertical: exemplar.vertical, exemplar: exemplar.id, vector: vector, encoder: encoder)
            }
            let receipt = try await log.append(.setVectors(vectors), change: work.change, source: Reencoding.source)
            if let first = receipt.first {
                work.done += Int(receipt.position.sequence.number - first.number) + 1
            }
            place = last.first
            try await writer?.send(work.progress(of: log.exemplarCount), within: Self.patience)
        }
    }

    /// Live requests come first, so that this may wait for long; a retriever may be started anew meanwhile.
    private func encodePatiently(_ request: EncodeRequest) async throws(SwitchboardError) -> EncodeResponse {
        let limit = ContinuousClock.now + Self.busyTime
        let passing: Set<StatusCode> = [.resourceExhausted, .deadlineExceeded, .unavailable]
        while true {
            do throws(SwitchboardError) {
                return try await encode(request, deadline: .now + Self.encodeTime)
            } catch {
                guard passing.contains(error.code), limit > .now else { throw error }
                guard (try? await Task.sleep(for: error.retryAfter ?? .seconds(1))) != nil else {
                    throw SwitchboardError(.cancelled, "the call was cancelled")
                }
            }
        }
    }

    /// Switches to the encoder, while no append is under way.
    ///
    /// - Returns: nil where appends did not come to an end in time; they go on then.
    private func switchModels(_ work: inout Reencoding) async throws(SwitchboardError) -> AppendReceipt? {
        let encoder = work.shape.encoder
        await wait(for: .loaded(encoder), until: .now + Self.switchTime)
        let lacking = replicas(without: encoder)
        guard lacking.isEmpty else {
            throw SwitchboardError(
                .failedPrecondition,
                "the vectors are made, and nothing was switched: \(lacking.joined(separator: ", ")) does not have encoder "
                    + "\(encoder.short). Put its file into models/ of the data directory there, as \(encoder).gguf, and "
                    + "start this again"
            )
        }
        guard await holdAppends(until: .now + Self.holdTime) else { return nil }
        defer { releaseAppends() }
        try await encodeMissing(&work, priority: .updates, telling: nil)
        return try await log.append(.switchModels(work.shape), change: work.change, source: Reencoding.source)
    }

    private func tellEnd(
        of work: Reencoding,
        _ receipt: AppendReceipt,
        isSwitched: Bool,
        to writer: StreamWriter<ReencodeResponse>,
    ) async throws(SwitchboardError) {
        await wait(for: .applied(receipt.position.sequence), until: .now + Self.switchTime)
        let lapsed = log.policies.filter { $0.value.policy.isLapsed(with: work.shape.encoder) }
        let count = log.exemplarCount
        try await writer.send(
            ReencodeResponse(
                done: count,
                total: count,
                encoder: work.shape.encoder,
                position: receipt.position,
                isSwitched: isSwitched,
                lapsedPolicies: Array(lapsed.keys.map(\.description).sorted().prefix(Limits.maximumItems)),
                behind: Array(replicas(behind: receipt.position.sequence).prefix(Limits.maximumItems))
            ),
            within: Self.patience
        )
    }
}

/// How far a change of encoders is.
struct Reencoding: Sendable {
    static let source = "index reencode"

    let shape: EncoderShape
    /// Exemplars that have their vector.
    var done: Int

    init(shape: EncoderShape, done: Int) {
        self.shape = shape
        self.done = done
    }

    /// The same again for one encoder, so that all of the work is one change in the log, however often it was
    /// interrupted.
    var change: [UInt8] { Array("reencode \(shape.encoder.short)".utf8) }

    /// - Parameter total: exemplars that live now; some that got their vector may have been removed since.
    func progress(of total: Int) -> ReencodeResponse {
        ReencodeResponse(done: min(done, total), total: total, encoder: shape.encoder)
    }
}

extension Policy {
    /// Whether its retrieval part was fitted for another encoder, so that the next one that fits takes its place.
    fileprivate func isLapsed(with encoder: ModelID) -> Bool {
        retrieval?.holds(for: encoder) == false
    }
}
