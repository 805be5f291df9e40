internal import Glibc

/// Where a supervisor listens for word of what it started: a datagram socket of this machine, as `NOTIFY_SOCKET` of
/// sd_notify(3) names it.
///
/// A value; opens a socket for each word, since words are rare. Never waits.
struct NotificationSocket: Sendable, Equatable {
    /// As it stands in a `sockaddr_un`: a path with the NUL behind it, or a NUL and an abstract name.
    private let name: [UInt8]

    /// - Parameter written: `/PATH` or `@NAME`, of at most 107 bytes; nil for anything else.
    init?(_ written: String) {
        let bytes = Array(written.utf8)
        let room = MemoryLayout.size(ofValue: sockaddr_un().sun_path)
        guard bytes.count > 1, bytes.count < room, !bytes.contains(0) else { return nil }
        switch bytes[0] {
        case UInt8(ascii: "/"): name = bytes + [0]
        case UInt8(ascii: "@"): name = [0] + bytes.dropFirst()
        default: return nil
        }
    }

    /// - Returns: 0, or the system's error number: EAGAIN where the listener is too far behind to be told now.
    func send(_ text: String) -> Int32 {
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | O_CLOEXEC, 0)
        guard descriptor >= 0 else { return errno }
        defer { close(descriptor) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name) }
        // The name is the last field, so what stands before it is the rest.
        let head = MemoryLayout<sockaddr_un>.size - MemoryLayout.size(ofValue: address.sun_path)
        let bytes = Array(text.utf8)
        let sent = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                sendto(
                    descriptor,
                    bytes,
                    bytes.count,
                    Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT),
                    $0,
                    socklen_t(head + name.count),
                )
            }
        }
        return sent < 0 ? errno : 0
    }
}
