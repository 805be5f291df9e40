internal import Core
internal import Glibc

/// A file of lines that only grows, up to a size; then it is put aside and another begins.
///
/// Used on one thread.
struct AuditFile: Sendable {
    static let maximumBytes = 16 << 20

    let path: String
    var limit = Self.maximumBytes

    /// - Throws: `.unavailable` where it cannot be written.
    func append(_ lines: [AuditLine]) throws(SwitchboardError) {
        putAsideIfFull()
        let descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure() }
        defer { close(descriptor) }
        let bytes = lines.compactMap { try? $0.encoded() }.flatMap { Array($0.utf8) + [UInt8(ascii: "\n")] }
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else {
                if count < 0, errno == EINTR { continue }
                throw failure()
            }
            written += count
        }
    }

    private func putAsideIfFull() {
        var status = stat()
        guard stat(path, &status) == 0, Int(status.st_size) >= limit else { return }
        rename(path, path + ".1")
    }

    private func failure() -> SwitchboardError {
        SwitchboardError(.unavailable, "\(path): \(String(cString: strerror(errno)))")
    }
}
