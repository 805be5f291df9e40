package import Calls
package import Core
internal import Logging
internal import UpdateStore
package import Wire

extension IndexUpdater {
    /// Replicas and gateways that follow now.
    package var followerCount: Int { followers.count }

    package func stats() async throws -> StatsResponse {
        let statistics = log.statistics()
        let counts = try await feedback.counts()
        return StatsResponse(
            position: statistics.head.position,
            epoch: statistics.head.epoch,
            digest: statistics.head.digest,
            verticals: statistics.verticals.map {
                VerticalStats(vertical: $0.vertical, exemplars: $0.exemplars, intents: $0.intents)
            },
            logBytes: statistics.bytes,
            feedback: counts.total,
            feedbackConfirmed: counts.confirmedByCallers,
            feedbackCallers: counts.callers,
            followers: followers.values.map(\.name).sorted(),
            encoder: statistics.encoder?.encoder,
            relabelled: relabelled,
        )
    }

    package func listKeys(_ writer: StreamWriter<ListKeysResponse>) async throws {
        let (keys, position) = (log.keys.all, log.head.position)
        let pages = keys.pages(atMost: 500) { $0.encodedBound }
        if pages.isEmpty { try await writer.send(ListKeysResponse(keys: [], position: position)) }
        for page in pages { try await writer.send(ListKeysResponse(keys: Array(page), position: position)) }
    }

    /// Ends a stream that is not read on: while it lives the log's file cannot shrink. A purge ends all of them with
    /// `.aborted`.
    package func export(
        _ request: ExportRequest,
        _ writer: StreamWriter<ExportResponse>,
        client: ClientIdentity,
    ) async throws {
        let run = try exports.begin(for: client, isPurging: purges.running != nil) { await writer.end($0) }
        defer {
            exports.end(run)
            endWaits()
        }
        try await send(request, writer)
    }

    /// Apart from `export`, so that the log is read no more when that one says so.
    private func send(_ request: ExportRequest, _ writer: StreamWriter<ExportResponse>) async throws {
        let export = try await log.export()
        var place = LogSequence.start
        let verticals = request.verticals.isEmpty ? nil : Set(request.verticals)
        while true {
            let page = try await export.page(after: place, verticals: verticals, limit: 200)
            let exemplars = page.exemplars.map { exemplar in
                ExportedExemplar(
                    exemplarID: exemplar.id,
                    vertical: exemplar.vertical,
                    text: exemplar.text,
                    intent: exemplar.path,
                    origin: exemplar.origin,
                    vector: request.withVectors ? exemplar.vector : [],
                    sequence: exemplar.sequence,
                )
            }
            // An empty index answers one message too, so that its position is known.
            if !exemplars.isEmpty || place == .start {
                try await writer.send(
                    ExportResponse(exemplars: exemplars, position: export.position),
                    within: Self.exportPatience
                )
            }
            if exemplars.isEmpty { return }
            place = page.last
        }
    }

    /// Lets go of the log's file, which cannot be written anew beside exports. None begins while a purge is under way.
    func endExports() async {
        let reason = SwitchboardError(
            .aborted,
            "exemplars are being erased, which ends the exports that hold them; export again when that is done",
            retryAfter: .seconds(1)
        )
        for end in exports.ends { await end(reason) }
        await wait(for: .exportsEnded, until: .now + Self.exportEnding)
    }

    /// A page is read on meanwhile.
    private static var exportEnding: Duration { .seconds(5) }

    package func addFeedback(_ word: Feedback) async throws -> FeedbackResponse {
        let hasReplaced = try await feedback.add(word)
        events.stored(word)
        return FeedbackResponse(hasReplaced: hasReplaced, learnt: await learn(word))
    }

    /// Makes the utterance an exemplar of the intent that was confirmed or named as the right one, where this updater
    /// learns from the source. A correction moves one that there is to the right intent, a confirmation does not; an
    /// intent that nobody has named yet is not made from a word on one answer.
    ///
    /// - Returns: nil where nothing was learnt. What was said is stored all the same.
    private func learn(_ word: Feedback) async -> LogPosition? {
        guard let learnsFrom, word.source >= learnsFrom, refusal == nil else { return nil }
        let path: IntentPath?
        let conflicts: ConflictRule
        switch word.verdict {
        case .corrected(let right): (path, conflicts) = (right, .relabel)
        case .confirmed: (path, conflicts) = (word.answeredIntent, .keep)
        case .rejected: return nil
        }
        guard let path else { return nil }
        let upsert = UpsertCommand(vertical: word.vertical, text: word.text, path: path, origin: word.origin)
        let batch = AppendBatch(
            operation: Bits128.random().bytes,
            source: "feedback",
            author: word.source.rawValue,
            onConflict: conflicts,
            refusesNewIntents: true,
            commands: [.upsert(upsert)]
        )
        do {
            let receipt = try await appendInTurn(batch, deadline: .now + Self.learningTime)
            events.appended(receipt)
            return receipt.refusals.isEmpty ? receipt.position : nil
        } catch {
            logger.warning("feedback was stored, but not learnt from", metadata: ["reason": "\(error.message)"])
            return nil
        }
    }

    /// Whoever gave the feedback waits so long at most.
    private static var learningTime: Duration { .seconds(1) }

    /// - Parameter verticals: of others nothing is said; nil: of all.
    package func listFeedback(
        _ request: ListFeedbackRequest,
        _ writer: StreamWriter<ListFeedbackResponse>,
        verticals: Set<Vertical>? = nil,
    ) async throws {
        var place = request.after
        while true {
            let page = try await feedback.list(after: place)
            guard let last = page.last else { return }
            let feedback = page.map(\.feedback).filter { verticals?.contains($0.vertical) ?? true }
            for part in feedback.pages(atMost: page.count, size: { $0.encodedBound }) {
                try await writer.send(ListFeedbackResponse(feedback: Array(part)))
            }
            place = last.number
        }
    }
}
