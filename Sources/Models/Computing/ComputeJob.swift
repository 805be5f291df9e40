internal import Core
internal import Synchronization

/// A piece of work in a compute queue, with whom to tell.
///
/// Whoever takes it out of the queue's table calls exactly one closure of it, once, on a compute thread.
final class ComputeJob: Sendable {
    enum Work: Sendable {
        case encoding([String], @Sendable (Result<Computed<[EncodedText]>, SwitchboardError>) -> Void)
        /// One text; the closure goes on with its vector, on the thread that made it or on one that is free.
        case followedEncoding(String, @Sendable (Result<Computed<EncodedText>, SwitchboardError>) -> Void)
        case retrieval(@Sendable (Result<ComputeTimings, SwitchboardError>) -> Void)
        /// `tokens`: a guess at how many are computed.
        case scoring(
            ScoringInput,
            tokens: Int,
            @Sendable (Result<Computed<ScoringOutput>, SwitchboardError>) -> Void
        )
        /// About a cluster; `tokens` as above.
        case asking(
            ClusterQuestion,
            tokens: Int,
            @Sendable (Result<Computed<ClusterAnswer>, SwitchboardError>) -> Void
        )
    }

    let ticket: ComputeTicket
    let order: ComputeOrder
    let bytes: Int
    let arrived: ContinuousClock.Instant
    /// What it is encoded with; nil: with the queue's own.
    let encoder: (any TextEncoding)?
    let work: Work

    init(
        _ ticket: ComputeTicket,
        _ order: ComputeOrder,
        bytes: Int,
        arrived: ContinuousClock.Instant,
        encoder: (any TextEncoding)? = nil,
        work: Work,
    ) {
        self.ticket = ticket
        self.order = order
        self.bytes = bytes
        self.arrived = arrived
        self.encoder = encoder
        self.work = work
    }

    /// Why nobody wants the result any more; nil: somebody does.
    func stopReason(at now: ContinuousClock.Instant) -> SwitchboardError? {
        if ticket.isCancelled {
            return SwitchboardError(.cancelled, "the work was cancelled")
        }
        if let deadline = order.deadline, deadline <= now {
            return SwitchboardError(.deadlineExceeded, "the deadline passed before the work was done")
        }
        return nil
    }

    func fail(_ error: SwitchboardError) {
        switch work {
        case .encoding(_, let completion): completion(.failure(error))
        case .followedEncoding(_, let completion): completion(.failure(error))
        case .retrieval(let completion): completion(.failure(error))
        case .scoring(_, _, let completion): completion(.failure(error))
        case .asking(_, _, let completion): completion(.failure(error))
        }
    }

    var description: ComputeSchedule.Job {
        let kind: ComputeSchedule.Job.Kind =
            switch work {
            case .encoding(let texts, _): .encoding(tokens: texts.map(Self.guessedTokens), isFollowed: false)
            case .followedEncoding(let text, _): .encoding(tokens: [Self.guessedTokens(of: text)], isFollowed: true)
            case .retrieval: .retrieval
            case .scoring(_, let tokens, _), .asking(_, let tokens, _): .language(tokens: tokens)
            }
        return .init(id: ticket.id, kind: kind, order: order, bytes: bytes, arrived: arrived)
    }

    /// English has some four and a half bytes a token; what frames a text counts two.
    private static func guessedTokens(of text: String) -> Int {
        min(EncoderModel.maximumTokens, text.utf8.count / 4 + 2)
    }
}

/// Names a piece of work that is under way, so that it can be cancelled from any thread.
final class ComputeTicket: Sendable {
    let id: ComputeSchedule.JobID
    private let flag = Atomic(false)
    private let cancelWaiting: @Sendable (ComputeSchedule.JobID) -> Void

    init(id: ComputeSchedule.JobID, cancelWaiting: @escaping @Sendable (ComputeSchedule.JobID) -> Void) {
        self.id = id
        self.cancelWaiting = cancelWaiting
    }

    var isCancelled: Bool { flag.load(ordering: .relaxed) }

    /// What waits is dropped, a running score stops; both complete with `.cancelled`. What has ended stays as it is.
    func cancel() {
        flag.store(true, ordering: .relaxed)
        cancelWaiting(id)
    }
}
