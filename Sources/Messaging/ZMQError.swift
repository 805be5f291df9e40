internal import CZeroMQ

/// What libzmq refused, with its errno.
package struct ZMQError: Error, Sendable, Equatable, CustomStringConvertible {
    package struct Code: RawRepresentable, Sendable, Hashable {
        package let rawValue: Int32

        package init(rawValue: Int32) {
            self.rawValue = rawValue
        }

        package static let wouldBlock = Code(rawValue: EAGAIN)
        package static let interrupted = Code(rawValue: EINTR)
        /// No address of this machine, and no name of a network interface.
        package static let noSuchDevice = Code(rawValue: ENODEV)
        package static let hostUnreachable = Code(rawValue: EHOSTUNREACH)
    }

    package let code: Code
    package let operation: String

    package init(code: Code, operation: String) {
        self.code = code
        self.operation = operation
    }

    /// What the system says, for a message that names the operation itself.
    package var reason: String { String(cString: zmq_strerror(code.rawValue)) }

    package var description: String { "\(operation): \(reason)" }
}

/// Runs a libzmq call that returns -1 on failure, again where a signal interrupted it.
@discardableResult
func check(_ operation: @autoclosure () -> String, _ body: () -> Int32) throws(ZMQError) -> Int32 {
    while true {
        let result = body()
        if result != -1 { return result }
        let code = ZMQError.Code(rawValue: zmq_errno())
        if code == .interrupted { continue }
        throw ZMQError(code: code, operation: operation())
    }
}
