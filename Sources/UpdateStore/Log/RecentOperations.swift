internal import Core

/// The operations committed last, kept in memory so that followers who are up to date read nothing from the disk.
///
/// Their limit is in bytes of memory: the record of a removal is some 90 bytes long as encoded, and takes six times as
/// much here.
struct RecentOperations: Sendable {
    /// What a record takes beside its encoded bytes: its value, whatever the kind of fact, and the heads and the rounding
    /// of its strings and arrays. These are 130 bytes of a removal and 220 of an exemplar with a vector, as measured.
    private static let bytesBesideEncoded = MemoryLayout<LogRecord>.stride + 192

    private let maximumBytes: Int
    /// In order, without a gap.
    private var operations: [CommittedOperation] = []
    /// That they take in memory, about.
    private var bytes = 0

    /// - Parameter maximumBytes: of memory.
    init(maximumBytes: Int) {
        self.maximumBytes = maximumBytes
    }

    /// Drops the oldest while there is more than the limit; one operation stays in any case.
    mutating func append(_ new: [CommittedOperation]) {
        operations += new
        bytes += new.reduce(0) { $0 + Self.memory(of: $1) }
        var dropped = 0
        while bytes > maximumBytes, dropped < operations.count - 1 {
            bytes -= Self.memory(of: operations[dropped])
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
    /// - Parameter limit: of the records as encoded.
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

    private static func memory(of operation: CommittedOperation) -> Int {
        operation.bytes + operation.records.count * bytesBesideEncoded
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
