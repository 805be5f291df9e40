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

    /// Writes bytes to their place in the file.
    package func put(_ bytes: [UInt8], at offset: Int) throws(SwitchboardError) {
        try SnapshotWrites.checked("go to a place in a file") { lseek(descriptor, offset, SEEK_SET) == offset ? 0 : -1 }
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

    /// Forgets what was put down.
    package func clear() throws(SwitchboardError) {
        try SnapshotWrites.checked("empty a file") { ftruncate(descriptor, 0) }
    }
}
