package import Core
internal import HashTreeCollections

/// The index as it stood after a certain record: what one answer is made from.
///
/// Immutable; any number of threads may read one, and it holds its memory as long as it is held. Graphs that are
/// published later are not in it.
package final class ReplicaSnapshot: Sendable {
    let state: ReplicaState

    init(_ state: ReplicaState) {
        self.state = state
    }

    /// The log and the last record applied.
    package var position: LogPosition { state.position }
    package var digest: StateDigest { state.digest }
    package var taxonomy: Taxonomy { state.taxonomy }
    /// Floats of a vector.
    package var dimension: Int { state.settings.dimension }
    /// All that the log has named, in alphabetical order.
    package var verticals: [Vertical] { state.taxonomy.verticals }
    /// Live exemplars.
    package var count: Int { state.exemplars.count }

    package func count(in vertical: Vertical) -> Int {
        state.verticalPlaces[vertical].map { state.verticals[$0].liveCount } ?? 0
    }

    /// The encoders of the live exemplars, in the order in which the log named them; one, but for a time of change.
    package var encoders: [ModelID] {
        zip(state.serving.encoders, state.serving.encoderCounts).filter { $0.1 > 0 }.map(\.0)
    }

    /// The one that queries are to be encoded with: of the newest exemplar, or that the log switched to; nil: the log
    /// has named none yet.
    package var encoder: ModelID? { state.serving.encoder }

    /// The one that is to serve next, of which some exemplars have vectors; nil: no change is under way.
    package var nextEncoder: ModelID? { state.next?.encoder }

    /// A live exemplar by its id, such as `ExemplarID(vertical:text:)` gives for a text that may equal one.
    ///
    /// Disabled intents' exemplars are found too.
    package func exemplar(_ id: ExemplarID) -> StoredExemplar? {
        state.exemplars[id].map(stored)
    }

    private func stored(at place: RowPlace) -> StoredExemplar {
        let index = state.verticals[place.vertical]
        let facts = index.table[place.row]
        return StoredExemplar(
            id: facts.exemplar,
            vertical: index.vertical,
            text: facts.text,
            intent: index.intents.intent(of: facts.slot),
            encoder: state.serving.encoders[Int(facts.encoder)],
            origin: facts.origin,
            firstSequence: facts.firstSequence,
            snapshot: self,
            place: place,
        )
    }
}

/// A live exemplar of a snapshot.
package struct StoredExemplar: Sendable {
    package let id: ExemplarID
    package let vertical: Vertical
    /// Normalised.
    package let text: String
    package let intent: IntentID
    package let encoder: ModelID
    package let origin: [UInt8]
    /// Of the record that brought it.
    package let firstSequence: LogSequence
    let snapshot: ReplicaSnapshot
    let place: RowPlace

    package var vector: [Float] { snapshot.state.vector(at: place) }
}
