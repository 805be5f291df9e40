import Core

@testable import Wire

/// Valid values of discovery.
extension SeededGenerator {
    mutating func share() -> Double {
        switch number(0...3) {
        case 0: 0
        case 1: 1
        default: Double.random(in: 0...1, using: &self)
        }
    }

    mutating func poolEntry() -> PoolEntry {
        PoolEntry(
            requestID: bytes(0...64),
            text: utterance(),
            vertical: vertical(),
            role: optional { $0.element(of: Role.self) },
            conversationID: bytes(0...20),
            origin: bytes(0...20),
            reason: element(of: PoolReason.self),
            timeMicroseconds: Int64.random(in: .min ... .max, using: &self)
        )
    }

    mutating func discoverySettings() -> DiscoverySettings {
        var settings = DiscoverySettings()
        settings.method = element(of: DiscoverySettings.Method.self)
        settings.judge = element(of: DiscoverySettings.JudgeKind.self)
        settings.cut = element(of: DiscoverySettings.Cut.self)
        settings.neighbours = number(DiscoverySettings.acceptedNeighbours)
        settings.goodProbability = share()
        settings.unassignedShare = share()
        settings.rounds = number(1...DiscoverySettings.maximumRounds)
        settings.samples = number(1...DiscoverySettings.maximumSamples)
        settings.base = element(of: DiscoverySettings.Base.self)
        settings.sampling = element(of: DiscoverySettings.Sampling.self)
        settings.minimumSize = number(1...DiscoverySettings.maximumMinimumSize)
        settings.clusters = optional { $0.number(1...DiscoverySettings.maximumClusters) }
        settings.isTuned = chance()
        settings.namesByModel = chance()
        settings.seed = word()
        return settings
    }

    mutating func runProgress() -> RunProgress {
        var effort = RunEffort()
        effort.llmCalls = number(0...Int.max)
        effort.llmTokens = number(0...1_000_000)
        effort.llmSeconds = positiveDouble()
        effort.seconds = positiveDouble()
        return RunProgress(
            phase: element(of: RunProgress.Phase.self),
            fraction: share(),
            secondsLeft: optional { $0.chance() ? 0 : $0.positiveDouble() },
            effort: effort,
            note: prose()
        )
    }

    mutating func runSummary() -> RunSummary {
        RunSummary(
            run: bits(),
            pool: prose(atMost: 10),
            verticals: list { $0.vertical() },
            settings: discoverySettings(),
            startedMicroseconds: Int64.random(in: .min ... .max, using: &self),
            progress: runProgress(),
            utterances: number(0...Int.max),
            proposals: number(0...1_000),
            unclear: number(0...1_000),
            cuts: list { generator in
                CutSummary(
                    vertical: generator.vertical(),
                    role: generator.optional { $0.element(of: Role.self) },
                    cut: generator.element(of: DiscoverySettings.Cut.self),
                    clusters: generator.number(0...1_000),
                    resolution: generator.double(),
                    silhouette: generator.double()
                )
            },
            largestShare: share(),
            largestMergedShare: share()
        )
    }

    mutating func proposal() -> Proposal {
        var proposal = Proposal(
            id: bits(),
            run: bits(),
            vertical: vertical(),
            role: optional { $0.element(of: Role.self) },
            name: ProposalName(label: prose(), source: element(of: ProposalName.Source.self)),
            keywords: list { $0.prose() },
            members: list { generator in
                ProposalMember(
                    text: generator.utterance(),
                    calls: generator.number(0...1_000),
                    conversations: generator.number(0...1_000),
                    centrality: generator.double(),
                    origin: generator.bytes(0...20)
                )
            },
            judgement: ClusterJudgement(probability: share(), low: share(), high: share(), isGood: chance()),
            relation: relation(),
            continuity: continuity(),
            state: reviewState()
        )
        proposal.isRoleOfName = chance()
        return proposal
    }

    private mutating func relation() -> TaxonomyRelation {
        switch number(0...2) {
        case 0: .new
        case 1: .variant(of: path(), share: share())
        default: .split(of: path(), share: share())
        }
    }

    private mutating func continuity() -> ProposalContinuity {
        switch number(0...4) {
        case 0: .new
        case 1: .kept
        case 2: .split(from: bits())
        case 3: .merged(from: list { $0.bits() })
        default: .gone
        }
    }

    private mutating func reviewState() -> ReviewState {
        switch number(0...4) {
        case 0: .open
        case 1: .accepted(path: path(), change: bits(), at: position())
        case 2: .rejected(size: number(0...Int.max))
        case 3: .merged(into: bits())
        default: .split(into: list { $0.bits() })
        }
    }

    mutating func reviewAction() -> ReviewAction {
        switch number(0...5) {
        case 0:
            .accept(
                path: path(),
                vertical: vertical(),
                // None stands for all of them.
                texts: chance() ? nil : [utterance()] + list { $0.utterance() },
                attributes: attributes()
            )
        case 1: .reject
        case 2: .rename(nonemptyProse())
        case 3: .merge(into: bits())
        case 4: .split
        default: .undo
        }
    }

    mutating func reviewEntry() -> ReviewEntry {
        ReviewEntry(
            proposal: bits(),
            operation: bits(),
            action: reviewAction(),
            reviewer: prose(),
            timeMicroseconds: Int64.random(in: .min ... .max, using: &self),
            position: optional { $0.position() }
        )
    }

    mutating func trajectory() -> TrajectoryCount {
        TrajectoryCount(
            vertical: vertical(),
            steps: list { generator in
                TrajectoryCount.Step(
                    proposal: generator.bits(),
                    role: generator.optional { $0.element(of: Role.self) },
                    name: generator.prose()
                )
            },
            conversations: number(0...1_000_000)
        )
    }
}
