import Core
import Testing

/// Who may call what, written out once more, method by method.
@Suite struct KeyPermissionsTests {
    private static let everyone = Set(KeyRole.allCases)

    private static let table: [(method: String, roles: Set<KeyRole>)] = [
        ("switchboard.v1.Router/Classify", [.classify, .worker, .admin]),
        ("switchboard.v1.Router/Feedback", [.classify, .review, .admin]),
        ("switchboard.v1.Router/SomethingNew", [.admin]),
        ("switchboard.v1.Router/Intents", [.classify, .worker, .admin]),
        ("switchboard.v1.Retriever/Encode", [.publish, .worker, .admin]),
        ("switchboard.v1.Retriever/Retrieve", [.publish, .worker, .admin]),
        ("switchboard.v1.Scorer/Score", [.publish, .worker, .admin]),
        ("switchboard.v1.Scorer/Judge", [.worker, .admin]),
        ("switchboard.v1.Scorer/Name", [.worker, .admin]),
        ("switchboard.v1.Worker/Attach", [.worker, .admin]),
        ("switchboard.v1.Index/Append", [.publish, .worker, .admin]),
        ("switchboard.v1.Index/Publish", [.publish, .admin]),
        ("switchboard.v1.Index/Follow", [.worker, .admin]),
        ("switchboard.v1.Index/Snapshot", [.worker, .admin]),
        ("switchboard.v1.Index/History", [.publish, .admin]),
        ("switchboard.v1.Index/Export", [.publish, .admin]),
        ("switchboard.v1.Index/Rollback", [.admin]),
        ("switchboard.v1.Index/Undo", [.publish, .worker, .admin]),
        ("switchboard.v1.Index/Purge", [.admin]),
        ("switchboard.v1.Index/Trim", [.admin]),
        ("switchboard.v1.Index/Reencode", [.admin]),
        ("switchboard.v1.Index/Stats", [.publish, .admin]),
        ("switchboard.v1.Index/AddFeedback", [.worker, .admin]),
        ("switchboard.v1.Index/ListFeedback", [.review, .admin]),
        ("switchboard.v1.Index/ListKeys", [.admin]),
        ("switchboard.v1.Discovery/Add", [.review, .worker, .admin]),
        ("switchboard.v1.Discovery/Start", [.review, .admin]),
        ("switchboard.v1.Discovery/Cancel", [.review, .admin]),
        ("switchboard.v1.Discovery/Watch", [.review, .admin]),
        ("switchboard.v1.Discovery/List", [.review, .admin]),
        ("switchboard.v1.Discovery/Show", [.review, .admin]),
        ("switchboard.v1.Discovery/Review", [.review, .admin]),
        ("switchboard.v1.Discovery/Purge", [.review, .admin]),
        ("switchboard.v1.Health/Check", everyone),
        ("switchboard.v1.Health/Watch", everyone),
        ("switchboard.v1.Index/SomethingNew", [.admin]),
        ("switchboard.v2.Router/Classify", [.admin]),
        ("Classify", [.admin]),
        ("", [.admin]),
    ]

    private func key(_ roles: Set<KeyRole>, in verticals: Set<Vertical>? = nil) throws -> KeyAccess {
        KeyAccess(name: try KeyName("tested"), roles: roles, verticals: verticals)
    }

    @Test(arguments: KeyRole.allCases)
    func aRoleCallsItsMethodsAndNoOthers(role: KeyRole) throws {
        let access = try key([role])
        for (method, roles) in Self.table {
            if roles.contains(role) {
                #expect(throws: Never.self, "\(role) \(method)") { try access.check(method) }
            } else {
                let error = #expect(throws: SwitchboardError.self, "\(role) \(method)") { try access.check(method) }
                #expect(error?.code == .permissionDenied)
                #expect(error?.message.contains("'tested' (\(role.rawValue))") == true, "it says what the key may do")
            }
        }
    }

    @Test func rolesAddUp() throws {
        let access = try key([.classify, .review])
        for (method, roles) in Self.table {
            #expect(((try? access.check(method)) != nil) == !roles.isDisjoint(with: [.classify, .review]), "\(method)")
        }
    }

    @Test func aLimitedKeyCallsOnlyWhatLooksAtVerticals() throws {
        let access = try key([.classify, .publish, .review], in: [.default])
        let open = [
            "switchboard.v1.Router/Classify", "switchboard.v1.Router/Feedback", "switchboard.v1.Router/Intents",
            "switchboard.v1.Retriever/Retrieve", "switchboard.v1.Retriever/Encode", "switchboard.v1.Scorer/Score",
            "switchboard.v1.Index/Append", "switchboard.v1.Index/Publish", "switchboard.v1.Index/Export",
            "switchboard.v1.Index/Stats", "switchboard.v1.Index/ListFeedback", "switchboard.v1.Index/History",
            "switchboard.v1.Discovery/Watch",
            "switchboard.v1.Index/Undo", "switchboard.v1.Discovery/Add", "switchboard.v1.Discovery/Start",
            "switchboard.v1.Discovery/List", "switchboard.v1.Discovery/Show", "switchboard.v1.Discovery/Review",
            "switchboard.v1.Health/Check", "switchboard.v1.Health/Watch",
        ]
        for (method, _) in Self.table {
            #expect(((try? access.check(method)) != nil) == open.contains(method), "\(method)")
        }
    }

    @Test func administrativeIsWhatOnlyAdminsCallAndWhatErases() {
        for (method, roles) in Self.table {
            let erases = method.hasSuffix("/Purge")
            #expect(KeyPermissions.isAdministrative(method) == (erases || roles == [.admin]), "\(method)")
        }
    }

    // MARK: Verticals

    @Test func aRequestWithoutVerticalsMeansThoseOfTheKey() throws {
        let (shop, bank) = (try Vertical("shop"), try Vertical("bank"))
        let limited = try key([.classify], in: [shop, bank])
        #expect(try limited.admitted([]) == [bank, shop])
        #expect(try limited.admitted([shop]) == [shop])
        let error = #expect(throws: SwitchboardError.self) { try limited.admitted([shop, .default]) }
        #expect(error?.code == .permissionDenied)
        #expect(error?.message.contains("bank, shop") == true)
        #expect(error?.message.hasSuffix("may not use the vertical 'default'") == true)
        // Of what the caller did not name itself.
        let hidden = #expect(throws: SwitchboardError.self) { try limited.check(.default, isNamed: false) }
        #expect(hidden?.message.hasSuffix("may not use another vertical") == true)
        #expect(try key([.classify]).admitted([]).isEmpty)
        #expect(try key([.classify]).admitted([.default]) == [.default])
    }

    // MARK: Record kinds

    private func batch(_ commands: [LogCommand], author: String = "ana") -> AppendBatch {
        AppendBatch(operation: [1], source: "tests", author: author, commands: commands)
    }

    private func commands(in vertical: Vertical) throws -> [LogCommand] {
        let text = try UtteranceText("where is it")
        let path = try IntentPath("where")
        return [
            .upsert(UpsertCommand(vertical: vertical, text: text, path: path)),
            .remove(RemoveCommand(vertical: vertical, exemplar: ExemplarID(vertical: vertical, text: text))),
            .setIntent(SetIntentCommand(vertical: vertical, path: path)),
            .rename(RenameCommand(vertical: vertical, from: path, to: try IntentPath("there"))),
            .merge(MergeCommand(vertical: vertical, from: path, into: try IntentPath("there"))),
        ]
    }

    @Test func publishersAppendInTheirVerticals() throws {
        let shop = try Vertical("shop")
        let limited = try key([.publish], in: [shop])
        for command in try commands(in: shop) {
            #expect(throws: Never.self) { try limited.check(batch([command], author: "")) }
        }
        for command in try commands(in: .default) {
            let mixed = batch(try commands(in: shop) + [command])
            #expect(throws: SwitchboardError.self) { try limited.check(mixed) }
            #expect(throws: Never.self) { try key([.publish]).check(mixed) }
        }
    }

    @Test func policiesAndKeysAreForAdmins() throws {
        let set = LogCommand.setPolicy(PolicySet(scope: .everywhere, policy: nil))
        let revoke = LogCommand.setKey(.revoke(try KeyName("x")))
        for command in [set, .amendPolicy(.everywhere, Policy(retrieval: RetrievalPolicy(k: 3))), revoke] {
            for role in KeyRole.allCases where role != .admin {
                #expect(throws: SwitchboardError.self, "\(role)") { try key([role]).check(batch([command])) }
            }
            #expect(throws: Never.self) { try key([.admin]).check(batch([command], author: "")) }
        }
    }

    @Test func aWorkerThatAddsAKeyIsToldWhoMay() throws {
        let revoke = LogCommand.setKey(.revoke(try KeyName("x")))
        let error = #expect(throws: SwitchboardError.self) { try key([.worker]).check(batch([revoke], author: "")) }
        #expect(error?.message.contains("adding and revoking keys takes the role admin") == true)
    }

    @Test func whatWasDoneIsUndoneByWhoMightHaveDoneIt() throws {
        let (shop, bank) = (try Vertical("shop"), try Vertical("bank"))
        let contents: [RecordKind] = [
            .exemplarUpserted, .exemplarRemoved, .intentSet, .intentRenamed, .intentsMerged, .intentRestored,
            .exemplarBlanked,
        ]
        let limited = try key([.publish], in: [shop])
        #expect(throws: Never.self) { try limited.check(undoing: contents, in: [shop]) }
        for verticals in [[bank], [bank, shop], []] {
            let error = #expect(throws: SwitchboardError.self) { try limited.check(undoing: contents, in: verticals) }
            #expect(error?.code == .permissionDenied)
            #expect(!limited.mayKnow(of: verticals))
        }
        #expect(limited.mayKnow(of: [shop]))
        let open = try key([.publish])
        #expect(open.mayKnow(of: []))
        #expect(throws: Never.self) { try open.check(undoing: contents, in: [bank, shop]) }
        for kind in RecordKind.allCases where !contents.contains(kind) {
            #expect(throws: SwitchboardError.self, "\(kind)") {
                try open.check(undoing: [.intentSet, kind], in: [shop])
            }
            #expect(throws: Never.self) { try key([.admin]).check(undoing: [kind], in: []) }
        }
    }

    @Test func reviewersAndAdminsSpeakAsAnalysts() throws {
        for role in KeyRole.allCases {
            let access = try key([role])
            for source in [FeedbackSource.caller, .agent] {
                #expect(throws: Never.self, "\(role)") { try access.check(source) }
            }
            // A worker hands on what a gateway has let in.
            if [.review, .worker, .admin].contains(role) {
                #expect(throws: Never.self, "\(role)") { try access.check(FeedbackSource.analyst) }
            } else {
                let error = #expect(throws: SwitchboardError.self, "\(role)") {
                    try access.check(FeedbackSource.analyst)
                }
                #expect(error?.code == .permissionDenied)
                #expect(error?.message.contains("caller and agent are accepted") == true)
            }
        }
        #expect(throws: Never.self) { try key([.classify, .review]).check(FeedbackSource.analyst) }
    }

    @Test func theAuthorIsTheKeyUnlessAWorkerOrAnAdminNamesAnother() throws {
        for role in KeyRole.allCases {
            let access = try key([role])
            #expect(try access.author("") == "tested")
            #expect(try access.author("tested") == "tested")
            if role == .worker || role == .admin {
                #expect(try access.author("ana") == "ana")
            } else {
                let error = #expect(throws: SwitchboardError.self, "\(role)") { try access.author("ana") }
                #expect(error?.code == .permissionDenied)
                #expect(error?.message.contains("worker or admin") == true)
                #expect(error?.message.contains("ana") == false, "what a caller wrote is not repeated")
            }
        }
    }

    @Test func aWorkerNamesWhoDecided() throws {
        let commands = try commands(in: .default)
        #expect(throws: Never.self) { try key([.worker]).check(batch(commands)) }
        let error = #expect(throws: SwitchboardError.self) { try key([.worker]).check(batch(commands, author: "")) }
        #expect(error?.message.contains("author") == true)
    }
}
