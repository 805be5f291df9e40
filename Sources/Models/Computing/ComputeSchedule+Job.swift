internal import Core

extension ComputeSchedule {
    /// Counts up, so a lesser id came earlier.
    package typealias JobID = UInt64

    /// A piece of work as the schedule sees it.
    package struct Job: Sendable {
        package enum Kind: Sendable, Hashable {
            /// Texts to encode: for each a guess at its tokens. `isFollowed`: a search goes on with the vector.
            case encoding(tokens: [Int], isFollowed: Bool)
            /// A search, or anything else that takes milliseconds.
            case retrieval
            /// The language model, with a guess at its tokens.
            case language(tokens: Int)
        }

        package let id: JobID
        package let kind: Kind
        package let order: ComputeOrder
        package let bytes: Int
        package let arrived: ContinuousClock.Instant

        package init(id: JobID, kind: Kind, order: ComputeOrder, bytes: Int, arrived: ContinuousClock.Instant) {
            self.id = id
            self.kind = kind
            self.order = order
            self.bytes = bytes
            self.arrived = arrived
        }

        func isExpired(at now: ContinuousClock.Instant) -> Bool {
            order.deadline.map { $0 <= now } ?? false
        }
    }

    /// What a thread is to do next.
    package enum Step: Sendable, Hashable {
        /// Tell whoever asked that the work will not be done.
        case drop(JobID, DropReason)
        /// Encode these texts in one go.
        case encode([Part])
        /// Go on with the vector that has just been made.
        case followUp(JobID)
        case retrieve(JobID)
        /// Score these in one go. Runs long; between its pieces ask `nextBetweenPieces`.
        case language([JobID])
    }

    /// Some of an encoding's texts.
    package struct Part: Sendable, Hashable {
        package let job: JobID
        package let texts: Range<Int>

        package init(job: JobID, texts: Range<Int>) {
            self.job = job
            self.texts = texts
        }
    }

    package enum DropReason: Sendable, Hashable {
        case expired, cancelled, closed
    }
}
