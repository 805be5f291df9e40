import Core
import Foundation
import SwitchboardClient
import Wire

/// Watches a run to its end and shows how far it is. Ctrl-C ends the watching, not the run.
enum RunFollowing {
    /// - Parameters:
    ///   - run: nil: the one that was started last.
    ///   - tell: is handed every state.
    /// - Returns: its last state.
    /// - Throws: `CommandFailure` where the run failed or was cancelled, and after a signal.
    static func follow(
        _ client: SwitchboardClient,
        _ run: Bits128?,
        tell: @escaping @Sendable (DiscoveryWatchResponse) throws -> Void = { _ in },
    ) async throws -> DiscoveryWatchResponse {
        let last = try await Interrupt.around(cancelsAt: 1) { interrupt -> DiscoveryWatchResponse in
            var last: DiscoveryWatchResponse?
            var line = ProgressLine()
            defer { line.clear() }
            do {
                for try await state in client.watchRun(run) {
                    last = state
                    try tell(state)
                    line.show { RunProgressText.words(state.progress, withBar: Terminal.isInteractive) }
                }
            } catch {
                guard !interrupt.isRaised else { throw Self.interrupted(last?.run ?? run) }
                if let run = last?.run, let lost = error as? ClientError { throw Self.lost(run, lost) }
                throw error
            }
            guard !interrupt.isRaised else { throw Self.interrupted(last?.run ?? run) }
            guard let state = last else { throw CommandFailure("the node ended the watch without a word of the run") }
            return state
        }
        try require(last)
        return last
    }

    /// - Throws: where the run did not come to a good end.
    static func require(_ last: DiscoveryWatchResponse) throws(CommandFailure) {
        switch last.progress.phase {
        case .finished: return
        case .cancelled: throw CommandFailure("run \(last.run.short) was cancelled")
        case .failed: throw CommandFailure("run \(last.run.short) failed: \(last.progress.note)")
        default:
            throw CommandFailure(
                "the node ended the watch before the run; watch it again with: switchboard discover watch \(last.run)"
            )
        }
    }

    private static func interrupted(_ run: Bits128?) -> CommandFailure {
        let name = run.map { " \($0.description)" } ?? ""
        return CommandFailure(
            "interrupted; the run goes on. See how far it is: switchboard discover watch\(name)"
                + (run.map { "\nEnd it: switchboard discover cancel \($0)" } ?? "")
        )
    }

    private static func lost(_ run: Bits128, _ error: ClientError) -> CommandFailure {
        CommandFailure(
            "\(error.description)\nA run goes on by itself, also after its node was started again: "
                + "switchboard discover watch \(run)",
            exitCode: StatusCode(rawValue: error.code) == .unavailable
                ? CommandFailure.unavailable : CommandFailure.failed
        )
    }
}
