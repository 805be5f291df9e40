internal import Core

/// The operations committed last, kept in memory so that followers who are up to date read nothing from the disk.
struct RecentOperations: Sendable {
    private let maximumBytes: Int
    /// In order, without a gap.
    private var operations: [CommittedOperation] = []
    private var bytes = 0

    init(maximumBytes: Int) {
        self.maximumBytes = maximumBytes
    }

    /// Drops the oldest while there is more than the limit; one operation stays in any case.
    mutating func append(_ new: [CommittedOperation]) {
        operations += new
        bytes += new.reduce(0) { $0 + $1.bytes }
        var dropped = 0
        while bytes > maximumBytes, dropped < operations.count - 1 {
            bytes -= operations[dropped].bytes
            dropped += 1
        }
        operations.removeFirst(dropped)
    }

    mutating func removeAll() {
        operations = []
        bytes = 0
    }

    /// What follows a place, within a limit.
    ///
    /// - Returns: nil where the place is not the end of an operation, or what follows is no longer here.
    func operations(after place: LogSequence, limit: ReadLimit) -> [CommittedOperation]? {
        guard let start = index(of: place.next) else { return nil }
        var chosen: [CommittedOperation] = []
        var records = 0
        var bytes = 0
        for operation in operations[start...] {
            records += operation.records.count
            bytes += operation.bytes
            guard chosen.isEmpty || (records <= limit.records && bytes <= limit.bytes) else { break }
            chosen.append(operation)
        }
        return chosen
    }

    private func index(of first: LogSequence) -> Int? {
        var low = 0
        var high = operations.count
        while low < high {
            let middle = (low + high) / 2
            if operations[middle].first < first { low = middle + 1 } else { high = middle }
        }
        return low < operations.count && operations[low].first == first ? low : nil
    }
}
