package import Calls
package import Core

extension WorkerTable {
    /// A call on its way through the gateway.
    package struct PendingCall: Sendable {
        /// Why a call is sent to another worker than the first.
        package enum Repeat: String, Sendable, CaseIterable {
            /// Its worker takes longer than usual; both have it now.
            case hedged
            /// Its worker would not do it.
            case refused
            /// Its worker went away, or is not heard any more.
            case lost
        }

        package let id: UInt64
        package let method: String
        package let service: String
        package let payload: [UInt8]
        package let deadline: ContinuousClock.Instant
        package let minPosition: LogPosition?
        package let priority: Priority
        /// Whose it is, where several wait.
        package let client: ClientIdentity
        /// Whether a second worker is asked where the first takes longer than usual.
        package let mayBeHedged: Bool
        /// Only a scorer with the models that it was fitted for is meant; nil: any worker.
        package let scoringPolicy: LLMPolicy?
        /// Nil as long as it is sent for the first time.
        package var repeated: Repeat?
        /// When a second worker is to be asked.
        package var hedgeAt: ContinuousClock.Instant?
        /// How many workers went away while they had it.
        var lostWorkers = 0

        init(
            id: UInt64,
            method: String,
            payload: [UInt8],
            deadline: ContinuousClock.Instant,
            minPosition: LogPosition?,
            priority: Priority,
            client: ClientIdentity = .none,
            mayBeHedged: Bool = false,
            scoringPolicy: LLMPolicy? = nil,
        ) {
            self.id = id
            self.method = method
            service = String(serviceName(ofMethod: method))
            self.payload = payload
            self.deadline = deadline
            self.minPosition = minPosition
            self.priority = priority
            self.client = client
            self.mayBeHedged = mayBeHedged
            self.scoringPolicy = scoringPolicy
        }

        /// In turns of its client: small ones cost one, those with much to encode more.
        var cost: Int { 1 + payload.count / 1_024 }
    }
}
