package import Calls
package import Core
internal import Logging
internal import Wire

/// What workers answered, read before it counts: what makes no sense is the worker's fault and is told so, to the caller as
/// INTERNAL and to the operator by the worker's name.
extension Gateway {
    /// What a worker answered, and which.
    struct WorkerAnswer: Sendable {
        let payload: [UInt8]
        /// The name that it gave itself.
        let worker: String
    }

    /// As the other `forward`, and reads the answer on the way.
    ///
    /// - Parameter fault: says what is wrong with an answer that can be read; nil: nothing.
    /// - Throws: `.internal` for an answer that cannot be read or makes no sense, naming the worker; else as the other.
    package func forward<Request, Response>(
        _ method: Method<Request, Response>,
        _ payload: [UInt8],
        deadline: ContinuousClock.Instant,
        minPosition: LogPosition? = nil,
        priority: Priority,
        client: ClientIdentity,
        fault: @Sendable (Response) -> String? = { _ in nil },
    ) async throws(SwitchboardError) -> [UInt8] {
        let answer = try await passOn(
            WorkerTable.PendingCall(
                id: nextCallID(),
                method: method.name,
                payload: payload,
                deadline: deadline,
                minPosition: minPosition,
                priority: priority,
                client: client
            )
        )
        let response: Response = try await read(answer)
        if let wrong = fault(response) {
            tellBroken(answer.worker, wrong)
            throw SwitchboardError(.internal, "the worker \(answer.worker) answered \(wrong)")
        }
        return answer.payload
    }

    func read<Response: WireMessage>(_ answer: WorkerAnswer) async throws(SwitchboardError) -> Response {
        do {
            return try await Response.decodedAnswer(answer.payload, of: "the worker \(answer.worker)")
        } catch {
            if error.code == .internal { tellBroken(answer.worker, error.message) }
            throw error
        }
    }

    /// - Parameter fault: what is wrong, without callers' text.
    func tellBroken(_ worker: String, _ fault: String) {
        // One that answers nothing else does not fill the log.
        guard let times = toldBroken.take(worker) else { return }
        logger.warning(
            "a worker answered what makes no sense",
            metadata: ["worker": "\(worker)", "reason": "\(fault)", "times": "\(times)"]
        )
    }
}
