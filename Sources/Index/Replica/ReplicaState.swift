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
    var digest = StateDigest()
    var taxonomy = Taxonomy()
    var policies: [PolicyScope: ScopedPolicy] = [:]
    /// The live exemplars.
    var exemplars: TreeDictionary<ExemplarID, RowPlace> = [:]
    /// In the order in which the log brought their first exemplar.
    var verticals: [VerticalIndex] = []
    var verticalPlaces: [Vertical: Int] = [:]
    /// Every encoder that the log has named.
    var encoders: [ModelID] = []
    /// Live exemplars of each of them.
    var encoderCounts: [Int] = []

    init(log: LogID, settings: IndexSettings) {
        self.settings = settings
        position = LogPosition(log: log, sequence: .start)
    }

    func vector(at place: RowPlace) -> [Float] {
        // The pointer is valid while this value is held, which outlives the copy.
        Array(UnsafeBufferPointer(start: verticals[place.vertical].vector(of: place.row), count: settings.dimension))
    }
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
