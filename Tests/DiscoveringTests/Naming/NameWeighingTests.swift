import Core
import Models
import Synchronization
import Testing

@testable import Discovering

/// Knows vectors of some names, and counts how often it was asked; no language model.
private final class NameVectors: DiscoveryEngines {
    private let vectors: [String: [Float]]
    private let failure: SwitchboardError?
    private let calls = Mutex(0)

    init(_ vectors: [String: [Float]], failure: SwitchboardError? = nil) {
        self.vectors = vectors
        self.failure = failure
    }

    var asked: Int { calls.withLock { $0 } }
    var encoder: ModelID? { nil }

    func encode(_ texts: [UtteranceText]) async throws(SwitchboardError) -> [[Float]] {
        calls.withLock { $0 += 1 }
        if let failure { throw failure }
        return texts.map { vectors[$0.value] ?? [0, 1, 0] }
    }

    func score(_ input: ScoringInput) async throws(SwitchboardError) -> ScoringOutput? { nil }

    func judge(_ utterances: [UtteranceText]) async throws(SwitchboardError) -> EngineAnswer<Double>? { nil }

    func name(
        _ utterances: [UtteranceText],
        words: [String],
        taken: [String],
    ) async throws(SwitchboardError) -> EngineAnswer<String>? { nil }
}

@Suite struct NameWeighingTests {
    private static func candidate(_ label: String, weight: Double = 1) -> NameCandidate {
        NameCandidate(label: label, words: label.split(separator: "-").count - 1, weight: weight)
    }

    /// The nearest to the own middle, and one that is farther from it but from the rival too.
    private static let near = [candidate("pay-bill"), candidate("settle-bill")]
    private static let vectors: [[Float]] = [[0.8, 0.6, 0], [0.6, 0, 0.8]]

    @Test func rivalsSetNamesApart() {
        let alone = NameWeighing(middles: [[1, 0, 0]])
        #expect(alone.labels(Self.near, Self.vectors, of: 0) == ["pay-bill", "settle-bill"])
        let rivalled = NameWeighing(middles: [[1, 0, 0], [0, 1, 0]])
        #expect(rivalled.labels(Self.near, Self.vectors, of: 0) == ["settle-bill", "pay-bill"])
        let named = NameWeighing(middles: [[1, 0, 0]], others: [[0, 1, 0]])
        #expect(named.labels(Self.near, Self.vectors, of: 0) == ["settle-bill", "pay-bill"])
    }

    @Test func theFiveNearestRivalsCountInTheMean() {
        // The nearest alone would turn the order.
        let far: [[Float]] = Array(repeating: [-1, 0, 0], count: 4)
        let weighing = NameWeighing(middles: [[1, 0, 0], [0, 1, 0]] + far)
        #expect(weighing.labels(Self.near, Self.vectors, of: 0) == ["pay-bill", "settle-bill"])
    }

    @Test func heavyWordsAndThenTheAlphabetDecideBetweenEquals() {
        let weighing = NameWeighing(middles: [[1, 0, 0], [0, 1, 0]])
        let same: [[Float]] = [[0, 0, 1], [0, 0, 1], [0, 0, 1]]
        let candidates = [Self.candidate("get-b"), Self.candidate("get-a"), Self.candidate("get-c", weight: 2)]
        #expect(weighing.labels(candidates, same, of: 0) == ["get-c", "get-a", "get-b"])
    }

    @Test func vectorsOfAnotherEncoderWeighNothing() {
        let weighing = NameWeighing(middles: [[1, 0, 0], nil])
        #expect(weighing.knows(0) && !weighing.knows(1))
        #expect(weighing.labels(Self.near, [[1, 0], [0, 1]], of: 0).isEmpty)
        #expect(weighing.labels(Self.near, [[1, 0, 0]], of: 0).isEmpty)
        #expect(weighing.labels(Self.near, [[1, 0, 0], [0, 0, 0]], of: 0).isEmpty)
        #expect(weighing.labels(Self.near, Self.vectors, of: 1).isEmpty)
    }

    // MARK: By the namer

    private static func clusters() throws -> [NamedCluster] {
        var clusters = try NamingTexts.clusters()
        let middles: [[Float]] = [[0, 0, 1], [0, 1, 0], [1, 0, 0]]
        for (place, middle) in middles.enumerated() { clusters[place].middle = middle }
        return clusters
    }

    private static func names(
        _ engines: NameVectors,
        _ clusters: [NamedCluster],
        taken: [String] = [],
    ) async throws -> [String] {
        let names = try await ProposalNamer(engines: engines, effort: EffortCounter()).names(
            for: clusters,
            taken: taken
        )
        #expect(names.allSatisfy { $0.source == .keywords })
        return names.map(\.label)
    }

    @Test func theEncoderChoosesAmongTheClustersWords() async throws {
        let engines = NameVectors(["machine": [1, 0, 0]])
        let labels = try await Self.names(engines, Self.clusters())
        #expect(labels == ["cancel-order", "track-parcel", "machine"])
        #expect(engines.asked == 3)
        #expect(try await Self.names(engines, Self.clusters()) == labels)
    }

    @Test func aNameThatIsTakenGivesWayToTheNextBest() async throws {
        let engines = NameVectors(["machine": [1, 0, 0]])
        let labels = try await Self.names(engines, Self.clusters(), taken: ["devices/machines"])
        #expect(labels == ["cancel-order", "track-parcel", "machine-card"])
    }

    @Test func withoutEncoderOrMiddleNamesAreOfKeywords() async throws {
        let away = NameVectors([:], failure: SwitchboardError(.unavailable, "no encoder"))
        #expect(try await Self.names(away, Self.clusters()) == ["cancel-order", "track-parcel", "machine-card"])
        #expect(away.asked == 1)
        let idle = NameVectors(["machine": [1, 0, 0]])
        let labels = try await Self.names(idle, NamingTexts.clusters())
        #expect(labels == ["cancel-order", "track-parcel", "machine-card"])
        #expect(idle.asked == 0)
    }

    @Test func cancellingEndsTheNaming() async throws {
        let stopped = NameVectors([:], failure: SwitchboardError(.cancelled, "stop"))
        let clusters = try Self.clusters()
        let error = await #expect(throws: SwitchboardError.self) { _ = try await Self.names(stopped, clusters) }
        #expect(error?.code == .cancelled)
    }
}
