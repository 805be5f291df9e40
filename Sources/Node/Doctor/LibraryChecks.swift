internal import Messaging

/// Looks at the libraries that a node is linked to, as they are on this machine.
enum LibraryChecks {
    private static let oldestZeroMQ = [4, 3]

    static func zeroMQ(
        version: String = MessagingContext.version,
        hasCURVE: Bool = MessagingContext.hasCURVE,
    ) -> DoctorCheck {
        let numbers = version.split(separator: ".").compactMap { Int($0) }
        guard !numbers.lexicographicallyPrecedes(oldestZeroMQ) else {
            return .problem(
                "libzmq",
                "version \(version); 4.3 is needed at least",
                remedy: "install a newer one: apt-get install libzmq5"
            )
        }
        guard hasCURVE else {
            return .warning(
                "libzmq",
                "version \(version), built without CURVE: connections cannot be encrypted",
                remedy: "install one that has it (Debian's does): apt-get install libzmq5"
            )
        }
        return .ok("libzmq", "version \(version), with CURVE")
    }
}
