import Core

@testable import Wire

extension DiscoveryAddRequest: Sampled {
    static func sample(_ generator: inout SeededGenerator) -> DiscoveryAddRequest {
        DiscoveryAddRequest(entries: generator.list(atMost: 12) { $0.poolEntry() }, pool: generator.prose(atMost: 10))
    }
}

extension DiscoveryAddResponse: Sampled {
    static func sample(_ generator: inout SeededGenerator) -> DiscoveryAddResponse {
        DiscoveryAddResponse(added: generator.number(0...Int.max), repeated: generator.number(0...1_000))
    }
}

extension DiscoveryStartRequest: Sampled {
    static func sample(_ generator: inout SeededGenerator) -> DiscoveryStartRequest {
        DiscoveryStartRequest(
            pool: generator.prose(atMost: 10),
            verticals: generator.list { $0.vertical() },
            settings: generator.discoverySettings(),
            isDryRun: generator.chance()
        )
    }
}

extension DiscoveryStartResponse: Sampled {
    static func sample(_ generator: inout SeededGenerator) -> DiscoveryStartResponse {
        DiscoveryStartResponse(run: generator.bits())
    }
}

extension DiscoveryCancelRequest: Sampled {
    static func sample(_ generator: inout SeededGenerator) -> DiscoveryCancelRequest {
        DiscoveryCancelRequest(run: generator.bits())
    }
}

extension DiscoveryCancelResponse: Sampled {
    static func sample(_ generator: inout SeededGenerator) -> DiscoveryCancelResponse { DiscoveryCancelResponse() }
}

extension DiscoveryWatchRequest: Sampled {
    static func sample(_ generator: inout SeededGenerator) -> DiscoveryWatchRequest {
        DiscoveryWatchRequest(run: generator.optional { $0.bits() })
    }
}

extension DiscoveryWatchResponse: Sampled {
    static func sample(_ generator: inout SeededGenerator) -> DiscoveryWatchResponse {
        DiscoveryWatchResponse(run: generator.bits(), progress: generator.runProgress())
    }
}

extension DiscoveryListRequest: Sampled {
    static func sample(_ generator: inout SeededGenerator) -> DiscoveryListRequest {
        DiscoveryListRequest(
            run: generator.optional { $0.bits() },
            includesHidden: generator.chance(),
            verticals: generator.list { $0.vertical() },
            limit: generator.number(1...1_000),
            after: generator.number(0...Int.max)
        )
    }
}

extension DiscoveryListResponse: Sampled {
    static func sample(_ generator: inout SeededGenerator) -> DiscoveryListResponse {
        let proposals = generator.list { $0.proposal() }
        return DiscoveryListResponse(
            proposals: proposals,
            sizes: proposals.map { _ in generator.number(0...Int.max) },
            runs: generator.list { $0.runSummary() },
            calls: proposals.map { _ in generator.number(0...Int.max) },
            conversations: proposals.map { _ in generator.number(0...1_000) },
            isMore: generator.chance()
        )
    }
}

extension DiscoveryShowRequest: Sampled {
    static func sample(_ generator: inout SeededGenerator) -> DiscoveryShowRequest {
        DiscoveryShowRequest(
            proposal: generator.bits(),
            run: generator.optional { $0.bits() },
            trajectories: generator.chance(),
            limit: generator.number(1...1_000),
            after: generator.number(0...Int.max)
        )
    }
}

extension DiscoveryShowResponse: Sampled {
    static func sample(_ generator: inout SeededGenerator) -> DiscoveryShowResponse {
        DiscoveryShowResponse(
            proposal: generator.proposal(),
            history: generator.list { $0.reviewEntry() },
            begun: generator.optional { $0.reviewEntry() },
            trajectories: generator.list { $0.trajectory() },
            size: generator.number(0...Int.max),
            calls: generator.number(0...Int.max),
            conversations: generator.number(0...1_000)
        )
    }
}

extension DiscoveryReviewRequest: Sampled {
    static func sample(_ generator: inout SeededGenerator) -> DiscoveryReviewRequest {
        DiscoveryReviewRequest(
            proposal: generator.bits(),
            action: generator.reviewAction(),
            operation: generator.bits(),
            author: generator.prose()
        )
    }
}

extension DiscoveryReviewResponse: Sampled {
    static func sample(_ generator: inout SeededGenerator) -> DiscoveryReviewResponse {
        DiscoveryReviewResponse(
            proposal: generator.proposal(),
            receipt: generator.optional { $0.position() },
            others: generator.list { $0.proposal() }
        )
    }
}

extension DiscoveryPurgeRequest: Sampled {
    static func sample(_ generator: inout SeededGenerator) -> DiscoveryPurgeRequest {
        DiscoveryPurgeRequest(PurgeRequest.sample(&generator).selection, isDryRun: generator.chance())
    }
}

extension DiscoveryPurgeResponse: Sampled {
    static func sample(_ generator: inout SeededGenerator) -> DiscoveryPurgeResponse {
        DiscoveryPurgeResponse(entries: generator.number(0...Int.max), proposals: generator.number(0...1_000))
    }
}
