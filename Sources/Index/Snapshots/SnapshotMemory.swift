package import Core
internal import Glibc

/// The bytes of a snapshot: a file that is mapped, or a copy in memory. They never change and stay where they are until
/// the last reference goes; the file may be deleted meanwhile, but not be cut.
package final class SnapshotMemory: @unchecked Sendable {
    // Unchecked: the bytes are written before the value is made and only read afterwards.

    package let count: Int
    let base: UnsafeMutableRawPointer
    private let isMapped: Bool

    /// Maps a whole file that is open; its descriptor may be closed afterwards.
    ///
    /// - Throws: `.dataLoss` for an empty file, `.unavailable` where the system cannot map it.
    package init(mapping descriptor: Int32) throws(SwitchboardError) {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw Self.failed("be looked at") }
        guard status.st_size > 0 else { throw .brokenSnapshot("it is empty") }
        let bytes = Int(status.st_size)
        // -1 is how the call says that it failed.
        guard let start = mmap(nil, bytes, PROT_READ, MAP_SHARED, descriptor, 0), Int(bitPattern: start) != -1 else {
            throw Self.failed("be mapped")
        }
        count = bytes
        base = start
        isMapped = true
    }

    package convenience init(mappingFile path: String) throws(SwitchboardError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Self.failed("be opened") }
        defer { close(descriptor) }
        try self.init(mapping: descriptor)
    }

    package init(copying bytes: some Collection<UInt8>) {
        count = bytes.count
        isMapped = false
        base = .allocate(byteCount: max(bytes.count, 1), alignment: SnapshotFormat.alignment)
        UnsafeMutableRawBufferPointer(start: base, count: bytes.count).copyBytes(from: bytes)
    }

    deinit {
        if isMapped {
            munmap(base, count)
        } else {
            base.deallocate()
        }
    }

    /// Valid while the memory is held.
    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: count) }

    private static func failed(_ what: String) -> SwitchboardError {
        SwitchboardError(.unavailable, "the snapshot's file cannot \(what): \(String(cString: strerror(errno)))")
    }
}

extension SnapshotMemory {
    /// Copies a part; on a mapped file it waits for the disk.
    package func copy(from offset: Int, atMost count: Int) -> [UInt8] {
        let end = min(offset + count, self.count)
        return offset < end ? Array(bytes[offset..<end]) : []
    }
}
