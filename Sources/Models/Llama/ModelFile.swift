package import Core
internal import Glibc

/// A GGUF file that was looked at before llama.cpp gets it: it is there, it says GGUF, and its SHA-256 is known.
package struct ModelFile: Sendable {
    /// What a file is for.
    package enum Kind: Sendable {
        case encoder, scorer, adapter
        /// An encoder that somebody else made, to take the place of the one that serves.
        case ownEncoder

        /// As it stands in messages.
        var name: String {
            switch self {
            case .encoder, .ownEncoder: "encoder model"
            case .scorer: "scorer model"
            case .adapter: "adapter"
            }
        }

        /// What to do about a file that is missing or damaged.
        var remedy: String {
            switch self {
            case .encoder, .scorer: "run deploy/setup, which installs the models"
            case .ownEncoder: "name a GGUF file of a sentence encoder that the node can read, by its whole path"
            case .adapter: "give the file that training wrote, or go without"
            }
        }
    }

    package let path: String
    package let kind: Kind
    /// SHA-256 of the bytes.
    package let digest: [UInt8]
    package let byteCount: Int

    /// Reads the whole file once.
    ///
    /// - Throws: `.failedPrecondition` with what mends it.
    package init(path: String, kind: Kind) throws(SwitchboardError) {
        self.path = path
        self.kind = kind
        // A pipe or a device is not to be waited for.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            throw Self.unusable(path, kind, "cannot be opened: \(String(cString: strerror(errno)))")
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw Self.unusable(path, kind, "is no ordinary file")
        }
        var hash = Hash256()
        var buffer = [UInt8](repeating: 0, count: 1 << 20)
        var count = 0
        while true {
            let got = buffer.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
            if got < 0, errno == EINTR { continue }
            guard got >= 0 else {
                throw Self.unusable(path, kind, "cannot be read: \(String(cString: strerror(errno)))")
            }
            if got == 0 { break }
            if count == 0, !buffer.prefix(got).starts(with: "GGUF".utf8) {
                throw Self.unusable(path, kind, "is not a GGUF file")
            }
            buffer.withUnsafeBytes { hash.update(UnsafeRawBufferPointer(rebasing: $0[..<got])) }
            count += got
        }
        guard count > 0 else { throw Self.unusable(path, kind, "is empty") }
        digest = hash.digest()
        byteCount = count
    }

    /// The file's digest as the name of a model.
    package var id: ModelID {
        ModelID(bytes: digest)!  // A SHA-256 has the 32 bytes that a model id has.
    }

    /// An error that says what is wrong with the file and what mends it.
    func unusable(_ reason: String, cause: LlamaError? = nil) -> SwitchboardError {
        Self.unusable(path, kind, reason, cause: cause)
    }

    private static func unusable(
        _ path: String,
        _ kind: Kind,
        _ reason: String,
        cause: LlamaError? = nil,
    ) -> SwitchboardError {
        SwitchboardError(
            .failedPrecondition,
            "the \(kind.name) \(path) \(reason); \(kind.remedy)",
            cause: cause,
        )
    }
}
