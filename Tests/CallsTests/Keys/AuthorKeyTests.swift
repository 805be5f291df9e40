import Calls
import Core
import Testing
import Wire

/// Whom the log names as the author of what a key does.
@Suite struct AuthorKeyTests {
    private func caller(_ roles: Set<KeyRole>) throws -> Caller {
        .key(KeyAccess(name: try KeyName("ben"), roles: roles), address: "10.0.0.1")
    }

    private func append(by author: String) throws -> AppendRequest {
        let set = SetIntentCommand(vertical: .default, path: try IntentPath("late"))
        let batch = AppendBatch(operation: [1], source: "tests", author: author, commands: [.setIntent(set)])
        return AppendRequest(batch: batch)
    }

    private func undo(by author: String) -> UndoRequest {
        UndoRequest(change: [1], way: ReversalWay(source: "tests", author: author))
    }

    @Test func aPublisherIsTheAuthorHimself() throws {
        let publisher = try caller([.publish])
        for given in ["", "ben"] {
            #expect(try append(by: given).admitted(by: publisher).batch.author == "ben")
            #expect(try undo(by: given).admitted(by: publisher).way.author == "ben")
        }
        let refused = #expect(throws: SwitchboardError.self) { try append(by: "ana").admitted(by: publisher) }
        #expect(refused?.code == .permissionDenied)
        #expect(throws: SwitchboardError.self) { try undo(by: "ana").admitted(by: publisher) }
    }

    @Test func aWorkerNamesTheReviewer() throws {
        let worker = try caller([.worker])
        #expect(try append(by: "ana").admitted(by: worker).batch.author == "ana")
        #expect(try undo(by: "ana").admitted(by: worker).way.author == "ana")
        #expect(throws: SwitchboardError.self) { try append(by: "").admitted(by: worker) }
        #expect(throws: SwitchboardError.self) { try undo(by: "").admitted(by: worker) }
    }

    @Test func anAdminMayNameSomebodyElse() throws {
        let admin = try caller([.admin])
        #expect(try append(by: "").admitted(by: admin).batch.author == "ben")
        #expect(try append(by: "ana").admitted(by: admin).batch.author == "ana")
        let rollback = RollbackRequest(to: LogSequence(1))
        #expect(try rollback.admitted(by: admin).way.author == "ben")
        let purge = PurgeRequest(.vertical(.default))
        #expect(try purge.admitted(by: admin).author == "ben")
    }

    @Test func withoutKeysAndWithinTheProcessItIsAsGiven() throws {
        for caller in [Caller.anyone, .local] {
            for given in ["", "ana"] {
                #expect(try append(by: given).admitted(by: caller).batch.author == given)
                #expect(try undo(by: given).admitted(by: caller).way.author == given)
            }
        }
    }
}
