package import Core
package import Wire

extension PoolEntry {
    /// Earlier turns that go along: what a run looks at is what was said last and shortly before.
    package static let maximumTurns = 20

    /// What of a call belongs into the pool: the caller's turn and, where the call names its conversation, the earlier turns
    /// of both roles, oldest first.
    ///
    /// The turn carries the request's id, or the reply's where the request has none; earlier ones carry none, so that the
    /// pool counts each once in its conversation, however often it is sent along.
    ///
    /// - Parameter time: microseconds since 1970.
    /// - Returns: nothing where the answer explains it, or it is not to be kept.
    package static func entries(
        of request: ClassifyRequest,
        answered reply: ClassifyResponse,
        under rule: PoolRule,
        at time: Int64,
    ) -> [PoolEntry] {
        guard !request.doNotStore, !request.isPartial,
            let reason = rule.reason(reply.outcome, probability: reply.probability, by: reply.decidedBy)
        else { return [] }
        let vertical = vertical(of: request, reply)
        let turns = request.conversationID.isEmpty ? [] : request.turns.suffix(maximumTurns)
        let earlier = turns.enumerated().map { place, turn in
            PoolEntry(
                text: turn.text,
                vertical: vertical,
                role: turn.role,
                conversationID: request.conversationID,
                origin: request.origin,
                reason: reason,
                timeMicroseconds: time - Int64(turns.count - place)
            )
        }
        let last = PoolEntry(
            requestID: request.requestID.isEmpty ? reply.replyID.bytes : request.requestID,
            text: request.text,
            vertical: vertical,
            role: .caller,
            conversationID: request.conversationID,
            origin: request.origin,
            reason: reason,
            timeMicroseconds: time
        )
        return earlier + [last]
    }

    /// Nil: the answer was right.
    ///
    /// - Parameter time: microseconds since 1970.
    package init?(of feedback: Feedback, at time: Int64) {
        if case .confirmed = feedback.verdict { return nil }
        self.init(
            requestID: feedback.replyID.bytes,
            text: feedback.text,
            vertical: feedback.vertical,
            role: .caller,
            conversationID: feedback.conversationID,
            origin: feedback.origin,
            reason: .corrected,
            timeMicroseconds: time
        )
    }

    /// The one that was asked for; of several that of the leader, or else the first that was searched.
    private static func vertical(of request: ClassifyRequest, _ reply: ClassifyResponse) -> Vertical {
        if request.verticals.count == 1 { return request.verticals[0] }
        return reply.vertical ?? reply.verticals.first ?? request.verticals.first ?? .default
    }
}
