import Core

@testable import Index

extension ReplicaSnapshot {
    /// The bytes of its file.
    func fileBytes() throws -> [UInt8] {
        let collector = Collector()
        try write { (piece) throws(SwitchboardError) in collector.bytes.append(contentsOf: piece) }
        return collector.bytes
    }

    private final class Collector {
        var bytes: [UInt8] = []
    }
}

extension SnapshotContainer {
    init(_ bytes: [UInt8]) throws {
        try self.init(verifying: SnapshotMemory(copying: bytes))
    }
}
