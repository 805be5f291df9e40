package import Core
internal import Foundation
internal import Glibc

/// Where a snapshot that comes over the network is put down until it is whole: a file without a name, which is gone with
/// the last who has it open or mapped, whatever becomes of the process.
///
/// One user at a time; every call blocks for the disk.
package final class SnapshotSpool: Sendable {
    package let descriptor: Int32

    /// - Parameter folder: on a disk with room for the index; nil: what `TMPDIR` names, else `/var/tmp`.
    /// - Throws: `.unavailable` where no file can be made there.
    package init(in folder: String? = nil) throws(SwitchboardError) {
        let folder = folder ?? ProcessInfo.processInfo.environment["TMPDIR"] ?? "/var/tmp"
        var name = Array("\(folder)/switchboard-snapshot-XXXXXX".utf8CString)
        descriptor = try SnapshotWrites.checked("make a file in \(folder)") {
            name.withUnsafeMutableBufferPointer { name in
                // Not empty: it ends with a zero.
                let file = mkstemp(name.baseAddress!)
                if file >= 0 {
                    unlink(name.baseAddress!)
                    _ = fcntl(file, F_SETFD, FD_CLOEXEC)
                }
                return file
            }
        }
    }

    deinit {
        close(descriptor)
    }

    /// Adds bytes at the end.
    package func append(_ bytes: [UInt8]) throws(SwitchboardError) {
        var failure: SwitchboardError?
        bytes.withUnsafeBytes { bytes in
            do throws(SwitchboardError) {
                try SnapshotWrites.append(bytes, to: descriptor, "the snapshot that comes in")
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
    }

    /// Forgets all that was added.
    package func clear() throws(SwitchboardError) {
        try SnapshotWrites.checked("empty a file") { ftruncate(descriptor, 0) }
        try SnapshotWrites.checked("empty a file") { lseek(descriptor, 0, SEEK_SET) == 0 ? 0 : -1 }
    }
}
