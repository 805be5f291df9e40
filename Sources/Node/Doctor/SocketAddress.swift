internal import Core
internal import Glibc

/// A TCP address that somebody wants to listen on. Its calls block, for at most some seconds.
struct SocketAddress {
    enum Bind {
        case free
        case taken
        case refused(String, remedy: String)
    }

    let host: String
    let port: UInt16

    /// - Parameter address: `tcp://host:port`; nil for anything else.
    init?(tcp address: String) {
        guard let place = HostPort(tcp: address) else { return nil }
        host = place.name
        port = place.port
    }

    /// Where somebody on this machine connects to it.
    var connectable: String { "tcp://\(isEverywhere ? "127.0.0.1" : host.contains(":") ? "[\(host)]" : host):\(port)" }

    private var isEverywhere: Bool { host == "*" || host == "0.0.0.0" || host == "::" }

    /// Binds as libzmq would, and lets go at once.
    func tryToBind() -> Bind {
        resolve { address -> Bind in
            let descriptor = socket(address.ai_family, Int32(SOCK_STREAM.rawValue) | O_CLOEXEC, 0)
            guard descriptor >= 0 else { return .refused(Self.words(errno), remedy: Self.elsewhere) }
            defer { close(descriptor) }
            var one: Int32 = 1
            setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &one, socklen_t(MemoryLayout<Int32>.size))
            guard bind(descriptor, address.ai_addr, address.ai_addrlen) != 0 else { return .free }
            switch errno {
            case EADDRINUSE: return .taken
            case EACCES:
                return .refused(
                    "only root may listen on a port below 1024",
                    remedy: "take a higher one with --listen"
                )
            case EADDRNOTAVAIL:
                return .refused(
                    "\(host) is no address of this machine",
                    remedy: "take one of its own (ip addr), or 127.0.0.1"
                )
            default: return .refused(Self.words(errno), remedy: Self.elsewhere)
            }
        } ?? .refused("\(host) cannot be resolved", remedy: Self.elsewhere)
    }

    /// What an HTTP server answers there; empty where none does.
    func get(_ path: String) -> String {
        resolve { address -> String in
            let descriptor = socket(address.ai_family, Int32(SOCK_STREAM.rawValue) | O_CLOEXEC, 0)
            guard descriptor >= 0 else { return "" }
            defer { close(descriptor) }
            var limit = timeval(tv_sec: 2, tv_usec: 0)
            let size = socklen_t(MemoryLayout<timeval>.size)
            setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, size)
            setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, size)
            guard connect(descriptor, address.ai_addr, address.ai_addrlen) == 0 else { return "" }
            let request = "GET \(path) HTTP/1.1\r\nHost: \(host)\r\nConnection: close\r\n\r\n"
            guard send(descriptor, request, request.utf8.count, Int32(MSG_NOSIGNAL)) > 0 else { return "" }
            var bytes = [UInt8](repeating: 0, count: 64 * 1024)
            var count = 0
            while count < bytes.count {
                let got = bytes.withUnsafeMutableBytes {
                    recv(descriptor, $0.baseAddress! + count, $0.count - count, 0)
                }
                if got <= 0 { break }
                count += got
            }
            return String(decoding: bytes[..<count], as: UTF8.self)
        } ?? ""
    }

    private static let elsewhere = "listen elsewhere with --listen"

    private static func words(_ error: Int32) -> String { String(cString: strerror(error)) }

    /// - Returns: nil where the host has no address.
    private func resolve<Result>(_ body: (addrinfo) -> Result) -> Result? {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = isEverywhere ? AI_PASSIVE : 0
        var first: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(isEverywhere ? nil : host, String(port), &hints, &first) == 0, let first else { return nil }
        defer { freeaddrinfo(first) }
        return body(first.pointee)
    }
}
