package import Calls
package import Core
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
        )
    }

    /// Ends a stream that is not read on: while it lives the log's file cannot shrink.
    package func export(_ request: ExportRequest, _ writer: StreamWriter<ExportResponse>) async throws {
        guard exportCount < Self.maximumExports else {
            throw SwitchboardError(
                .resourceExhausted,
                "\(Self.maximumExports) exports are under way, which is the most",
                retryAfter: .seconds(2)
            )
        }
        exportCount += 1
        defer { exportCount -= 1 }
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

    package func addFeedback(_ word: Feedback) async throws -> FeedbackResponse {
        let hasReplaced = try await feedback.add(word)
        events.stored(word)
        return FeedbackResponse(hasReplaced: hasReplaced)
    }

    package func listFeedback(
        _ request: ListFeedbackRequest,
        _ writer: StreamWriter<ListFeedbackResponse>,
    ) async throws {
        var place = request.after
        while true {
            let page = try await feedback.list(after: place)
            guard let last = page.last else { return }
            for part in page.map(\.feedback).pages(atMost: page.count, size: { $0.encodedBound }) {
                try await writer.send(ListFeedbackResponse(feedback: Array(part)))
            }
            place = last.number
        }
    }
}
