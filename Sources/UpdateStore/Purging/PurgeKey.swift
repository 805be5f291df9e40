internal import Core
internal import Foundation
internal import Glibc

/// The secret with which the list of purges hashes what was erased, so that the list itself gives nothing away:
/// `keys/purge.key`, 64 hexadecimal digits, readable by its owner alone.
struct PurgeKey: Sendable, Equatable {
    let bytes: [UInt8]

    init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    static func path(in directory: String) -> String { directory + "/keys/purge.key" }

    /// Reads the key of a data directory, making it where there is none.
    ///
    /// - Throws: `.failedPrecondition` where others may read it, or it is none.
    init(in directory: String) throws {
        let path = Self.path(in: directory)
        if access(path, F_OK) != 0 {
            let made = Bits128.random().bytes + Bits128.random().bytes
            try DurableFile.append(Array((hexadecimal(made) + "\n").utf8), to: path, mustBeNew: true)
        }
        try self.init(file: path)
    }

    /// - Throws: `.failedPrecondition` where others may read it, or it is none.
    init(file path: String) throws {
        var status = stat()
        try SystemCallError.checked("stat \(path)") { stat(path, &status) }
        guard status.st_mode & 0o077 == 0 else {
            throw SwitchboardError(.failedPrecondition, "others may read the key \(path); chmod 600 it")
        }
        let text = String(decoding: try Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self)
        guard let id = ModelID(hex: text.trimmingCharacters(in: .whitespacesAndNewlines)) else {
            throw SwitchboardError(.failedPrecondition, "\(path) is no key: 64 hexadecimal digits are")
        }
        bytes = id.bytes
    }

    /// Tells keys apart, and gives nothing away.
    var fingerprint: String {
        var hash = Hash256()
        hash.update("purge key".utf8)
        hash.update(bytes)
        return String(hash.first128().description.prefix(16))
    }

    func hash(exemplar: ExemplarID) -> String { hash("exemplar", exemplar.bits.bytes) }

    /// - Parameter vertical: nil: wherever it comes from.
    func hash(origin: [UInt8], in vertical: Vertical?) -> String {
        hash("origin", Array((vertical?.name ?? "").utf8) + [0] + origin)
    }

    func hash(vertical: Vertical) -> String { hash("vertical", Array(vertical.name.utf8)) }

    private func hash(_ kind: String, _ value: [UInt8]) -> String {
        hexadecimal(keyedHash(Array(kind.utf8) + [0] + value, key: bytes))
    }
}
