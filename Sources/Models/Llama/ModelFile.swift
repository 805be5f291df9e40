package import Core
internal import Glibc

/// A GGUF file that was looked at before llama.cpp gets it: it is there, it says GGUF, and its SHA-256 is known.
package struct ModelFile: Sendable {
    package let path: String
    /// SHA-256 of the bytes.
    package let digest: [UInt8]
    package let byteCount: Int

    /// Reads the whole file once.
    ///
    /// - Parameter kind: what the file is for, as it stands in messages: "encoder", "scorer", "adapter".
    /// - Throws: `.failedPrecondition` with the command that mends it.
    package init(path: String, kind: String) throws(SwitchboardError) {
        self.path = path
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            let reason = String(cString: strerror(errno))
            throw SwitchboardError(
                .failedPrecondition,
                "the \(kind) model \(path) cannot be opened (\(reason)); deploy/setup installs the models"
            )
        }
        defer { close(descriptor) }
        var hash = Hash256()
        var buffer = [UInt8](repeating: 0, count: 1 << 20)
        var count = 0
        while true {
            let got = buffer.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
            if got < 0, errno == EINTR { continue }
            guard got >= 0 else {
                let reason = String(cString: strerror(errno))
                throw SwitchboardError(.failedPrecondition, "the \(kind) model \(path) cannot be read (\(reason))")
            }
            if got == 0 { break }
            if count == 0, !buffer.prefix(got).starts(with: "GGUF".utf8) {
                throw SwitchboardError(
                    .failedPrecondition,
                    "the \(kind) model \(path) is not a GGUF file; deploy/setup installs the models"
                )
            }
            buffer.withUnsafeBytes { hash.update(UnsafeRawBufferPointer(rebasing: $0[..<got])) }
            count += got
        }
        guard count > 0 else {
            throw SwitchboardError(
                .failedPrecondition,
                "the \(kind) model \(path) is empty; deploy/setup installs the models"
            )
        }
        digest = hash.digest()
        byteCount = count
    }

    /// The file's digest as the name of a model.
    package var id: ModelID {
        ModelID(bytes: digest)!  // A SHA-256 has the 32 bytes that a model id has.
    }
}
