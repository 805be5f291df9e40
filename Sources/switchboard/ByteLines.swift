import Foundation

/// Lines of a file descriptor as bytes, each as soon as its end has been read.
///
/// A line ends with LF or CR LF. Blocks while a pipe has nothing to say; memory is bounded by the longest line. Used by
/// one task. It does not close the descriptor.
struct ByteLines {
    private let descriptor: Int32
    private var buffer: [UInt8] = []
    /// Where the next line begins.
    private var start = 0
    private var hasEnded = false

    init(descriptor: Int32 = STDIN_FILENO) {
        self.descriptor = descriptor
    }

    /// - Returns: nil after the last line.
    mutating func next() throws(CommandFailure) -> [UInt8]? {
        var searched = start
        while true {
            if let end = buffer[searched...].firstIndex(of: UInt8(ascii: "\n")) {
                var line = Array(buffer[start..<end])
                start = end + 1
                if line.last == UInt8(ascii: "\r") { line.removeLast() }
                return line
            }
            if hasEnded {
                guard start < buffer.count else { return nil }
                let line = Array(buffer[start...])
                start = buffer.count
                return line
            }
            buffer.removeFirst(start)
            start = 0
            searched = buffer.count
            try fill()
        }
    }

    private mutating func fill() throws(CommandFailure) {
        var piece = [UInt8](repeating: 0, count: 64 * 1024)
        let count = piece.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
        guard count >= 0 else {
            // A signal that was handled; there is more to read.
            if errno == EINTR { return }
            throw CommandFailure("stdin cannot be read: \(String(cString: strerror(errno)))")
        }
        hasEnded = count == 0
        buffer += piece[..<count]
    }
}
