package import Calls
package import Core
internal import Synchronization
internal import Wire

/// The gateways of a client: calls take turns among them and go on where one dies.
///
/// Whatever a gateway answers may be asked again: Classify, Encode, Retrieve and Score change nothing, and Feedback of the
/// same source on the same reply replaces the first. So a call that a gateway cannot answer, or has no room for, is made at
/// another within its deadline, at each once. A gateway that holds a call for long and does not answer a Health/Check
/// meanwhile counts as dead. With one gateway nothing is repeated: that is the caller's.
package final class Gateways: Sendable {
    /// At least one.
    package let channels: [CallChannel]
    private let choice: Mutex<GatewayChoice>
    /// After so long without an answer a gateway is asked whether it is there, and has as long to say so.
    private static let patience = Duration.milliseconds(500)

    package init(_ channels: [CallChannel]) {
        precondition(!channels.isEmpty, "a client has a gateway")
        self.channels = channels
        choice = Mutex(GatewayChoice(count: channels.count))
    }

    func close() async {
        for channel in channels { await channel.close() }
    }

    /// - Throws: what the last gateway that was asked answered, `.unavailable` where none can be reached.
    package func call<Request, Response>(
        _ method: Method<Request, Response>,
        _ request: Request,
        within time: Duration? = nil,
    ) async throws(SwitchboardError) -> Response {
        guard channels.count > 1 else { return try await channels[0].call(method, request, within: time) }
        let payload = request.encoded()
        let deadline = ContinuousClock.now + (time ?? method.limits.defaultTime ?? MethodLimits.defaultUnaryTime)
        let answer = try await firstAnswer { channel, isLast throws(SwitchboardError) in
            let left = deadline - .now
            guard left > .zero else {
                throw SwitchboardError(.deadlineExceeded, "no gateway answered within the deadline")
            }
            return isLast
                ? try await channel.call(method.name, payload, within: left)
                : try await Self.watched(channel, method.name, payload, within: left)
        }
        return try await Response.decodedAnswer(answer, of: "the gateway")
    }

    /// Opens a stream that reads responses, at a gateway that is there. What becomes of it then is the reader's.
    package func open<Request, Response>(
        _ method: Method<Request, Response>,
        _ request: Request,
    ) async throws(SwitchboardError) -> ClientStream<Request, Response> {
        guard channels.count > 1 else { return try await channels[0].open(method, request) }
        return try await firstAnswer { channel, _ throws(SwitchboardError) in
            do throws(SwitchboardError) {
                _ = try await channel.call(Methods.healthCheck, HealthRequest(), within: Self.patience * 2)
            } catch {
                throw error.code == .deadlineExceeded ? Self.silent(channel) : error
            }
            return try await channel.open(method, request)
        }
    }

    /// Asks one gateway after the other until one gives an answer that is not for another to better.
    private func firstAnswer<Answer>(
        _ ask: (CallChannel, _ isLast: Bool) async throws(SwitchboardError) -> Answer
    ) async throws(SwitchboardError) -> Answer {
        var tried: Set<Int> = []
        // Where one was only busy that is said, since it tells when to come back.
        var busy: SwitchboardError?
        var gone = SwitchboardError(.unavailable, "there is no gateway to ask")
        while let number = choice.withLock({ $0.next(at: .now, besides: tried) }) {
            tried.insert(number)
            do throws(SwitchboardError) {
                let answer = try await ask(channels[number], tried.count == channels.count)
                choice.withLock { $0.answered(number) }
                return answer
            } catch {
                switch error.code {
                case .unavailable:
                    choice.withLock { $0.failed(number, at: .now) }
                    gone = error
                case .resourceExhausted: busy = error
                default: throw error
                }
            }
        }
        throw busy ?? gone
    }

    /// A call that ends with UNAVAILABLE as well where its gateway falls silent.
    private static func watched(
        _ channel: CallChannel,
        _ method: String,
        _ payload: [UInt8],
        within time: Duration,
    ) async throws(SwitchboardError) -> [UInt8] {
        let result = await withTaskGroup(of: Result<[UInt8], SwitchboardError>?.self) { group in
            group.addTask {
                do throws(SwitchboardError) {
                    return .success(try await channel.call(method, payload, within: time))
                } catch {
                    return .failure(error)
                }
            }
            group.addTask { await silence(of: channel).map { .failure($0) } }
            for await result in group {
                guard let result else { continue }
                group.cancelAll()
                return result
            }
            // The call always gives a result, which was returned above.
            return .failure(SwitchboardError(.internal, "a call ended without a result"))
        }
        return try result.get()
    }

    /// Returns when a gateway does not answer any more; nil when the task is cancelled.
    private static func silence(of channel: CallChannel) async -> SwitchboardError? {
        while (try? await Task.sleep(for: patience)) != nil {
            do throws(SwitchboardError) {
                _ = try await channel.call(Methods.healthCheck, HealthRequest(), within: patience)
            } catch {
                // Any other answer shows that it is there, or the call itself learns of it.
                guard error.code == .deadlineExceeded else { continue }
                return silent(channel)
            }
        }
        return nil
    }

    private static func silent(_ channel: CallChannel) -> SwitchboardError {
        SwitchboardError(.unavailable, "\(channel.address) does not answer")
    }
}
