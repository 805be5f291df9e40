import Clustering
import Core
import Datasets
import Discovering

@testable import Evaluating

/// Labelled utterances and vectors that are made up for a test.
enum Planted {
    static func row(
        _ text: String,
        _ intent: String?,
        vertical: String? = nil,
        role: SpeakerRole? = nil,
        conversation: String? = nil,
    ) throws -> LabelledUtterance {
        LabelledUtterance(
            text: try UtteranceText(text),
            path: try intent.map { try IntentPath($0) },
            vertical: try vertical.map { try Vertical($0) },
            role: role,
            conversation: conversation,
            file: "planted",
        )
    }

    static func label(_ intent: String) throws -> NamedIntent {
        NamedIntent(vertical: .default, path: try IntentPath(intent))
    }

    /// One utterance a label, `text 0`, `text 1` and so on.
    static func set(_ labels: [String]) throws -> GoldSet {
        GoldSet(try labels.enumerated().map { try row("text \($0)", $1) })
    }

    /// Unit vectors around the axes: those of one intent are near each other, those of the next the next nearest.
    static func vectors(intents: Int, each: Int, seed: UInt64 = 1) -> VectorTable {
        var random = SeededGenerator(seed: seed)
        var table = VectorTable(dimension: intents)
        for intent in 0..<intents {
            for _ in 0..<each {
                var vector = (0..<intents).map { _ in Float.random(in: 0...0.2, using: &random) }
                vector[intent] += 1
                vector[(intent + 1) % intents] += 0.3
                let length = vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
                table.append(vector.map { $0 / length })
            }
        }
        return table
    }
}

/// Two numbers that differ by no more than rounding.
func isNear(_ left: Double?, _ right: Double) -> Bool { left.map { abs($0 - right) < 1e-9 } ?? false }
