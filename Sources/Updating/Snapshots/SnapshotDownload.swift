internal import Core
internal import Wire

/// How much of a snapshot has come, and what is asked for next: a value, so that a lost connection loses nothing.
struct SnapshotDownload: Sendable, Equatable {
    private(set) var beginning: SnapshotResponse.Beginning?
    /// Bytes from the file's beginning on.
    private(set) var received = 0

    var isWhole: Bool { received == beginning?.size }

    func request(namesOnly: Bool) -> SnapshotRequest {
        // Names are those of the head, which moves: they come whole or not at all.
        guard let beginning, !namesOnly else { return SnapshotRequest(namesOnly: namesOnly) }
        return SnapshotRequest(begun: beginning.file, offset: received)
    }

    /// A message of a stream came.
    ///
    /// - Parameter isFirst: of its stream.
    /// - Returns: whether it begins a file anew, so that what was received before counts no more.
    /// - Throws: `.dataLoss` where it does not go on where the last one ended.
    mutating func take(_ response: SnapshotResponse, isFirst: Bool) throws(SwitchboardError) -> Bool {
        var isNew = false
        if isFirst {
            guard let told = response.beginning else { throw Self.outOfPlace }
            if told != beginning || response.offset != received {
                guard response.offset == 0 else { throw Self.outOfPlace }
                beginning = told
                received = 0
                isNew = true
            }
        }
        guard let beginning, response.offset == received, response.chunk.count <= beginning.size - received else {
            throw Self.outOfPlace
        }
        received += response.chunk.count
        return isNew
    }

    private static let outOfPlace = SwitchboardError(.dataLoss, "a part of a snapshot does not follow the last")
}
