internal import Glibc

/// A system call that failed: the code it left in `errno`, and what was being done.
package struct SystemCallError: Error, CustomStringConvertible {
    package struct Code: RawRepresentable, Hashable, Sendable {
        package let rawValue: Int32

        package init(rawValue: Int32) {
            self.rawValue = rawValue
        }

        package static let accessDenied = Code(rawValue: EACCES)
        static let exists = Code(rawValue: EEXIST)
        static let interrupted = Code(rawValue: EINTR)
        package static let notDirectory = Code(rawValue: ENOTDIR)
        static let notFound = Code(rawValue: ENOENT)
        static let noSpace = Code(rawValue: ENOSPC)
        static let notPermitted = Code(rawValue: EPERM)
        static let readOnly = Code(rawValue: EROFS)
        static let wouldBlock = Code(rawValue: EWOULDBLOCK)
    }

    package let code: Code
    let operation: String

    package var description: String { "\(operation): \(String(cString: strerror(code.rawValue)))" }

    /// Runs a call that answers -1 on failure, again as long as a signal interrupts it.
    @discardableResult
    static func checked(_ operation: String, _ call: () -> Int32) throws(SystemCallError) -> Int32 {
        while true {
            let result = call()
            guard result == -1 else { return result }
            let code = Code(rawValue: errno)
            guard code != .interrupted else { continue }
            throw SystemCallError(code: code, operation: operation)
        }
    }
}
