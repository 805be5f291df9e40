import Core

@testable import Wire

extension GoldenValues {
    func discovery() throws -> [String: any Sampled] {
        [
            "DiscoveryAddRequest/full": DiscoveryAddRequest(
                entries: [
                    PoolEntry(
                        requestID: Array("r-1".utf8),
                        text: text,
                        vertical: orders,
                        role: .caller,
                        conversationID: Array("c-17".utf8),
                        origin: Array("subject-4".utf8),
                        reason: .corrected,
                        timeMicroseconds: 1_700_000_000_000_000
                    ),
                    PoolEntry(text: text, vertical: devices, reason: .file, timeMicroseconds: -1),
                ],
                pool: "file-1"
            ),
            "DiscoveryAddResponse/full": DiscoveryAddResponse(added: 2, repeated: 1),
            "DiscoveryStartRequest/full": DiscoveryStartRequest(
                pool: "file-1",
                verticals: [orders],
                settings: settings,
                isDryRun: true
            ),
            "DiscoveryStartResponse/full": DiscoveryStartResponse(run: bits),
            "DiscoveryCancelRequest/full": DiscoveryCancelRequest(run: bits),
            "DiscoveryCancelResponse/empty": DiscoveryCancelResponse(),
            "DiscoveryWatchRequest/full": DiscoveryWatchRequest(run: bits),
            "DiscoveryWatchRequest/latest": DiscoveryWatchRequest(),
            "DiscoveryWatchResponse/full": DiscoveryWatchResponse(run: bits, progress: progress),
            "DiscoveryListRequest/full": DiscoveryListRequest(
                run: bits,
                includesHidden: true,
                verticals: [orders],
                limit: 20,
                after: 300
            ),
            "DiscoveryListResponse/full": DiscoveryListResponse(
                proposals: [openProposal],
                sizes: [40],
                runs: [summary],
                calls: [70],
                conversations: [60],
                isMore: true
            ),
            "DiscoveryShowRequest/full": DiscoveryShowRequest(
                proposal: otherBits,
                run: bits,
                trajectories: true,
                limit: 20,
                after: 300
            ),
            "DiscoveryShowResponse/full": DiscoveryShowResponse(
                proposal: openProposal,
                history: [
                    entry(accept, position: position), entry(.reject), entry(.rename("track-parcel")),
                    entry(.merge(into: bits)), entry(.split), entry(.undo),
                ],
                begun: entry(accept),
                trajectories: [
                    TrajectoryCount(
                        vertical: orders,
                        steps: [
                            .init(proposal: otherBits, role: .caller, name: "track-parcel"),
                            .init(proposal: bits, role: .agent, name: "answer-time"),
                        ],
                        conversations: 12
                    )
                ],
                size: 40,
                calls: 70,
                conversations: 60
            ),
            "DiscoveryReviewRequest/full": DiscoveryReviewRequest(
                proposal: otherBits,
                action: accept,
                operation: bits,
                author: "ann"
            ),
            "DiscoveryReviewResponse/full": DiscoveryReviewResponse(
                proposal: proposal(.accepted(path: late, change: bits, at: position), .kept, .new),
                receipt: position,
                others: [
                    proposal(.rejected(size: 40), .split(from: bits), .variant(of: delivery, share: 0.25)),
                    proposal(.merged(into: bits), .merged(from: [bits, otherBits]), .new),
                    proposal(.split(into: [bits, otherBits]), .gone, .new),
                ]
            ),
            "DiscoveryPurgeRequest/ids": DiscoveryPurgeRequest(.exemplars([ExemplarID(bits)]), isDryRun: true),
            "DiscoveryPurgeRequest/origin": DiscoveryPurgeRequest(.origin(Array("subject-4".utf8), in: orders)),
            "DiscoveryPurgeResponse/full": DiscoveryPurgeResponse(entries: 7, proposals: 2),
        ]
    }

    private var settings: DiscoverySettings {
        var settings = DiscoverySettings()
        settings.method = .dialIn
        settings.judge = .both
        settings.cut = .finer
        settings.neighbours = 20
        settings.goodProbability = 0.75
        settings.unassignedShare = 0
        settings.rounds = 7
        settings.samples = 12
        settings.sampling = .extreme
        settings.base = .leiden
        settings.minimumSize = 3
        settings.clusters = 40
        settings.isTuned = true
        settings.namesByModel = false
        settings.seed = 0
        return settings
    }

    private var progress: RunProgress {
        var effort = RunEffort()
        effort.llmCalls = 40
        effort.llmTokens = 5_000
        effort.llmSeconds = 12.5
        effort.seconds = 90.25
        return RunProgress(
            phase: .judging,
            fraction: 0.5,
            secondsLeft: 0,
            effort: effort,
            note: "40 of 80 clusters"
        )
    }

    private var summary: RunSummary {
        RunSummary(
            run: bits,
            pool: "file-1",
            verticals: [orders],
            settings: settings,
            startedMicroseconds: 1_700_000_000_000_000,
            progress: progress,
            utterances: 1_000,
            proposals: 30,
            unclear: 4,
            cuts: [
                CutSummary(
                    vertical: orders,
                    role: .agent,
                    cut: .coarser,
                    clusters: 20,
                    resolution: 0.5,
                    silhouette: -0.125
                )
            ],
            largestShare: 0.125,
            largestMergedShare: 0.0625
        )
    }

    private var openProposal: Proposal { proposal(.open, .new, .split(of: late, share: 0.5)) }

    private func proposal(
        _ state: ReviewState,
        _ continuity: ProposalContinuity,
        _ relation: TaxonomyRelation,
    ) -> Proposal {
        var proposal = Proposal(
            id: otherBits,
            run: bits,
            vertical: orders,
            role: .caller,
            name: ProposalName(label: "track-parcel", source: .keywords),
            keywords: ["parcel", "P\u{E4}ckchen"],
            members: [
                ProposalMember(
                    text: text,
                    calls: 3,
                    conversations: 2,
                    centrality: 0.875,
                    origin: Array("subject-4".utf8)
                )
            ],
            judgement: ClusterJudgement(probability: 0.75, low: 0.5, high: 1, isGood: true),
            relation: relation,
            continuity: continuity,
            state: state
        )
        proposal.isRoleOfName = true
        return proposal
    }

    private var accept: ReviewAction {
        .accept(path: late, vertical: orders, texts: [text], attributes: ["queue": "parcels"])
    }

    private func entry(_ action: ReviewAction, position: LogPosition? = nil) -> ReviewEntry {
        ReviewEntry(
            proposal: otherBits,
            operation: bits,
            action: action,
            reviewer: "ann",
            timeMicroseconds: 1_700_000_000_000_000,
            position: position
        )
    }
}
