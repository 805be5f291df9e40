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
        /// Nil before it starts and once it has been waited for.
        var process: SpawnedProcess?
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
                return state.withLock { state in
                    state.process = nil
                    return process.reap()
                }
            }
        } onCancel: {
            end()
        }
    }

    private func start() throws -> SpawnedProcess {
        let said = open(output, O_WRONLY | O_CLOEXEC)
        guard said >= 0 else {
            throw SwitchboardError(.internal, "\(output) cannot be written")
        }
        defer { close(said) }
        let environment = ProcessInfo.processInfo.environment.merging([Self.endsWithParent: "1"]) { _, new in new }
        return try state.withLock { state throws -> SpawnedProcess in
            guard !state.isEnded else { throw CancellationError() }
            let process = try SpawnedProcess(
                program: program,
                arguments: arguments,
                environment: environment,
                output: said,
            )
            state.process = process
            return process
        }
    }

    /// Asks the program to end, and sees to it that it does.
    private func end() {
        let isRunning = state.withLock { state in
            state.isEnded = true
            state.process?.signal(SIGTERM)
            return state.process != nil
        }
        guard isRunning else { return }
        Task {
            try? await Task.sleep(for: Self.graceTime)
            state.withLock { $0.process?.signal(SIGKILL) }
        }
    }
}
