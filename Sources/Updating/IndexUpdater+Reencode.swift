package import Calls
internal import Core
internal import Logging
internal import UpdateStore
package import Wire

/// The change to another encoder, while the one that serves goes on answering.
extension IndexUpdater {
    /// In one call and one operation, so that live requests get their turn between.
    private static var pageSize: Int { 64 }

    /// Gives each live exemplar its vector by another encoder, then switches to it with one record.
    ///
    /// What is done stays done, whatever ends the call: asked again it goes on from there. One at a time. Appends wait
    /// while the switch itself is written: milliseconds, however many exemplars there are.
    ///
    /// - Throws: `.failedPrecondition` where the file is no encoder that the index can take, where another call is under
    ///   way, or a replica does not have the encoder or cannot follow the change; `.unavailable` where nobody encodes.
    package func reencode(_ request: ReencodeRequest, _ writer: StreamWriter<ReencodeResponse>) async throws {
        if let refusal { throw refusal }
        guard !isReencoding else {
            throw SwitchboardError(
                .failedPrecondition,
                "the vectors are being made anew already; wait for that, or interrupt it where it was started"
            )
        }
        isReencoding = true
        defer {
            isReencoding = false
            tellNext(nil)
        }
        let encoder = try await encoder(of: request.target)
        tellNext(encoder)
        // Who does not say so may be of a version that encodes by any; what it lacks shows at once.
        await wait(for: .told(encoder), until: .now + reencodingTimes.announcement)
        let shape = try await shape(of: encoder)
        var work = Reencoding(shape: shape, done: try await log.count(with: encoder))
        logger.info("re-encoding", metadata: ["encoder": "\(encoder.short)", "done": "\(work.done)"])
        if log.encoder?.encoder == encoder {
            let receipt = try await log.append(.switchModels(shape), change: work.change, source: Reencoding.source)
            return try await tellEnd(of: work, receipt, isSwitched: false, to: writer)
        }
        try await checkReplicas()
        try await checkLoaded(encoder, orElse: "nothing was begun")
        while true {
            try Task.checkCancellation()
            try await encodeMissing(&work, telling: writer)
            try await awaitGraphs(of: work, telling: writer)
            if let receipt = try await switchModels(&work) {
                logger.info("models switched", metadata: ["encoder": "\(encoder.short)"])
                return try await tellEnd(of: work, receipt, isSwitched: true, to: writer)
            }
        }
    }

    private func tellNext(_ encoder: ModelID?) {
        nextEncoder = encoder
        wakeSenders()
    }

    private func encoder(of target: ReencodeRequest.Target) async throws(SwitchboardError) -> ModelID {
        switch target {
        case .encoder(let id): return id
        case .file(let path):
            guard path.hasPrefix("/") else {
                throw .invalid("the path of an encoder's file begins with a slash, as it is the node that opens it")
            }
            // So that nobody learns by asking what other files there are.
            guard path.hasSuffix(".gguf") else {
                throw .invalid("an encoder's file is a GGUF file, whose name ends in .gguf")
            }
            guard let install else {
                throw SwitchboardError(.failedPrecondition, "this node takes no encoder's file; name its id")
            }
            return try await install(path, log.encoder?.dimensions)
        }
    }

    /// Has a retriever load the encoder and use it once.
    private func shape(of encoder: ModelID) async throws(SwitchboardError) -> EncoderShape {
        let request = EncodeRequest(texts: [try UtteranceText("ready")], priority: .updates, encoder: encoder)
        let response = try await encode(request, deadline: .now + reencodingTimes.encoding)
        let shape = EncoderShape(encoder: encoder, dimensions: response.vectors[0].count)
        guard let known = log.encoder, known.dimensions != shape.dimensions else { return shape }
        throw SwitchboardError(
            .failedPrecondition,
            "encoder \(encoder.short) makes vectors of \(shape.dimensions) figures, this index holds \(known.dimensions); "
                + "only an encoder of as many can take its place"
        )
    }

    /// Looks, before the first record of a change is written, whether every live replica can read it: one that cannot
    /// would stand still from there on.
    private func checkReplicas() async throws(SwitchboardError) {
        await wait(for: .announced, until: .now + reencodingTimes.announcement)
        let silent = silentReplicas
        guard silent.isEmpty else {
            throw SwitchboardError(
                .failedPrecondition,
                "nothing was begun: \(silent.joined(separator: ", ")) does not say which encoders it has, as versions "
                    + "before 'index reencode' do, which cannot follow it. Bring it up to date, and start this again"
            )
        }
    }

    /// Waits until every live replica has loaded the encoder.
    ///
    /// - Parameter done: what became of the work so far.
    private func checkLoaded(_ encoder: ModelID, orElse done: String) async throws(SwitchboardError) {
        await wait(for: .loaded(encoder), until: .now + reencodingTimes.loading)
        let lacking = replicas(without: encoder)
        guard lacking.isEmpty else {
            throw SwitchboardError(
                .failedPrecondition,
                "\(done): \(lacking.joined(separator: ", ")) does not have encoder \(encoder.short). Put its file into "
                    + "models/ of the data directory there, as \(encoder).gguf, and start this again"
            )
        }
    }

    /// Waits a while for the replicas' graphs of the new vectors, so that searches are as fast after the switch as before.
    private func awaitGraphs(
        of work: Reencoding,
        telling writer: StreamWriter<ReencodeResponse>,
    ) async throws(SwitchboardError) {
        let limit = ContinuousClock.now + reencodingTimes.graphs
        // Replicas say what they have to build along with what they have applied.
        await wait(for: .applied(log.head.position.sequence), until: min(limit, .now + reencodingTimes.loading))
        while graphsDue > 0, limit > .now {
            guard !Task.isCancelled else { throw SwitchboardError(.cancelled, "the call was cancelled") }
            try await writer.send(
                work.progress(of: log.exemplarCount, graphs: graphsDue),
                within: reencodingTimes.patience
            )
            await wait(for: .graphsBuilt, until: min(limit, .now + .seconds(1)))
        }
    }

    /// Sets the vectors that are missing, in the order in which the exemplars became live: one that comes meanwhile is
    /// met at the end.
    ///
    /// - Parameter writer: hears after each page how far it is.
    private func encodeMissing(
        _ work: inout Reencoding,
        telling writer: StreamWriter<ReencodeResponse>,
    ) async throws(SwitchboardError) {
        try await writer.send(work.progress(of: log.exemplarCount), within: reencodingTimes.patience)
        while let page = try await nextPage(&work) {
            let response = try await encodePatiently(work.request(for: page, .discovery))
            try await set(response.vectors, of: page, &work)
            try await writer.send(work.progress(of: log.exemplarCount), within: reencodingTimes.patience)
        }
    }

    /// The same for the few that are left while appends wait, who come before all others then.
    ///
    /// - Returns: whether none is missing; false where nobody encodes at the moment, or not within the limit.
    private func encodeLast(
        _ work: inout Reencoding,
        until limit: ContinuousClock.Instant,
    ) async throws(SwitchboardError) -> Bool {
        while let page = try await nextPage(&work) {
            guard limit > .now else { return false }
            let response: EncodeResponse
            do throws(SwitchboardError) {
                response = try await encode(work.request(for: page, .updates), deadline: limit)
            } catch {
                guard Self.passing.contains(error.code) else { throw error }
                return false
            }
            try await set(response.vectors, of: page, &work)
        }
        return true
    }

    /// The oldest exemplars without a vector; nil where none is left.
    private func nextPage(_ work: inout Reencoding) async throws(SwitchboardError) -> [UnencodedExemplar]? {
        // Before the look: what is in the log by now is seen by it.
        let head = log.head.position.sequence
        let page = try await log.exemplars(without: work.shape.encoder, after: work.place, limit: Self.pageSize)
        guard page.isEmpty else { return page }
        work.place = max(work.place, head)
        return nil
    }

    private func set(
        _ vectors: [[Float]],
        of page: [UnencodedExemplar],
        _ work: inout Reencoding,
    ) async throws(SwitchboardError) {
        let sets = zip(page, vectors).map { exemplar, vector in
            VectorSet(
                vertical: exemplar.vertical,
                exemplar: exemplar.id,
                vector: vector,
                encoder: work.shape.encoder
            )
        }
        let receipt = try await log.append(.setVectors(sets), change: work.change, source: Reencoding.source)
        if let first = receipt.first { work.done += Int(receipt.position.sequence.number - first.number) + 1 }
        if let last = page.last { work.place = last.first }
    }

    /// Errors that may have gone at another try: the encoders are busy, or a retriever is started anew.
    private static var passing: Set<StatusCode> { [.resourceExhausted, .deadlineExceeded, .unavailable] }

    /// Live requests come first, so that this may wait for long; a retriever may be started anew meanwhile.
    private func encodePatiently(_ request: EncodeRequest) async throws(SwitchboardError) -> EncodeResponse {
        let limit = ContinuousClock.now + reencodingTimes.busy
        while true {
            do throws(SwitchboardError) {
                return try await encode(request, deadline: .now + reencodingTimes.encoding)
            } catch {
                guard Self.passing.contains(error.code) else { throw error }
                guard limit > .now else {
                    throw SwitchboardError(
                        error.code,
                        "no vectors were made for \(reencodingTimes.busy.components.seconds) s: \(error.message). What was "
                            + "made is kept; start this again when a retriever has time for it",
                        retryAfter: error.retryAfter
                    )
                }
                let pause = min(max(error.retryAfter ?? .seconds(1), .milliseconds(100)), .seconds(10))
                guard (try? await Task.sleep(for: pause)) != nil else {
                    throw SwitchboardError(.cancelled, "the call was cancelled")
                }
            }
        }
    }

    /// Switches to the encoder, while no append is under way.
    ///
    /// - Returns: nil where appends did not come to an end in time, or what they had brought was not encoded in time;
    ///   they go on then.
    private func switchModels(_ work: inout Reencoding) async throws(SwitchboardError) -> AppendReceipt? {
        // One may have come since the work was begun.
        try await checkLoaded(work.shape.encoder, orElse: "the vectors are made, and nothing was switched")
        guard await holdAppends(until: .now + reencodingTimes.hold) else { return nil }
        defer { releaseAppends() }
        guard try await encodeLast(&work, until: .now + reencodingTimes.hold) else { return nil }
        return try await log.append(.switchModels(work.shape), change: work.change, source: Reencoding.source)
    }

    private func tellEnd(
        of work: Reencoding,
        _ receipt: AppendReceipt,
        isSwitched: Bool,
        to writer: StreamWriter<ReencodeResponse>,
    ) async throws(SwitchboardError) {
        await wait(for: .applied(receipt.position.sequence), until: .now + reencodingTimes.loading)
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
            within: reencodingTimes.patience
        )
    }
}

extension Policy {
    /// Whether its retrieval part was fitted for another encoder, so that the next one that fits takes its place.
    fileprivate func isLapsed(with encoder: ModelID) -> Bool {
        retrieval?.holds(for: encoder) == false
    }
}
