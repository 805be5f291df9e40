internal import Core
internal import Foundation
internal import Glibc
internal import Synchronization

/// A program in a process of its own, which ends with the task that waits for it.
final class RunningCommand: Sendable {
    /// Tells the program that nobody wants what it makes once its parent has ended: after a kill of the node the run that
    /// goes on starts another one.
    private static let endsWithParent = "SWITCHBOARD_ENDS_WITH_PARENT"
    /// After being asked to end a program has so long before it is killed.
    private static let graceTime = Duration.seconds(10)

    private struct State: Sendable {
        var process: Process?
        var isEnded = false
    }

    private let program: String
    private let arguments: [String]
    private let output: String
    private let state = Mutex(State())

    /// - Parameter output: the file, which is there, that gets what the program says.
    init(program: String, arguments: [String], output: String) {
        self.program = program
        self.arguments = arguments
        self.output = output
    }

    /// To be called once.
    ///
    /// - Returns: the exit status; of a program that was ended by a signal, 128 and the signal's number.
    /// - Throws: `CancellationError` where the task was cancelled before the program started; why it does not start.
    func run() async throws -> Int32 {
        try await withTaskCancellationHandler {
            try await WorkThread("sb-command").run { [self] in
                let process = try start()
                process.waitUntilExit()
                return process.terminationReason == .exit
                    ? process.terminationStatus : 128 + process.terminationStatus
            }
        } onCancel: {
            end()
        }
    }

    private func start() throws -> Process {
        guard let said = FileHandle(forWritingAtPath: output) else {
            throw SwitchboardError(.internal, "\(output) cannot be written")
        }
        defer { try? said.close() }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging([Self.endsWithParent: "1"]) { _, new in new }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = said
        process.standardError = said
        let isLate = try state.withLock { state -> Bool in
            guard !state.isEnded else { return true }
            try process.run()
            state.process = process
            return false
        }
        if isLate { throw CancellationError() }
        return process
    }

    /// Asks the program to end, and sees to it that it does.
    private func end() {
        let process = state.withLock { state in
            state.isEnded = true
            return state.process
        }
        guard let process else { return }
        Self.signal(process, SIGTERM)
        Task {
            try? await Task.sleep(for: Self.graceTime)
            Self.signal(process, SIGKILL)
        }
    }

    /// Also to what the program has started itself, where it leads a group of processes.
    private static func signal(_ process: Process, _ number: Int32) {
        guard process.isRunning else { return }
        kill(-process.processIdentifier, number)
        kill(process.processIdentifier, number)
    }
}
