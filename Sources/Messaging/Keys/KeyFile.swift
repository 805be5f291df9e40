package import Core
internal import Glibc

/// A key pair in a file of its own, which its owner alone may read.
///
/// Two lines, `public: ` and `secret: ` with 40 characters of Z85 each, and comments that begin with `# `.
package enum KeyFile {
    private static let maximumBytes = 4_096

    /// - Throws: `.failedPrecondition` where others may read the file, or it is none of this kind; with what mends it.
    package static func read(_ path: String) throws(SwitchboardError) -> KeyPair {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw cannot("read", path) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw cannot("look at", path) }
        if let fault = fault(of: status, path) { throw SwitchboardError(.failedPrecondition, fault) }
        var bytes = [UInt8](repeating: 0, count: maximumBytes)
        let count = Glibc.read(descriptor, &bytes, bytes.count)
        guard count >= 0 else { throw cannot("read", path) }
        return try pair(in: String(decoding: bytes[..<count], as: UTF8.self), path)
    }

    /// Writes a file that is not there yet.
    ///
    /// - Throws: `.alreadyExists` where it is; `.failedPrecondition` where it cannot be written.
    package static func write(_ pair: KeyPair, to path: String) throws(SwitchboardError) {
        let text = """
            # A key pair of Switchboard. Whoever reads the secret line can act as its holder: keep the file to yourself.
            public: \(pair.publicKey)
            secret: \(pair.secret)

            """
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            guard errno == EEXIST else { throw cannot("write", path) }
            throw SwitchboardError(
                .alreadyExists,
                "\(path) is there already, and a key is not overwritten; name another file, or take it away"
            )
        }
        defer { close(descriptor) }
        let bytes = Array(text.utf8)
        guard Glibc.write(descriptor, bytes, bytes.count) == bytes.count, fsync(descriptor) == 0 else {
            let failure = cannot("write", path)
            unlink(path)
            throw failure
        }
    }

    /// What is wrong with a key file's owner or mode; nil where it is fine.
    package static func fault(at path: String) -> String? {
        var status = stat()
        guard stat(path, &status) == 0 else { return cannot("look at", path).message }
        return fault(of: status, path)
    }

    private static func fault(of status: stat, _ path: String) -> String? {
        guard status.st_mode & S_IFMT == S_IFREG else { return "\(path) is no file" }
        guard status.st_mode & 0o077 == 0 else {
            let mode = String(status.st_mode & 0o777, radix: 8)
            return "\(path) has mode \(mode), so that others may read or change the key; chmod 600 \(path)"
        }
        guard status.st_uid == geteuid() || geteuid() == 0 else {
            return "\(path) belongs to user \(status.st_uid), not to user \(geteuid()) who runs this"
        }
        return nil
    }

    private static func pair(in text: String, _ path: String) throws(SwitchboardError) -> KeyPair {
        func value(_ name: String) -> String? {
            text.split(whereSeparator: \.isNewline).first { $0.hasPrefix("\(name): ") }
                .map { String($0.dropFirst(name.count + 2)) }
        }
        guard let secret = value("secret"), let pair = KeyPair(secret: secret) else {
            throw SwitchboardError(
                .failedPrecondition,
                "\(path) is no key file of Switchboard; `switchboard keys generate --out FILE` makes one"
            )
        }
        // A file that somebody edited by half.
        guard value("public") == pair.publicKey.description else {
            throw SwitchboardError(.failedPrecondition, "the public half in \(path) is not that of its secret half")
        }
        return pair
    }

    private static func cannot(_ verb: String, _ path: String) -> SwitchboardError {
        let code = errno
        let next = code == ENOENT && verb == "read" ? "; `switchboard keys generate --out \(path)` makes one" : ""
        return SwitchboardError(
            .failedPrecondition,
            "cannot \(verb) the key file \(path): \(String(cString: strerror(code)))\(next)"
        )
    }
}
