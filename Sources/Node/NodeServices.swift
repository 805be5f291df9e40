internal import Calls
internal import Core
internal import Discovering
internal import Routing
internal import Updating
internal import Wire

/// Which method is answered by which actor.
enum NodeServices {
    /// What routers, publishers and workers ask a gateway.
    static func router(_ gateway: Gateway) -> ServiceTable {
        var services = ServiceTable()
        services.unary(Methods.classify) { try await gateway.classify($0, $1) }
        services.unary(Methods.feedback) { try await gateway.feedback($0, $1) }
        services.serverStream(Methods.intents) { request, writer, _ in try await gateway.intents(request, writer) }
        services.forwarded(Methods.encode) { payload, context in
            let request = try await EncodeRequest.decoded(payload)
            return try await gateway.forward(
                Methods.encode,
                payload,
                deadline: context.effectiveDeadline,
                priority: request.priority,
                client: context.client,
                fault: { $0.fault(asAnswerTo: request) }
            )
        }
        services.forwarded(Methods.retrieve) { payload, context in
            let asked = try await RetrieveRequest.decoded(payload)
            let request = try context.admitted(asked)
            return try await gateway.forward(
                Methods.retrieve,
                request == asked ? payload : request.encoded(),
                deadline: context.effectiveDeadline,
                minPosition: request.minPosition,
                priority: request.priority,
                client: context.client,
            )
        }
        services.forwarded(Methods.score) { payload, context in
            let request = try await ScoreRequest.decoded(payload)
            return try await gateway.forward(
                Methods.score,
                payload,
                deadline: context.effectiveDeadline,
                priority: request.priority,
                client: context.client
            )
        }
        services.forwarded(Methods.judge) { payload, context in
            _ = try await JudgeRequest.decoded(payload)
            return try await gateway.forward(
                Methods.judge,
                payload,
                deadline: context.effectiveDeadline,
                priority: .discovery,
                client: context.client
            )
        }
        services.forwarded(Methods.name) { payload, context in
            _ = try await NameRequest.decoded(payload)
            return try await gateway.forward(
                Methods.name,
                payload,
                deadline: context.effectiveDeadline,
                priority: .discovery,
                client: context.client
            )
        }
        addHealth(to: &services, changes: gateway.served) {
            gateway.isReady
                ? HealthResponse(status: .serving)
                : HealthResponse(status: .notServing, reason: "no retriever is attached yet")
        }
        return services
    }

    /// The same, and what only workers ask.
    static func worker(_ gateway: Gateway) -> ServiceTable {
        var services = router(gateway)
        services.bothWays(Methods.attach) { reader, writer, _ in try await gateway.attach(reader, writer) }
        return services
    }

    static func index(_ updater: IndexUpdater) -> ServiceTable {
        var services = ServiceTable()
        services.unary(Methods.append) { try await updater.append($0, $1) }
        services.bothWays(Methods.publish) { try await updater.publish($0, $1, $2) }
        services.bothWays(Methods.follow) { reader, writer, _ in try await updater.follow(reader, writer) }
        services.serverStream(Methods.export) { request, writer, context in
            try await updater.export(request, writer, client: context.client)
        }
        services.serverStream(Methods.history) { request, writer, context in
            try await updater.history(request, writer, context.caller.access)
        }
        services.unary(Methods.rollback) { try await updater.rollback($0, $1) }
        services.unary(Methods.undo) { try await updater.undo($0, $1) }
        services.serverStream(Methods.reencode) { request, writer, _ in try await updater.reencode(request, writer) }
        services.unary(Methods.purge) { try await updater.purge($0, $1) }
        services.serverStream(Methods.snapshot) { request, writer, context in
            try await updater.snapshot(request, writer, client: context.client)
        }
        services.unary(Methods.trim) { request, _ in try await updater.trim(request) }
        services.unary(Methods.stats) { _, context in try await updater.stats().limited(to: context.caller.verticals) }
        services.serverStream(Methods.listKeys) { _, writer, _ in try await updater.listKeys(writer) }
        services.unary(Methods.addFeedback) { word, _ in try await updater.addFeedback(word) }
        services.serverStream(Methods.listFeedback) { request, writer, context in
            try await updater.listFeedback(request, writer, verticals: context.caller.verticals)
        }
        addHealth(to: &services, changes: updater.damage) {
            if let refusal = await updater.refusal {
                return HealthResponse(status: .notServing, reason: refusal.message)
            }
            return HealthResponse(status: .serving)
        }
        return services
    }

    static func discovery(_ clusterer: Clusterer) -> ServiceTable {
        var services = ServiceTable()
        services.unary(Methods.discoveryAdd) { request, _ in try await clusterer.add(request) }
        services.unary(Methods.discoveryStart) { request, context in
            try await clusterer.start(request, author: context.caller.access?.name.text ?? "")
        }
        services.unary(Methods.discoveryCancel) { request, _ in
            try await clusterer.cancel(request.run)
            return DiscoveryCancelResponse()
        }
        services.serverStream(Methods.discoveryWatch) { request, writer, context in
            try await clusterer.watch(request, writer, verticals: context.caller.verticals)
        }
        services.unary(Methods.discoveryList) { request, context in
            try await clusterer.list(request, limitedTo: context.caller.verticals)
        }
        services.unary(Methods.discoveryShow) { try await clusterer.show($0, $1) }
        services.unary(Methods.discoveryReview) { try await clusterer.review($0, $1) }
        services.unary(Methods.discoveryPurge) { request, _ in try await clusterer.purge(request) }
        // Its stores are open, or it would not be here.
        addHealth(to: &services, changes: CurrentValue(true)) { HealthResponse(status: .serving) }
        return services
    }

    /// Check tells what is; Watch tells it again each time it changes.
    ///
    /// - Parameter changes: of what the health follows from.
    private static func addHealth<State: Sendable & Equatable>(
        to services: inout ServiceTable,
        changes: CurrentValue<State>,
        _ health: @escaping @Sendable () async -> HealthResponse,
    ) {
        services.unary(Methods.healthCheck) { _, _ in await health() }
        services.serverStream(Methods.healthWatch) { _, writer, _ in
            var last: HealthResponse?
            for await _ in changes.values() {
                let now = await health()
                if now != last { try await writer.send(now) }
                last = now
            }
        }
    }
}

extension StatsResponse {
    /// Without verticals that the caller's key may not see.
    fileprivate func limited(to verticals: Set<Vertical>?) -> StatsResponse {
        guard let verticals else { return self }
        var limited = self
        limited.verticals.removeAll { !verticals.contains($0.vertical) }
        return limited
    }
}
