package import Core
internal import Foundation
internal import Glibc

/// The snapshots of a data directory: files `SEQ.snapshot`, each written whole or not at all.
///
/// A value that knows a path; every call blocks for the disk. It does not look into the files.
package struct SnapshotFolder: Sendable {
    /// So many of the newest are kept: the older one is there where the newest turns out to be damaged.
    package static let kept = 2
    private static let ending = ".snapshot"

    private let path: String

    /// - Parameter path: of a folder that is there.
    package init(_ path: String) {
        self.path = path
    }

    package func path(of sequence: LogSequence) -> String { "\(path)/\(sequence)\(Self.ending)" }

    /// The records that the snapshots were taken at, newest first.
    package func sequences() -> [LogSequence] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        return names.compactMap { name in
            guard name.hasSuffix(Self.ending) else { return nil }
            return UInt64(name.dropLast(Self.ending.count)).map { LogSequence($0) }
        }.sorted(by: >)
    }

    /// Writes a snapshot beside the others and then gives it its name, so that whoever finds one finds it whole, also
    /// after a power cut. Of those before it only the newest stays.
    ///
    /// - Parameter body: hands its argument the file's bytes, in order.
    /// - Throws: `.resourceExhausted` on a full disk, `.unavailable` where it cannot be written, and what `body` throws.
    package func write(
        _ sequence: LogSequence,
        _ body: (@escaping (UnsafeRawBufferPointer) throws(SwitchboardError) -> Void) throws(SwitchboardError) -> Void,
    ) throws(SwitchboardError) {
        let unfinished = path(of: sequence) + ".tmp"
        let file = try SnapshotWrites.open(unfinished, O_WRONLY | O_CREAT | O_TRUNC)
        do throws(SwitchboardError) {
            defer { close(file) }
            try body { (bytes) throws(SwitchboardError) in try SnapshotWrites.append(bytes, to: file, unfinished) }
            try SnapshotWrites.checked("fsync \(unfinished)") { fsync(file) }
        } catch {
            unlink(unfinished)
            throw error
        }
        try SnapshotWrites.checked("rename \(unfinished)") { rename(unfinished, path(of: sequence)) }
        try syncFolder()
        // One of later records is of another history: whoever restored a log may want it yet.
        for old in sequences().filter({ $0 <= sequence }).dropFirst(Self.kept) { discard(old) }
    }

    /// Deletes one; whoever has it mapped goes on reading it.
    package func discard(_ sequence: LogSequence) { unlink(path(of: sequence)) }

    /// Deletes what a process left that was killed while it wrote.
    package func discardUnfinished() {
        for name in (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? [] where name.hasSuffix(".tmp") {
            unlink("\(path)/\(name)")
        }
    }

    /// Runs what reads or writes snapshots on a thread of Dispatch's, away from Swift's pool.
    package static func blocking<Result: Sendable>(
        _ work: @escaping @Sendable () throws(SwitchboardError) -> Result
    ) async throws(SwitchboardError) -> Result {
        do {
            return try await StoreFile.blocking { try work() }
        } catch let error as SwitchboardError {
            throw error
        } catch {
            throw SwitchboardError(.internal, "a snapshot cannot be read", cause: error)
        }
    }

    private func syncFolder() throws(SwitchboardError) {
        let folder = try SnapshotWrites.open(path, O_RDONLY)
        defer { close(folder) }
        try SnapshotWrites.checked("fsync \(path)") { fsync(folder) }
    }
}
