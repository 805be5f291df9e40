package import Core

/// A snapshot whose every byte has been checked against its checksums, and where its sections lie.
package struct SnapshotContainer: Sendable {
    package let memory: SnapshotMemory
    /// SHA-256 over the table with each section's SHA-256: names the contents, and tells two files of one position apart.
    package let checksum: [UInt8]
    /// In which it was written.
    let version: UInt32
    private let sections: [SnapshotFormat.Key: Range<Int>]

    /// Reads the file through, on the calling thread: about a second for a gigabyte, so not on Swift's cooperative pool.
    ///
    /// - Throws: `.dataLoss` where a byte is not what was written, `.unimplemented` for what a newer program wrote.
    package init(verifying memory: SnapshotMemory) throws(SwitchboardError) {
        let table = try SnapshotTable(memory.bytes)
        var sections: [SnapshotFormat.Key: Range<Int>] = [:]
        var end = SnapshotFormat.preambleBytes
        for index in 0..<table.count {
            let entry = try table.entry(index)
            guard entry.range.lowerBound == end else { throw .brokenSnapshot("its sections do not follow each other") }
            end = SnapshotFormat.aligned(entry.range.upperBound)
            guard end <= table.offset else { throw .brokenSnapshot("a section reaches beyond the others") }
            var hash = Hash256()
            hash.update(UnsafeRawBufferPointer(rebasing: memory.bytes[entry.range]))
            guard hash.digest() == entry.hash, memory.bytes[entry.range.upperBound..<end].allSatisfy({ $0 == 0 }) else {
                throw .brokenSnapshot("section \(index) does not match its checksum")
            }
            guard let kind = SnapshotFormat.Kind(rawValue: entry.kind) else {
                throw SwitchboardError(.unimplemented, "the snapshot has a section that only a newer version reads")
            }
            guard sections.updateValue(entry.range, forKey: SnapshotFormat.Key(kind, place: entry.place)) == nil else {
                throw .brokenSnapshot("a section comes twice")
            }
        }
        guard end == table.offset else { throw .brokenSnapshot("its table does not follow its sections") }
        self.memory = memory
        self.sections = sections
        version = table.version
        checksum = table.root
    }

    /// What a snapshot says of its own contents, without reading it through.
    ///
    /// - Throws: as `init(verifying:)`, where the end of the file is damaged or cut off.
    package static func checksum(of memory: SnapshotMemory) throws(SwitchboardError) -> [UInt8] {
        try SnapshotTable(memory.bytes).root
    }

    func reader(_ key: SnapshotFormat.Key) throws(SwitchboardError) -> SnapshotReader {
        SnapshotReader(UnsafeRawBufferPointer(rebasing: memory.bytes[try range(key)]))
    }

    /// Where in the memory a section lies.
    func range(_ key: SnapshotFormat.Key) throws(SwitchboardError) -> Range<Int> {
        guard let range = sections[key] else { throw .brokenSnapshot("section \(key.kind) is missing") }
        return range
    }

    func has(_ key: SnapshotFormat.Key) -> Bool { sections[key] != nil }

    /// In the order in which they lie.
    var keys: [SnapshotFormat.Key] {
        sections.sorted { $0.value.lowerBound < $1.value.lowerBound }.map(\.key)
    }
}

/// The table at the end of a snapshot, checked against the trailer.
private struct SnapshotTable {
    struct Entry {
        let kind: UInt32
        let place: UInt64
        let range: Range<Int>
        let hash: [UInt8]
    }

    let version: UInt32
    let offset: Int
    let count: Int
    let root: [UInt8]
    private let entries: UnsafeRawBufferPointer

    init(_ bytes: UnsafeRawBufferPointer) throws(SwitchboardError) {
        let least = SnapshotFormat.preambleBytes + SnapshotFormat.trailerBytes
        guard bytes.count >= least, bytes.starts(with: SnapshotFormat.magic) else {
            throw .brokenSnapshot("it does not begin like one")
        }
        var preamble = SnapshotReader(bytes)
        _ = try preamble.take(bytes: SnapshotFormat.magic.count)
        let version: UInt32 = try preamble.take()
        guard SnapshotFormat.readable.contains(version) else {
            let readable = SnapshotFormat.readable
            throw SwitchboardError(
                .unimplemented,
                "the snapshot has version \(version); this program reads versions \(readable.lowerBound) to "
                    + "\(readable.upperBound)"
            )
        }
        self.version = version
        let trailerStart = bytes.count - SnapshotFormat.trailerBytes
        var trailer = SnapshotReader(UnsafeRawBufferPointer(rebasing: bytes[trailerStart...]))
        offset = try trailer.takeInt()
        count = try trailer.takeInt()
        root = Array(try trailer.take(bytes: SnapshotFormat.hashBytes))
        guard try trailer.take(bytes: SnapshotFormat.endMagic.count).elementsEqual(SnapshotFormat.endMagic),
            try trailer.take(bytes: 8).allSatisfy({ $0 == 0 })
        else { throw .brokenSnapshot("its end is missing") }
        try trailer.end()
        guard offset >= SnapshotFormat.preambleBytes, offset <= trailerStart,
            count == (trailerStart - offset) / SnapshotFormat.entryBytes,
            (trailerStart - offset) % SnapshotFormat.entryBytes == 0
        else { throw .brokenSnapshot("its table is not where it should be") }
        entries = UnsafeRawBufferPointer(rebasing: bytes[offset..<trailerStart])
        var hash = Hash256()
        hash.update(UnsafeRawBufferPointer(rebasing: bytes[..<SnapshotFormat.preambleBytes]))
        hash.update(entries)
        hash.update(UnsafeRawBufferPointer(rebasing: bytes[trailerStart..<(trailerStart + 16)]))
        guard hash.digest() == root else { throw .brokenSnapshot("its table does not match its checksum") }
    }

    func entry(_ index: Int) throws(SwitchboardError) -> Entry {
        let start = index * SnapshotFormat.entryBytes
        var reader = SnapshotReader(
            UnsafeRawBufferPointer(rebasing: entries[start..<(start + SnapshotFormat.entryBytes)])
        )
        let kind: UInt32 = try reader.take()
        _ = try reader.take(UInt32.self)
        let place: UInt64 = try reader.take()
        let lower = try reader.takeInt()
        let length = try reader.takeInt()
        guard lower <= offset, length <= offset - lower else { throw .brokenSnapshot("a section is out of place") }
        return Entry(
            kind: kind,
            place: place,
            range: lower..<(lower + length),
            hash: Array(try reader.take(bytes: SnapshotFormat.hashBytes))
        )
    }
}
