internal import Core
internal import HashTreeCollections

/// Everything that a replica knows, as a value that is folded from the log's records: the same at equal sequence, but
/// for the graphs that have been built.
///
/// Copies share their parts; a change copies the parts that it touches, none of which grows with the index but for one
/// bit and a few bytes a row.
struct ReplicaState: Sendable {
    let settings: IndexSettings
    var position: LogPosition
    /// The sum of the terms of intents, policies and keys.
    var names = StateDigest()
    var taxonomy = Taxonomy()
    var policies: [PolicyScope: ScopedPolicy] = [:]
    /// They change no answer here, but the digest.
    var keys = KeyRegister()
    /// What is searched.
    var serving = VectorGeneration(number: 0)
    /// What is to be searched once models are switched, as far as there are vectors; nil: no change is under way.
    var next: VectorGeneration?
    var generationsMade = 0

    init(log: LogID, settings: IndexSettings) {
        self.settings = settings
        position = LogPosition(log: log, sequence: .start)
    }

    var digest: StateDigest {
        var digest = names
        digest.add(serving.digest.sum)
        return digest
    }

    /// Vectors and what goes with them, of what serves and of what is to.
    var generations: [VectorGeneration] { [serving] + (next.map { [$0] } ?? []) }

    // What serves, for readers.
    var exemplars: TreeDictionary<ExemplarID, RowPlace> { serving.exemplars }
    var verticals: [VerticalIndex] { serving.verticals }
    var verticalPlaces: [Vertical: Int] { serving.verticalPlaces }

    func vector(at place: RowPlace) -> [Float] { serving.vector(at: place) }
}

/// Where an exemplar's row is.
struct RowPlace: Sendable, Hashable {
    private let verticalPlace: UInt32
    private let rowNumber: UInt32

    init(vertical: Int, row: Int) {
        verticalPlace = UInt32(vertical)
        rowNumber = UInt32(row)
    }

    /// In the replica's list of verticals.
    var vertical: Int { Int(verticalPlace) }
    var row: Int { Int(rowNumber) }
}

/// A policy and the record that set it.
struct ScopedPolicy: Sendable, Hashable {
    let policy: Policy
    let sequence: LogSequence
}
