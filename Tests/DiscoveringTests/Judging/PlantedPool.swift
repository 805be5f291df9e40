import Clustering
import Core
import Foundation
import Models

@testable import Discovering

/// Utterances whose intents are known: each near the middle of its intent, intents in pairs that lie close to each other.
struct PlantedPool {
    let material: Material
    let labels: [Int]
    let field: JudgedField
    let each: Int

    init(
        intents: Int = 8,
        each: Int = 40,
        noise: Double = 0.5,
        seed: UInt64 = 1,
        samples: Int = 8,
    ) throws {
        var random = SeededGenerator(seed: seed)
        let dimension = 16
        func direction() -> [Float] { (0..<dimension).map { _ in Float.random(in: -1...1, using: &random) } }
        func unit(_ vector: [Float]) -> [Float] {
            let length = vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
            return vector.map { $0 / length }
        }
        var vectors = VectorTable(dimension: dimension)
        var utterances: [DiscoveryUtterance] = []
        var labels: [Int] = []
        var base = direction()
        for intent in 0..<intents {
            if intent % 2 == 0 { base = unit(direction()) }
            let own = unit(zip(base, unit(direction())).map { $0 + 0.8 * $1 })
            for place in 0..<each {
                let off = unit(direction())
                vectors.append(unit(zip(own, off).map { $0 + Float(noise) * $1 }))
                utterances.append(
                    DiscoveryUtterance(text: try UtteranceText("w\(intent) v\(place)"), vertical: .default)
                )
                labels.append(intent)
            }
        }
        let material = Material(utterances: utterances, vectors: vectors)
        self.material = material
        self.labels = labels
        self.each = each
        let lists = NeighbourLists(of: vectors, k: 30, threads: 1, seed: 1)
        field = JudgedField(
            material: material,
            lists: lists,
            graph: NeighbourGraph(jaccardOf: lists, linked: 15),
            seed: 1,
            samples: samples,
            goodProbability: 0.5
        )
    }

    /// The rows of an intent.
    func rows(_ intent: Int) -> [Int] { Array(intent * each..<(intent + 1) * each) }

    /// Half of either kind: the first two intents apart, the others in the pairs that lie close.
    var pureAndMixed: (pure: [[Int]], mixed: [[Int]]) {
        let intents = labels.count / each
        return (
            (0..<intents / 2).map(rows),
            stride(from: intents / 2, to: intents, by: 2).map { rows($0) + rows($0 + 1) }
        )
    }

    /// Share of the commonest intent.
    func purity(_ cluster: [Int]) -> Double {
        let counts = Set(labels).sorted().map { label in cluster.count { labels[$0] == label } }
        return Double(counts.max() ?? 0) / Double(max(1, cluster.count))
    }
}

/// Knows the intents.
struct OracleJudge: ClusterJudge {
    let pool: PlantedPool
    /// Whether a cluster is good, by its purity.
    var isGood: @Sendable (Double) -> Bool = { $0 >= 0.8 }
    let effort = EffortCounter()

    var kind: DiscoverySettings.JudgeKind { .llm }

    func judge(
        _ clusters: [[Int]],
        of field: JudgedField,
        progress: @Sendable (Double) async throws -> Void,
    ) async throws -> [ClusterJudgement] {
        try await progress(1)
        for _ in clusters { effort.addCall(tokens: 1, seconds: 0) }
        return clusters.map { cluster in
            let passes = isGood(pool.purity(cluster))
            return ClusterJudgement(probability: passes ? 0.95 : 0.05, low: 0, high: 1, isGood: passes)
        }
    }
}

/// Answers by the intents that the texts' first words name.
struct PlantedEngines: DiscoveryEngines {
    var scores = true
    var judges = true
    /// Of texts that have these first words nothing is said.
    var unanswered: Set<String> = []

    var encoder: ModelID? { nil }

    func encode(_ texts: [UtteranceText]) async throws(SwitchboardError) -> [[Float]] {
        throw SwitchboardError(.unavailable, "there is no encoder here")
    }

    /// From e^0 for a candidate whose exemplars all have the sentence's intent to e^-3 for one without any.
    func score(_ input: ScoringInput) async throws(SwitchboardError) -> ScoringOutput? {
        let own = Self.intent(input.text)
        guard scores, !unanswered.contains(own) else { return nil }
        let logs = input.candidates.map { (candidate: IntentPath) -> Double in
            let shown = input.pairs.filter { $0.intent == candidate }
            let fitting = shown.count { Self.intent($0.query) == own }
            return 3 * Double(fitting) / Double(max(1, shown.count)) - 3
        }
        return ScoringOutput(logProbabilities: logs, promptTokens: 10, isTruncated: false)
    }

    func judge(_ utterances: [UtteranceText]) async throws(SwitchboardError) -> EngineAnswer<Double>? {
        let intents = utterances.map(Self.intent)
        guard judges, unanswered.isDisjoint(with: intents) else { return nil }
        let most = Set(intents).sorted().map { intent in intents.count { $0 == intent } }.max() ?? 0
        return EngineAnswer(value: Double(most) / Double(max(1, intents.count)), tokens: 20, seconds: 0.5)
    }

    func name(
        _ utterances: [UtteranceText],
        words: [String],
        taken: [String],
    ) async throws(SwitchboardError) -> EngineAnswer<String>? { nil }

    private static func intent(_ text: UtteranceText) -> String {
        String(text.value.prefix { $0 != " " })
    }
}
