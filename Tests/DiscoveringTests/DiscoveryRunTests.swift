import Clustering
import Core
import Testing

@testable import Discovering

@Suite struct DiscoveryRunTests {
    private static func run(
        _ engines: FakeEngines,
        _ settings: DiscoverySettings = .planted(),
        taxonomy: TaxonomyView = .empty,
        previous: [Proposal] = [],
    ) -> DiscoveryRun {
        DiscoveryRun(settings: settings, engines: engines, taxonomy: taxonomy, previous: previous)
    }

    @Test(.timeLimit(.minutes(1))) func proposesThePlantedIntents() async throws {
        let planted = try Planted(intents: 4, each: 24)
        let outcome = try await Self.run(FakeEngines(planted)).run(planted.utterances)
        #expect(outcome.proposals.count == 4)
        #expect(Set(outcome.proposals.map { planted.intents(of: $0) }) == [[0], [1], [2], [3]])
        #expect(outcome.proposals.map(\.members.count) == [24, 24, 24, 24])
        #expect(Set(outcome.proposals.map(\.name.label)).count == 4)
        #expect(outcome.proposals.allSatisfy { $0.relation == .new && $0.continuity == .new && $0.state == .open })
        #expect(outcome.largestShare == 0.25)
        #expect(outcome.partitions.map(\.rows) == [Array(0..<96)])
        #expect(outcome.partitions[0].partition.clusterCount == 4)
        #expect(Set(outcome.partitions[0].proposals) == Set(outcome.proposals.map { Optional($0.id) }))
        let chosen = try #require(outcome.cuts.first { $0.cut == .chosen })
        #expect(outcome.cuts.allSatisfy { $0.cut == .chosen || $0.clusters != chosen.clusters })
        // All that there were to choose from, and which of them are offered.
        #expect(outcome.sweptCuts.map(\.resolution) == PartitionSweep.resolutions)
        for cut in outcome.cuts {
            let swept = outcome.sweptCuts.filter { $0.offeredAs.contains(cut.cut) }
            #expect(swept.map(\.clusters) == [cut.clusters] && swept.map(\.silhouette) == [cut.silhouette])
        }
    }

    @Test(.timeLimit(.minutes(1))) func membersStandFromTheMiddleOutwards() async throws {
        let planted = try Planted(intents: 2, each: 12)
        let outcome = try await Self.run(FakeEngines(planted), .planted(clusters: 2)).run(planted.utterances)
        for proposal in outcome.proposals {
            let centralities = proposal.members.map(\.centrality)
            #expect(centralities == centralities.sorted(by: >))
            #expect((centralities.first ?? 0) > 0.8)
        }
        #expect(outcome.proposals.count == 2)
    }

    @Test(.timeLimit(.minutes(1))) func equalRunsGiveEqualProposals() async throws {
        let planted = try Planted(intents: 4, each: 20)
        let first = try await Self.run(FakeEngines(planted)).run(planted.utterances)
        let second = try await Self.run(FakeEngines(planted)).run(planted.utterances)
        #expect(first.proposals == second.proposals)
        #expect(first.partitions == second.partitions)
        #expect(first.trajectories == second.trajectories)
        #expect(!first.proposals.isEmpty)
    }

    @Test(.timeLimit(.minutes(2))) func goesOnFromEveryCheckpointToTheSameProposals() async throws {
        let planted = try Planted(intents: 3, each: 10)
        let settings = DiscoverySettings.planted(clusters: 3)
        let whole = MemoryCheckpoints()
        let expected = try await Self.run(FakeEngines(planted), settings).run(planted.utterances, checkpoints: whole)
        #expect(expected.proposals.count == 3)
        var interruptions = 0
        for count in 0..<32 {
            let killed = MemoryCheckpoints(killedAfter: count)
            do {
                _ = try await Self.run(FakeEngines(planted), settings).run(planted.utterances, checkpoints: killed)
                break
            } catch is MemoryCheckpoints.Killed {
                interruptions += 1
            }
            let left = MemoryCheckpoints(killed.contents)
            let engines = FakeEngines(planted)
            let outcome = try await Self.run(engines, settings).run(planted.utterances, checkpoints: left)
            #expect(outcome.proposals == expected.proposals)
            #expect(outcome.partitions == expected.partitions)
            #expect(outcome.cuts == expected.cuts && outcome.sweptCuts == expected.sweptCuts)
            // Utterances are not encoded again; names are, for the comparison of labels, and what names are chosen from
            // where there are none yet.
            if killed.contents["vectors-0"] != nil { #expect(engines.encodedUtterances == 0) }
            if killed.contents["names"] != nil { #expect(engines.encoded <= 3) }
        }
        // Vectors, partition, judgements, names, relations; the effort with each.
        #expect(interruptions >= 5)
    }

    @Test(.timeLimit(.minutes(1)), arguments: ["vectors-0", "partition-0", "judged-0", "names", "relations"])
    func aDamagedCheckpointIsWorkedOutAgain(stage: String) async throws {
        let planted = try Planted(intents: 3, each: 10)
        let settings = DiscoverySettings.planted(clusters: 3)
        let checkpoints = MemoryCheckpoints()
        let expected = try await Self.run(FakeEngines(planted), settings)
            .run(planted.utterances, checkpoints: checkpoints)
        var contents = checkpoints.contents
        var bytes = try #require(contents[stage])
        bytes[bytes.count - 1] ^= 1
        contents[stage] = bytes
        let outcome = try await Self.run(FakeEngines(planted), settings)
            .run(planted.utterances, checkpoints: MemoryCheckpoints(contents))
        #expect(outcome.proposals == expected.proposals)
    }

    @Test(.timeLimit(.minutes(1)), arguments: ["names", "relations"])
    func aStageThatGoesWithOtherClustersIsWorkedOutAgain(stage: String) async throws {
        let planted = try Planted(intents: 3, each: 10)
        let settings = DiscoverySettings.planted(clusters: 3)
        let checkpoints = MemoryCheckpoints()
        let expected = try await Self.run(FakeEngines(planted), settings)
            .run(planted.utterances, checkpoints: checkpoints)
        let store = StageStore(
            checkpoints,
            settings: settings,
            utterances: planted.utterances,
            encoder: await FakeEngines().encoder,
            runID: try #require(expected.proposals.first).run
        )
        // As of one cluster less, before a damaged stage was worked out again.
        if stage == "names" {
            var names = try #require(try await store.load(stage, as: DiscoveryRun.Names.self))
            names.names.removeLast()
            try await store.save(stage, encoding: names)
        } else {
            var relations = try #require(try await store.load(stage, as: [SavedRelation].self))
            relations.removeLast()
            try await store.save(stage, encoding: relations)
        }
        let outcome = try await Self.run(FakeEngines(planted), settings)
            .run(planted.utterances, checkpoints: checkpoints)
        #expect(outcome.proposals == expected.proposals)
    }

    @Test(.timeLimit(.minutes(1))) func checkpointsOfOtherSettingsDoNotCount() async throws {
        let planted = try Planted(intents: 4, each: 10)
        let checkpoints = MemoryCheckpoints()
        _ = try await Self.run(FakeEngines(planted), .planted(clusters: 2))
            .run(planted.utterances, checkpoints: checkpoints)
        let outcome = try await Self.run(FakeEngines(planted), .planted(clusters: 4))
            .run(planted.utterances, checkpoints: MemoryCheckpoints(checkpoints.contents))
        #expect(outcome.partitions[0].partition.clusterCount == 4)
    }

    // MARK: Small and odd inputs

    @Test(.timeLimit(.minutes(1)), arguments: [0, 1, 3]) func tooFewUtterancesEndWithAWord(count: Int) async throws {
        let planted = try Planted(intents: 1, each: max(count, 1))
        let utterances = Array(planted.utterances.prefix(count))
        let record = ProgressRecord()
        let outcome = try await Self.run(FakeEngines(planted)).run(utterances, record: record)
        #expect(outcome.proposals.isEmpty)
        #expect(outcome.partitions.flatMap(\.rows) == Array(0..<count))
        let word = count == 0 ? "no utterances" : "has \(count) different utterance"
        #expect(outcome.notes.contains { $0.contains(word) })
        #expect(record.all.last?.phase == .finished)
        #expect(record.all.last?.note.contains(word) == true)
    }

    @Test(.timeLimit(.minutes(1))) func oneTextSaidOftenIsOneUtterance() async throws {
        let planted = try Planted(intents: 1, each: 1)
        let utterances = [DiscoveryUtterance](repeating: planted.utterances[0], count: 40)
        let outcome = try await Self.run(FakeEngines(planted)).run(utterances)
        #expect(outcome.proposals.isEmpty)
        #expect(outcome.partitions.map(\.rows) == [Array(0..<40)])
        #expect(outcome.partitions[0].partition.clusterCount == 1)
        #expect(outcome.notes.contains { $0.contains("has 1 different utterance,") })
    }

    @Test(.timeLimit(.minutes(1))) func whatNoVectorTellsApartIsOneCluster() async throws {
        let planted = try Planted(intents: 1, each: 12, spread: 0)
        let outcome = try await Self.run(FakeEngines(planted)).run(planted.utterances)
        #expect(outcome.proposals.map(\.members.count) == [12])
        #expect(outcome.largestShare == 1)
    }

    @Test(.timeLimit(.minutes(1))) func whatHasNothingInCommonEndsWithoutATrap() async throws {
        let planted = try Planted(intents: 8, each: 1, spread: 0)
        let outcome = try await Self.run(FakeEngines(planted)).run(planted.utterances)
        #expect(outcome.partitions.flatMap(\.rows) == Array(0..<8))
        #expect(!outcome.notes.isEmpty || !outcome.proposals.isEmpty)
    }

    @Test(.timeLimit(.minutes(1))) func mixedLanguagesAreSpokenOf() async throws {
        let planted = try Planted(intents: 1, each: 8)
        let greek = try (0..<8).map {
            DiscoveryUtterance(text: try UtteranceText("θέλω να ακυρώσω την παραγγελία \($0)"), vertical: .default)
        }
        let outcome = try await Self.run(FakeEngines(planted), .planted(clusters: 2)).run(planted.utterances + greek)
        #expect(outcome.notes.contains { $0.contains("50 % Latin, 50 % Greek") })
    }

    // MARK: Groups

    @Test(.timeLimit(.minutes(1))) func verticalsAndRolesAreClusteredApart() async throws {
        let shop = try Vertical("shop")
        let callers = try Planted(intents: 2, each: 8, vertical: shop, role: .caller)
        let agents = try Planted(intents: 2, each: 8, vertical: shop, role: .agent)
        let others = try Planted(intents: 2, each: 8)
        let all = others.utterances + agents.utterances + callers.utterances
        let outcome = try await Self.run(FakeEngines(callers, agents, others), .planted(clusters: 2)).run(all)
        #expect(outcome.partitions.map(\.vertical) == [.default, shop, shop])
        #expect(outcome.partitions.map(\.role) == [nil, .caller, .agent])
        #expect(outcome.proposals.count == 6)
        for proposal in outcome.proposals {
            let texts = Set(proposal.members.map(\.text))
            let isOfOne = [callers, agents, others].filter { planted in
                !texts.isDisjoint(with: planted.utterances.map(\.text))
            }
            #expect(isOfOne.count == 1)
        }
    }

    @Test(.timeLimit(.minutes(1))) func rankedByCallsThenConversations() async throws {
        var planted = try Planted(intents: 3, each: 8).utterances
        for row in planted.indices {
            // The second is said most; the third in one conversation, the first in eight.
            if row / 8 == 1 { planted[row].calls = 3 }
            if row / 8 == 2 { planted[row].places = [.init(conversation: "one", turn: row)] }
        }
        let engines = FakeEngines(try Planted(intents: 3, each: 8))
        let outcome = try await Self.run(engines, .planted(clusters: 3)).run(planted)
        let first = outcome.proposals.map { proposal in proposal.members.map(\.text.value).min() ?? "" }
        #expect(first.map { $0.contains("track parcel") } == [true, false, false])
        #expect(first.map { $0.contains("cancel order") } == [false, true, false])
        #expect(outcome.proposals.map(\.calls) == [24, 8, 8])
    }

    @Test(.timeLimit(.minutes(1))) func commonPathsOfConversationsAreCounted() async throws {
        // Eight conversations, each through both intents in their order.
        let planted = try Planted(intents: 2, each: 8)
        let outcome = try await Self.run(FakeEngines(planted), .planted(clusters: 2)).run(planted.utterances)
        let path = outcome.proposals.sorted { planted.intents(of: $0)[0] < planted.intents(of: $1)[0] }
        #expect(outcome.trajectories.count == 1)
        #expect(outcome.trajectories.first?.conversations == 8)
        #expect(outcome.trajectories.first?.steps.map(\.proposal) == path.map(\.id))
    }

    // MARK: Later runs

    @Test(.timeLimit(.minutes(1))) func idsAndNamesOutliveGrowth() async throws {
        let before = try Planted(intents: 2, each: 8)
        let first = try await Self.run(FakeEngines(before), .planted(clusters: 2)).run(before.utterances)
        let after = try Planted(intents: 3, each: 12)
        var renamed = first.proposals
        renamed[0].name = ProposalName(label: "stop-order", source: .reviewer)
        let second = try await DiscoveryRun(
            settings: .planted(clusters: 3),
            engines: FakeEngines(after),
            taxonomy: .empty,
            previous: renamed
        ).run(after.utterances, runID: Bits128(78), checkpoints: NoCheckpoints()) { _ in }
        for proposal in renamed {
            let kept = try #require(second.proposals.first { $0.id == proposal.id })
            #expect(kept.name == proposal.name)
            #expect(kept.continuity == .kept)
            #expect(kept.members.count == 12)
            #expect(kept.run == Bits128(78))
        }
        #expect(second.proposals.filter { $0.continuity == .new }.map { after.intents(of: $0) } == [[2]])
    }

    @Test(.timeLimit(.minutes(1))) func aNameThatAnIntentOrAnotherProposalHasIsNotKept() async throws {
        let planted = try Planted(intents: 3, each: 8)
        let first = try await Self.run(FakeEngines(planted), .planted(clusters: 3)).run(planted.utterances)
        var earlier = first.proposals
        // What a reviewer called one stays, though there is an intent of that name; another one of the name does not.
        earlier[1].name.source = .reviewer
        earlier[2].name = ProposalName(label: earlier[1].name.label, source: .keywords)
        let text = try UtteranceText("hello")
        let exemplars = try earlier.prefix(2).map { proposal in
            FixedTaxonomy.Exemplar(
                vertical: .default,
                path: try IntentPath(levels: ["known", proposal.name.label]),
                text: text,
                vector: Planted.vector(of: text)
            )
        }
        let run = Self.run(
            FakeEngines(planted),
            .planted(clusters: 3),
            taxonomy: FixedTaxonomy(exemplars).view,
            previous: earlier
        )
        let found = try await run.run(planted.utterances).proposals
        #expect(found.allSatisfy { $0.continuity == .kept } && Set(found.map(\.id)) == Set(earlier.map(\.id)))
        #expect(Set(found.map(\.name.label)).count == 3)
        for (place, proposal) in earlier.enumerated() {
            let name = try #require(found.first { $0.id == proposal.id }).name
            #expect((name.label == proposal.name.label) == (place == 1))
            #expect(name.source == proposal.name.source)
        }
    }

    @Test(.timeLimit(.minutes(1))) func whatIsNotFoundAgainIsGone() async throws {
        let both = try Planted(intents: 2, each: 8)
        let first = try await Self.run(FakeEngines(both), .planted(clusters: 2)).run(both.utterances)
        let one = Array(both.utterances.prefix(8))
        let second = try await Self.run(FakeEngines(both), .planted(clusters: 1), previous: first.proposals).run(one)
        #expect(second.proposals.map(\.continuity) == [.kept, .gone])
        #expect(Set(second.proposals.map(\.id)) == Set(first.proposals.map(\.id)))
        #expect(second.notes.contains("1 proposal of an earlier run was not found again."))
    }

    // MARK: Watching and ending

    @Test(.timeLimit(.minutes(1))) func progressNeverFallsAndEndsFinished() async throws {
        let planted = try Planted(intents: 3, each: 10)
        let record = ProgressRecord()
        _ = try await Self.run(FakeEngines(planted), .planted(clusters: 3)).run(planted.utterances, record: record)
        let fractions = record.all.map(\.fraction)
        #expect(fractions == fractions.sorted())
        #expect(fractions.last == 1)
        let order: [RunProgress.Phase] = [.encoding, .clustering, .judging, .naming, .merging, .comparing, .finished]
        var phases: [RunProgress.Phase] = []
        for word in record.all where phases.last != word.phase { phases.append(word.phase) }
        #expect(phases == order)
        #expect(record.all.allSatisfy { !$0.note.contains("case") })
    }

    @Test(.timeLimit(.minutes(1))) func endsWhenItsTaskIsCancelled() async throws {
        let planted = try Planted(intents: 2, each: 8)
        let (began, continuation) = AsyncStream.makeStream(of: Void.self)
        let task = Task {
            try await Self.run(FakeEngines(planted, isStuck: true))
                .run(planted.utterances, runID: Bits128(1), checkpoints: NoCheckpoints()) { _ in continuation.yield() }
        }
        for await _ in began { break }
        task.cancel()
        let result = await task.result
        #expect(throws: (any Error).self) { _ = try result.get() }
    }

    @Test(.timeLimit(.minutes(1))) func modelCallsAreCounted() async throws {
        let planted = try Planted(intents: 2, each: 8)
        let labels = Dictionary(
            uniqueKeysWithValues: planted.utterances.indices.map { row in
                (planted.utterances[row].text, planted.intents[row] == 0 ? "cancel-order" : "track-parcel")
            }
        )
        let engines = FakeEngines(planted, labels: labels)
        let outcome = try await Self.run(engines, .planted(clusters: 2)).run(planted.utterances)
        #expect(Set(outcome.proposals.map(\.name.label)) == ["cancel-order", "track-parcel"])
        #expect(outcome.proposals.allSatisfy { $0.name.source == .model })
        #expect(outcome.effort.llmCalls == engines.named)
        #expect(outcome.effort.llmTokens == 20 * engines.named)
        #expect(outcome.effort.llmSeconds == 0.5 * Double(engines.named))
    }

    @Test(.timeLimit(.minutes(1)), arguments: [DiscoverySettings.JudgeKind.scorer, .both, .llm, .vectors])
    func aRunSaysThatNoLanguageModelJudged(kind: DiscoverySettings.JudgeKind) async throws {
        let planted = try Planted(intents: 3, each: 10)
        var settings = DiscoverySettings.planted(clusters: 3)
        settings.judge = kind
        let checkpoints = MemoryCheckpoints()
        let run = Self.run(FakeEngines(planted), settings)
        let outcome = try await run.run(planted.utterances, checkpoints: checkpoints)
        let said = outcome.notes.filter { $0.contains("judged by the vectors, since no language model") }
        let clusters = outcome.partitions[0].partition.clusterCount
        let words = "\(clusters) of \(clusters) clusters were judged by the vectors"
        #expect(said.count == (kind == .vectors ? 0 : 1) && said.allSatisfy { $0.hasPrefix(words) })
        // A run that goes on says it too.
        let again = try await run.run(planted.utterances, checkpoints: MemoryCheckpoints(checkpoints.contents))
        #expect(again.notes == outcome.notes)
    }

    @Test(.timeLimit(.minutes(1))) func tuningNeedsATuner() async throws {
        let planted = try Planted(intents: 1, each: 8)
        var settings = DiscoverySettings.planted()
        settings.isTuned = true
        await #expect(throws: SwitchboardError.self) {
            _ = try await Self.run(FakeEngines(planted), settings).run(planted.utterances)
        }
    }

    @Test(.timeLimit(.minutes(1)), arguments: [true, false])
    func tunedVectorsPartition(areServingOnes: Bool) async throws {
        struct Halves: VectorTuner {
            let axes: [Int]
            let areServingOnes: Bool

            func tunes(_ encoder: ModelID) -> Bool { areServingOnes }

            func tune(
                texts: [UtteranceText],
                vectors: VectorTable,
                seed: UInt64,
                progress: @escaping @Sendable (Double) async -> Void,
            ) async throws -> VectorTable {
                await progress(1)
                return VectorTable(
                    dimension: Planted.dimension,
                    rows: zip(texts, axes).map { Planted.vector(around: $1, spread: 0.2, of: $0) }
                )
            }
        }
        // One intent for the encoder, two once they are tuned.
        let planted = try Planted(intents: 1, each: 16)
        var settings = DiscoverySettings.planted(clusters: 2)
        settings.isTuned = true
        let run = DiscoveryRun(
            settings: settings,
            engines: FakeEngines(planted),
            taxonomy: .empty,
            previous: [],
            tuner: Halves(axes: (0..<16).map { $0 < 8 ? 3 : 5 }, areServingOnes: areServingOnes)
        )
        let outcome = try await run.run(planted.utterances)
        let clusters = outcome.partitions[0].partition.clusters
        #expect(clusters == [Int](repeating: 0, count: 8) + [Int](repeating: 1, count: 8))
        #expect(outcome.notes.contains { $0.contains("and not of the encoder that serves") } == !areServingOnes)
    }
}
