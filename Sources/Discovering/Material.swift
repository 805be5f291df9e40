package import Clustering
package import Core

/// An utterance that a run looks at; equal texts of a vertical and a role are one.
package struct DiscoveryUtterance: Sendable, Hashable {
    package var text: UtteranceText
    package var vertical: Vertical
    package var role: Role?
    /// How often it was said, at least 1.
    package var calls: Int
    /// The conversations it was said in, with the turn's number in each, in order.
    package var places: [Place]
    package var origin: [UInt8]

    package struct Place: Sendable, Hashable {
        package var conversation: String
        /// From 0.
        package var turn: Int

        package init(conversation: String, turn: Int) {
            self.conversation = conversation
            self.turn = turn
        }
    }

    package init(
        text: UtteranceText,
        vertical: Vertical,
        role: Role? = nil,
        calls: Int = 1,
        places: [Place] = [],
        origin: [UInt8] = [],
    ) {
        self.text = text
        self.vertical = vertical
        self.role = role
        self.calls = calls
        self.places = places
        self.origin = origin
    }
}

/// Utterances with their vectors: what a run is made of, all of one vertical and one role.
package struct Material: Sendable {
    package let utterances: [DiscoveryUtterance]
    /// Of the serving encoder, a row an utterance: for the comparison with the taxonomy, merging and accepted pairs.
    package let vectors: VectorTable
    /// Tuned to this material; nil: not tuned. For partition and judge.
    package let tuned: VectorTable?

    package var clusteringVectors: VectorTable { tuned ?? vectors }

    package init(utterances: [DiscoveryUtterance], vectors: VectorTable, tuned: VectorTable? = nil) {
        precondition(vectors.count == utterances.count, "a vector an utterance")
        precondition(tuned.map { $0.count == utterances.count } ?? true, "a tuned vector an utterance")
        self.utterances = utterances
        self.vectors = vectors
        self.tuned = tuned
    }
}
