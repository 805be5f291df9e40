import Calls
import Core
import Testing
import UpdateStore
import Wire

@testable import Updating

/// Undoing by keys, beside writers.
@Suite(.timeLimit(.minutes(1))) struct UndoTests {
    /// An operation of the change that came while the undo waited for appends is looked at too.
    @Test func whatJoinsTheChangeMeanwhileIsHeldAgainstTheKey() async throws {
        try await UpdaterFixture.run { fixture in
            let (updater, log) = (fixture.updater, fixture.log)
            func append(_ operation: String, _ command: LogCommand) async throws {
                _ = try await log.append(
                    AppendBatch(
                        operation: Array(operation.utf8),
                        change: Array("c".utf8),
                        source: "tests",
                        author: "ben",
                        commands: [command]
                    )
                )
            }
            try await append("own", .setIntent(SetIntentCommand(vertical: .default, path: try IntentPath("late"))))
            let publisher = Caller.key(KeyAccess(name: try KeyName("ben"), roles: [.publish]), address: "10.0.0.1")
            let context = fixture.context(Methods.undo.name, within: .seconds(30), by: publisher)
            #expect(await updater.holdAppends(until: .now + .seconds(10)))
            let undoing = Task {
                try await updater.undo(UndoRequest(change: Array("c".utf8)), context)
            }
            while await updater.waiterCount == 0 { await Task.yield() }
            try await append(
                "an admin's",
                .setPolicy(PolicySet(scope: .everywhere, policy: Policy(retrieval: RetrievalPolicy(k: 3))))
            )
            let head = log.head.position
            await updater.releaseAppends()
            let error = await #expect(throws: SwitchboardError.self) { try await undoing.value }
            #expect(error?.code == .permissionDenied)
            #expect(log.head.position == head, "nothing was undone")
            // What it might have done itself it takes back.
            _ = try await log.append(
                AppendBatch(
                    operation: [9],
                    source: "tests",
                    author: "ben",
                    commands: [.setIntent(SetIntentCommand(vertical: .default, path: try IntentPath("early")))]
                )
            )
            let way = ReversalWay(isDryRun: true)
            _ = try await updater.undo(UndoRequest(change: [9], way: way), context)
        }
    }
}
