import Foundation
import Glibc

/// One connection to 127.0.0.1 that sends bytes as they are given and shows what comes back, byte for byte.
///
/// Each verb blocks a thread of its own, for at most ten seconds at a time; neither Swift's nor Dispatch's pool waits.
final class HTTPProbe: Sendable {
    struct Failure: Error {
        let operation: String
        let code: Int32
    }

    struct Response {
        let status: Int
        let headers: [String: String]
        let body: String
    }

    private let descriptor: Int32

    init(port: Int) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var time = timeval(tv_sec: 10, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let connected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard connected == 0 else { throw Failure(operation: "connect", code: errno) }
    }

    deinit {
        close(descriptor)
    }

    func send(_ text: String) async throws {
        try await blocking { [descriptor] in
            var bytes = Array(text.utf8)[...]
            while !bytes.isEmpty {
                let count = bytes.withUnsafeBytes {
                    Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
                }
                guard count > 0 else { throw Failure(operation: "send", code: errno) }
                bytes = bytes.dropFirst(count)
            }
        }
    }

    /// Reads one response: its head, and as much body as the head says.
    func response(hasBody: Bool = true) async throws -> Response {
        try await blocking { [self] in
            var received: [UInt8] = []
            let end = Array("\r\n\r\n".utf8)
            var head: [UInt8]?
            var length = 0
            while true {
                if head == nil, let place = received.firstRange(of: end) {
                    head = Array(received[..<place.lowerBound])
                    received.removeSubrange(..<place.upperBound)
                    length = hasBody ? Int(Self.headers(head ?? [])["content-length"] ?? "") ?? 0 : 0
                }
                if let head, received.count >= length {
                    let status = String(decoding: head, as: UTF8.self).split(separator: " ")[1]
                    return Response(
                        status: Int(status) ?? 0,
                        headers: Self.headers(head),
                        body: String(decoding: received, as: UTF8.self)
                    )
                }
                guard let more = try read() else { throw Failure(operation: "closed", code: 0) }
                received += more
            }
        }
    }

    /// Waits until the other side has closed. What still comes is thrown away.
    func closed() async throws {
        try await blocking { [self] in
            do {
                while try read() != nil {}
            } catch let failure as Failure where failure.code == ECONNRESET {}
        }
    }

    private func read() throws -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: 65_536)
        let count = recv(descriptor, &bytes, bytes.count, 0)
        guard count >= 0 else { throw Failure(operation: "recv", code: errno) }
        return count == 0 ? nil : Array(bytes[..<count])
    }

    private static func headers(_ head: [UInt8]) -> [String: String] {
        let lines = String(decoding: head, as: UTF8.self).split(separator: "\r\n").dropFirst()
        return Dictionary(
            lines.compactMap { line in
                guard let colon = line.firstIndex(of: ":") else { return nil }
                return (line[..<colon].lowercased(), String(line[colon...].dropFirst(2)))
            }
        ) { first, _ in first }
    }

    private func blocking<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread { continuation.resume(with: Result { try body() }) }
        }
    }
}

extension HTTPProbe {
    static func get(_ path: String, port: Int) async throws -> Response {
        let probe = try HTTPProbe(port: port)
        try await probe.send("GET \(path) HTTP/1.1\r\nHost: test\r\n\r\n")
        return try await probe.response()
    }
}
