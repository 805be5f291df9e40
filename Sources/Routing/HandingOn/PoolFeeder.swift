internal import Calls
package import Core
package import Logging
internal import Synchronization
package import Wire

/// Hands on to the clusterer what a gateway's answers did not explain, masked, behind the callers' backs.
///
/// `offer` costs the gateway a look at the reply and an entry in a bounded line; `run`, a task of its own, masks and sends
/// batches as long as a clusterer is attached. Where none is, or it is slow, the oldest are dropped and counted. What a
/// batch holds may be sent again: the pool knows it by its ids.
package final class PoolFeeder: Sendable {
    package typealias Send = @Sendable ([PoolEntry]) async throws(SwitchboardError) -> Void

    /// For the clusterer to have a batch on disk.
    package static let patience = Duration.seconds(10)
    private static let firstPause = Duration.milliseconds(100)
    private static let longestPause = Duration.seconds(5)

    private let rule: PoolRule
    private let masks: MaskRules
    private let events: RoutingEvents
    private let logger: Logger
    private let now: @Sendable () -> Int64
    private let line = Mutex(PoolLine())
    /// Grows with each utterance that comes in.
    private let offered = CurrentValue<UInt64>(0)

    /// - Parameter now: microseconds since 1970.
    package init(
        rule: PoolRule,
        masks: MaskRules,
        events: RoutingEvents,
        logger: Logger,
        now: @escaping @Sendable () -> Int64,
    ) {
        self.rule = rule
        self.masks = masks
        self.events = events
        self.logger = logger
        self.now = now
    }

    // MARK: In

    package func offer(_ request: ClassifyRequest, answered reply: ClassifyResponse) {
        append(PoolEntry.entries(of: request, answered: reply, under: rule, at: now()))
    }

    package func offer(_ feedback: Feedback) {
        if let entry = PoolEntry(of: feedback, at: now()) { append([entry]) }
    }

    private func append(_ entries: [PoolEntry]) {
        guard !entries.isEmpty else { return }
        let dropped = line.withLock { $0.append(entries) }
        if dropped > 0 { events.notHandedOn(dropped, .full) }
        offered.set(offered.value &+ 1)
    }

    // MARK: Out

    /// Sends through a gateway until the task is cancelled.
    package func run(through gateway: Gateway) async {
        await run(whileServed: gateway.served) { (entries: [PoolEntry]) async throws(SwitchboardError) in
            let request = DiscoveryAddRequest(entries: entries, pool: "")
            _ = try await gateway.forward(
                Methods.discoveryAdd.name,
                request.encoded(),
                deadline: .now + Self.patience,
                priority: .discovery
            )
        }
    }

    /// - Parameters:
    ///   - served: the services of which a call would be answered.
    ///   - send: returns when the entries are safe.
    package func run(whileServed served: CurrentValue<Set<String>>, send: Send) async {
        var pause = Self.firstPause
        for await _ in offered.values() {
            while !Task.isCancelled, line.withLock({ !$0.entries.isEmpty }) {
                for await services in served.values() where services.contains(RoutingServices.discovery) { break }
                guard !Task.isCancelled else { return }
                let batch = line.withLock { $0.take() }.map { masks.masked($0) }
                guard let wait = await hand(batch, send, orPause: pause) else {
                    pause = Self.firstPause
                    continue
                }
                try? await Task.sleep(for: wait)
                pause = min(pause * 2, Self.longestPause)
            }
        }
    }

    /// - Returns: how long to wait before the next attempt; nil: the batch is settled.
    private func hand(_ batch: [PoolEntry], _ send: Send, orPause pause: Duration) async -> Duration? {
        do throws(SwitchboardError) {
            try await send(batch)
            events.handedOn(batch.count)
            return nil
        } catch {
            switch error.code {
            case .unavailable, .deadlineExceeded, .resourceExhausted, .cancelled:
                let dropped = line.withLock { $0.putBack(batch) }
                if dropped > 0 { events.notHandedOn(dropped, .full) }
                if pause == Self.firstPause {
                    logger.info("unexplained utterances wait", metadata: ["reason": "\(error)"])
                }
                return min(max(pause, error.retryAfter ?? .zero), Self.longestPause)
            default:
                // It would be refused again.
                events.notHandedOn(batch.count, .refused)
                logger.warning("unexplained utterances were refused", metadata: ["reason": "\(error)"])
                return nil
            }
        }
    }
}
