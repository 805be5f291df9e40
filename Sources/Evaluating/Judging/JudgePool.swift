internal import Clustering
internal import Core
package import Discovering

/// Labelled utterances of one set with their vectors: a pool by itself, in which clusters with known labels are cut.
package struct JudgePool: Sendable {
    package let name: String
    /// Tuned vectors, where there are any, are those that clusters are cut and judged by.
    package let material: Material
    /// Of each utterance, numbered from 0.
    package let labels: [Int]

    package init(name: String, material: Material, labels: [Int]) {
        precondition(labels.count == material.utterances.count, "a label an utterance")
        self.name = name
        self.material = material
        self.labels = labels
    }

    /// Equal texts are one utterance, with the label of the first.
    ///
    /// - Parameters:
    ///   - limit: so many utterances at most, drawn by the seed.
    ///   - tuner: makes vectors that fit these texts; nil: the encoder's alone.
    /// - Throws: what engines or tuner throw.
    package static func make(
        name: String,
        of utterances: [EvalUtterance],
        limit: Int,
        seed: UInt64,
        engines: any DiscoveryEngines,
        tuner: (any VectorTuner)?,
    ) async throws -> JudgePool {
        var random = SeededGenerator(seed: seed)
        let drawn = utterances.count > limit ? Array(utterances.shuffled(using: &random).prefix(limit)) : utterances
        var seen: Set<UtteranceText> = []
        let kept = drawn.filter { seen.insert($0.text).inserted }
        var numbers: [NamedIntent: Int] = [:]
        let labels = kept.map { utterance in
            let number = numbers[utterance.gold] ?? numbers.count
            numbers[utterance.gold] = number
            return number
        }
        let texts = kept.map(\.text)
        let rows = try await engines.encode(texts)
        guard let dimension = rows.first?.count else {
            throw SwitchboardError.invalid("\(name) holds no utterance with an intent")
        }
        let vectors = VectorTable(dimension: dimension, rows: rows)
        let tuned = try await tuner?.tune(texts: texts, vectors: vectors, seed: seed) { _ in }
        let material = Material(
            utterances: kept.map { DiscoveryUtterance(text: $0.text, vertical: $0.gold.vertical) },
            vectors: vectors,
            tuned: tuned
        )
        return JudgePool(name: name, material: material, labels: labels)
    }

    /// The same without its tuned vectors.
    var untuned: JudgePool {
        JudgePool(
            name: name,
            material: Material(utterances: material.utterances, vectors: material.vectors),
            labels: labels
        )
    }

    /// A share of the utterances, drawn by the seed: the same intents, sown more thinly.
    func thinned(to share: Double, seed: UInt64) -> JudgePool {
        guard share < 1 else { return self }
        var random = SeededGenerator(seed: seed)
        let count = Int((share * Double(labels.count)).rounded())
        let rows = labels.indices.shuffled(using: &random).prefix(count).sorted()
        return JudgePool(
            name: name,
            material: Material(
                utterances: rows.map { material.utterances[$0] },
                vectors: material.vectors.table(of: rows),
                tuned: material.tuned?.table(of: rows)
            ),
            labels: rows.map { labels[$0] }
        )
    }
}
