internal import Glibc
package import Logging

/// Tells systemd, or whoever else speaks sd_notify's protocol, how the node does: that it serves, that it stops, and as
/// often as asked that it is alive.
///
/// A supervisor that cannot be told is no reason not to serve: that is logged once for each word, and the node goes on.
package struct Supervisor: Sendable {
    /// A word to the supervisor; sd_notify(3) tells what each means there.
    package enum Word: Sendable, Equatable {
        /// The node does what its roles are for.
        case ready
        /// It finishes what is in flight and ends.
        case stopping
        /// Its loops answer.
        case alive
        /// A line for people, without caller text.
        case status(String)

        /// As the protocol writes it.
        var text: String {
            switch self {
            case .ready: "READY=1"
            case .stopping: "STOPPING=1"
            case .alive: "WATCHDOG=1"
            case .status(let line): "STATUS=" + String(line.map { $0.isNewline ? " " : $0 })
            }
        }
    }

    /// How often it wants to hear that the node is alive: half of the time after which it would end the node. Nil: it
    /// does not.
    package let watchdog: Duration?

    private let socket: NotificationSocket?
    private let logger: Logger

    /// - Parameter environment: `NOTIFY_SOCKET` names where it listens, and without it there is none; `WATCHDOG_USEC`, in
    ///   microseconds, asks for signs of life, of the process `WATCHDOG_PID` if that is set.
    package init(environment: [String: String], logger: Logger) {
        self.init(environment: environment, processID: getpid(), logger: logger)
    }

    init(environment: [String: String], processID: Int32, logger: Logger) {
        self.logger = logger
        let written = environment["NOTIFY_SOCKET"] ?? ""
        socket = NotificationSocket(written)
        watchdog = socket == nil ? nil : Self.watchdog(environment, processID)
        if !written.isEmpty, socket == nil {
            logger.warning("NOTIFY_SOCKET is neither /PATH nor @NAME of a socket here; no supervisor is told anything")
        }
    }

    /// Sends the words as one message. Returns when the supervisor has it, or could not be told within 2 s.
    package func tell(_ words: Word...) async {
        guard let socket else { return }
        let message = words.map(\.text).joined(separator: "\n")
        var failure = socket.send(message)
        // Its queue is short; it reads on in a moment.
        for _ in 0..<Self.furtherTries where failure == EAGAIN || failure == ENOBUFS || failure == EINTR {
            try? await Task.sleep(for: Self.pause)
            failure = socket.send(message)
        }
        guard failure != 0 else { return }
        logger.warning(
            "the supervisor could not be told",
            metadata: ["word": "\(words[0].text)", "reason": "\(String(cString: strerror(failure)))"]
        )
    }

    private static let furtherTries = 20
    private static let pause = Duration.milliseconds(100)

    private static func watchdog(_ environment: [String: String], _ processID: Int32) -> Duration? {
        guard let limit = environment["WATCHDOG_USEC"].flatMap(Int64.init), limit > 0 else { return nil }
        if let process = environment["WATCHDOG_PID"], Int32(process) != processID { return nil }
        // A limit that nobody could keep must not keep a core busy.
        return max(.microseconds(limit) / 2, .milliseconds(10))
    }
}

extension Supervisor {
    /// Tells that the node is ready once it is, then time and again that it is alive, until the task is cancelled. Says
    /// nothing of the sort when its loops do not answer, which is what a watchdog is for.
    func watch(_ node: RunningNode) async {
        await withDiscardingTaskGroup { group in
            group.addTask {
                await tell(.status("waiting until the replica has what the log holds"))
                guard (try? await node.waitUntilServing()) != nil else { return }
                let roles = node.configuration.roles.map(\.rawValue).sorted().joined(separator: ", ")
                await tell(.ready, .status("serving as \(roles)"))
            }
            guard let watchdog else { return }
            group.addTask {
                while !Task.isCancelled {
                    await node.waitUntilLoopsAnswer()
                    await tell(.alive)
                    try? await Task.sleep(for: watchdog)
                }
            }
        }
    }
}
