internal import Calls
internal import Core
internal import Wire

extension SwitchboardClient {
    /// Says whether an answer was right. Returns when that is on disk.
    ///
    /// - Returns: whether it replaced an earlier word of the same source on the same reply.
    /// - Throws: `INVALID_ARGUMENT` with the part that is wrong, `UNAVAILABLE` where no node answers or its updater is
    ///   away.
    @discardableResult
    public func feedback(_ word: AnswerFeedback) async throws(ClientError) -> Bool {
        try await ClientError.around { () throws(SwitchboardError) in
            try await gateways.call(Methods.feedback, try word.checked()).hasReplaced
        }
    }

    /// Hands everything that was said so far to `body`, in the order in which it came in.
    ///
    /// - Throws: why the stream ended, or what `body` throws.
    public func listFeedback(_ body: (AnswerFeedback) async throws -> Void) async throws {
        let stream = try await ClientError.around { () throws(SwitchboardError) in
            try await updater.open(Methods.listFeedback, ListFeedbackRequest())
        }
        do {
            while let response = try await ClientError.around({ () throws(SwitchboardError) in try await stream.next() }
            ) {
                for word in response.feedback { try await body(AnswerFeedback(word)) }
            }
        } catch {
            await stream.cancel()
            throw error
        }
    }
}
