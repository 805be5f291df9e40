internal import Core
internal import Glibc

/// System calls on snapshots' files, with the errors that callers of a snapshot understand.
enum SnapshotWrites {
    static func open(_ file: String, _ flags: Int32) throws(SwitchboardError) -> Int32 {
        try checked("open \(file)") { openFile(file, flags | O_CLOEXEC) }
    }

    static func append(
        _ bytes: UnsafeRawBufferPointer,
        to descriptor: Int32,
        _ file: String,
    ) throws(SwitchboardError) {
        var rest = bytes
        while let start = rest.baseAddress, rest.count > 0 {
            // So that the count fits what a call answers.
            let part = min(rest.count, 1 << 30)
            let written = try checked("write \(file)") { Int32(clamping: write(descriptor, start, part)) }
            rest = UnsafeRawBufferPointer(rebasing: rest[Int(written)...])
        }
    }

    @discardableResult
    static func checked(_ operation: String, _ call: () -> Int32) throws(SwitchboardError) -> Int32 {
        do {
            return try SystemCallError.checked(operation, call)
        } catch {
            let isFull = error.code == .noSpace
            throw SwitchboardError(
                isFull ? .resourceExhausted : .unavailable,
                isFull ? "the disk is full; a snapshot needs as much as the index" : "a snapshot cannot be written",
                cause: error
            )
        }
    }
}

/// Readable by its owner alone where it is made.
private func openFile(_ file: String, _ flags: Int32) -> Int32 { open(file, flags, 0o600) }
