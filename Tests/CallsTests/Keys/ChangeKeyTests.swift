import Calls
import Core
import Testing
import Wire

/// Which ids of changes a client may choose.
@Suite struct ChangeKeyTests {
    private func caller(_ roles: Set<KeyRole>) throws -> Caller {
        .key(KeyAccess(name: try KeyName("ben"), roles: roles), address: "10.0.0.1")
    }

    private func append(_ operation: String, change: String = "") throws -> AppendRequest {
        let set = SetIntentCommand(vertical: .default, path: try IntentPath("late"))
        return AppendRequest(
            batch: AppendBatch(
                operation: Array(operation.utf8),
                change: Array(change.utf8),
                source: "tests",
                author: "",
                commands: [.setIntent(set)]
            )
        )
    }

    private func refusal(_ request: some KeyScoped, by caller: Caller) -> SwitchboardError? {
        do {
            _ = try request.admitted(by: caller)
            return nil
        } catch {
            return error
        }
    }

    @Test(arguments: ["undo-7-1a2b3c4d", "rollback-9-to-3", "reencode 11111111", "accept-00"])
    func thoseThatAreMadeHereAreNoClients(id: String) throws {
        for request in [try append("op", change: id), try append(id)] {
            for role in [KeyRole.publish, .admin] {
                let error = refusal(request, by: try caller([role]))
                #expect(error?.code == .invalidArgument, "\(role)")
                #expect(error?.message.contains("'undo-', 'rollback-'") == true)
            }
            #expect(refusal(request, by: .local) == nil)
        }
        let purge = PurgeRequest(.vertical(.default), change: Array(id.utf8))
        #expect(refusal(purge, by: try caller([.admin]))?.code == .invalidArgument)
    }

    @Test func aClustererElsewhereMakesThoseOfWhatIsAccepted() throws {
        var accepted = try append("accept-00/1", change: "accept-00")
        accepted.batch.author = "ana"
        #expect(refusal(accepted, by: try caller([.worker])) == nil)
        #expect(refusal(accepted, by: .anyone) == nil, "without keys nobody can tell who it is")
        var undone = try append("op", change: "undo-7-1a2b3c4d")
        undone.batch.author = "ana"
        #expect(refusal(undone, by: try caller([.worker]))?.code == .invalidArgument)
        #expect(refusal(undone, by: .anyone)?.code == .invalidArgument)
    }

    @Test func othersAreAsTheyWere() throws {
        for id in ["load-20261121T113015Z-1a2b3c4d", "undo", "undone-1", "accepted"] {
            #expect(refusal(try append("op", change: id), by: try caller([.publish])) == nil)
        }
    }
}
