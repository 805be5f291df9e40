internal import Core

/// The live exemplars of a vertical as a snapshot holds them, in the order in which their rows came.
///
/// May be walked through slowly, from any one thread at a time; meanwhile it holds the snapshot.
package struct ExemplarSequence: Sequence, IteratorProtocol, Sendable {
    private let snapshot: ReplicaSnapshot
    private let verticalPlace: Int?
    private var row = 0

    init(of vertical: Vertical, in snapshot: ReplicaSnapshot) {
        self.snapshot = snapshot
        verticalPlace = snapshot.state.verticalPlaces[vertical]
    }

    package mutating func next() -> StoredExemplar? {
        guard let verticalPlace else { return nil }
        let live = snapshot.state.verticals[verticalPlace].live
        while row < live.count {
            defer { row += 1 }
            if live[row] { return snapshot.stored(at: RowPlace(vertical: verticalPlace, row: row)) }
        }
        return nil
    }
}
