import Core
import Foundation
import Testing

@testable import UpdateStore

/// Keys as records of the log.
@Suite(.timeLimit(.minutes(1))) struct KeyRecordTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    private func key(_ name: String, _ number: UInt8, _ roles: Set<KeyRole>, _ verticals: [String] = []) throws
        -> KeySet
    {
        KeySet(
            name: try KeyName(name),
            publicKey: try #require(PublicKey(bytes: [UInt8](repeating: number, count: 32))),
            roles: roles,
            verticals: Set(try verticals.map { try Vertical($0) })
        )
    }

    @Test func keysOutliveAStartAndStandInTheDigest() async throws {
        let log = try UpdateLog(in: DataDirectory(folder.path))
        #expect(log.keys.isEmpty)
        let (root, web) = (try key("root", 1, [.admin]), try key("web", 2, [.classify, .publish], ["shop", "bank"]))
        _ = try await log.append(Samples.batch("a", [.setKey(.add(root))]))
        #expect(log.head.digest == log.keys.digest)
        _ = try await log.append(
            Samples.batch("b", [.setKey(.add(web)), try Samples.upsert("one", "x"), .setKey(.revoke(web.name))])
        )
        let again = try await log.append(Samples.batch("c", [.setKey(.add(root)), .setKey(.revoke(web.name))]))
        #expect(again.unchanged == 2)
        #expect(again.first == nil)
        let (keys, head) = (log.keys, log.head)
        #expect(keys.all == [root, web.revoked])
        #expect(try await log.check() == LogCheck(operations: 2, records: 4, exemplars: 1, fault: nil))
        try await log.close()
        let opened = try UpdateLog(in: DataDirectory(folder.path))
        #expect(opened.keys == keys)
        #expect(opened.head.digest == head.digest)
        let facts = try await opened.operations(after: .start).flatMap(\.records).map(\.fact)
        #expect(facts.first == .keySet(root))
        #expect(facts.last == .keySet(web.revoked))
        try await opened.close()
    }

    @Test func aBatchThatBreaksARuleDoesNothing() async throws {
        let log = try UpdateLog(in: DataDirectory(folder.path))
        let root = try key("root", 1, [.admin])
        let wrong: [([LogCommand], StatusCode)] = [
            ([.setKey(.add(try key("web", 2, [.classify])))], .failedPrecondition),
            ([.setKey(.add(root)), .setKey(.revoke(root.name))], .failedPrecondition),
            ([.setKey(.add(root)), .setKey(.add(try key("other", 1, [.admin])))], .alreadyExists),
            ([.setKey(.add(root)), .setKey(.add(try key("w", 2, [.worker], ["shop"])))], .invalidArgument),
            ([.setKey(.revoke(root.name))], .notFound),
        ]
        for (number, (commands, code)) in wrong.enumerated() {
            let error = await #expect(throws: SwitchboardError.self) {
                _ = try await log.append(Samples.batch("wrong \(number)", commands))
            }
            #expect(error?.code == code)
        }
        #expect(log.keys.isEmpty)
        #expect(log.head.position.sequence == .start)
        try await log.close()
    }

    @Test func neitherARollbackNorATrimTakesAKey() async throws {
        var log = try UpdateLog(in: DataDirectory(folder.path))
        let (root, web) = (try key("root", 1, [.admin]), try key("web", 2, [.classify], ["shop"]))
        _ = try await log.append(Samples.batch("a", [.setKey(.add(root)), try Samples.upsert("one", "x")]))
        _ = try await log.append(Samples.batch("b", [.setKey(.add(web)), try Samples.upsert("two", "y")]))
        _ = try await log.append(Samples.batch("c", [.setKey(.revoke(web.name))]))
        let keys = log.keys
        #expect(try await log.undo(.after(.start, in: nil)).reversal.counts.removed == 2)
        #expect(log.keys == keys)
        #expect(try await log.check().fault == nil)
        #expect(try await log.check().exemplars == 0)

        _ = try await log.append(Samples.batch("d", [try Samples.upsert("three", "x")]))
        try await log.trim(to: log.head.position.sequence)
        #expect(try await log.check().fault == nil)
        let head = log.head
        try await log.close()
        log = try UpdateLog(in: DataDirectory(folder.path))
        #expect(log.keys == keys)
        #expect(log.head.digest == head.digest)
        // The records that set them are gone, their rules are not.
        let error = await #expect(throws: SwitchboardError.self) {
            _ = try await log.append(Samples.batch("e", [.setKey(.add(try key("web", 3, [.publish])))]))
        }
        #expect(error?.code == .failedPrecondition)
        try await log.close()
    }

    @Test func aSwitchOfModelsKeepsKeysInTheDigest() async throws {
        let log = try UpdateLog(in: DataDirectory(folder.path))
        _ = try await log.append(
            Samples.batch("a", [.setKey(.add(try key("root", 1, [.admin]))), try Samples.upsert("one", "x")])
        )
        let missing = try await log.exemplars(without: Samples.otherEncoder, after: .start, limit: 10)
        let sets = missing.map {
            VectorSet(vertical: $0.vertical, exemplar: $0.id, vector: Samples.vector(9), encoder: Samples.otherEncoder)
        }
        _ = try await log.append(.setVectors(sets), change: [9], source: "tests")
        let next = EncoderShape(encoder: Samples.otherEncoder, dimensions: 8)
        _ = try await log.append(.switchModels(next), change: [9], source: "tests")
        #expect(try await log.check().fault == nil)
        try await log.close()
    }

    @Test func aBackupHasTheKeysAndTheNodesOwn() async throws {
        let (data, backup, target) = (folder.path + "/data", folder.path + "/backup", folder.path + "/restored")
        let directory = try DataDirectory(data)
        let log = try UpdateLog(in: directory)
        _ = try await log.append(Samples.batch("a", [.setKey(.add(try key("root", 1, [.admin])))]))
        let keys = log.keys
        let pair = Data("a pair".utf8)
        #expect(
            FileManager.default.createFile(
                atPath: directory.nodeKeyPath,
                contents: pair,
                attributes: [.posixPermissions: 0o600]
            )
        )
        _ = try await DataBackup(of: data, to: backup).run()
        _ = try await DataRestore(of: backup, to: target).run()
        let path = DataDirectory.nodeKeyPath(in: target)
        #expect(FileManager.default.contents(atPath: path) == pair)
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? NSNumber
        #expect(mode?.intValue == 0o600)
        let restored = try UpdateLog(in: DataDirectory(target))
        #expect(restored.keys == keys)
        try await restored.close()
        try await log.close()
    }

    @Test func aRestoreLetsARevokedKeyInAgainUnlessItHasTheList() async throws {
        let (data, backup) = (folder.path + "/data", folder.path + "/backup")
        let log = try UpdateLog(in: DataDirectory(data))
        let (root, ben) = (try key("root", 1, [.admin]), try key("ben", 2, [.admin]))
        let (web, late) = (try key("web", 3, [.classify]), try key("late", 4, [.classify]))
        _ = try await log.append(Samples.batch("a", [root, ben, web].map { LogCommand.setKey(.add($0)) }))
        _ = try await DataBackup(of: data, to: backup).run()
        let changes: [KeyCommand] = [.add(late), .revoke(ben.name), .revoke(web.name), .revoke(late.name)]
        _ = try await log.append(Samples.batch("b", changes.map { LogCommand.setKey($0) }))
        // One that was refused is in no list.
        let error = await #expect(throws: SwitchboardError.self) {
            _ = try await log.append(Samples.batch("c", [.setKey(.revoke(root.name))]))
        }
        #expect(error?.code == .failedPrecondition)
        try await log.close()
        let list = data + "/revocations.jsonl"
        let entries = try RevocationList(path: list).entries()
        #expect(entries.map(\.name) == ["ben", "web", "late"])
        #expect(entries.map(\.publicKey) == [ben, web, late].map(\.publicKey.description))

        let open = try await DataRestore(of: backup, to: folder.path + "/open").run()
        #expect(open.liveKeys == 3 && open.revokedKeys == 0 && open.leftAdmin == nil)
        let target = folder.path + "/shut"
        let shut = try await DataRestore(of: backup, to: target, revocations: list).run()
        #expect(shut.liveKeys == 1 && shut.revokedKeys == 2 && shut.leftAdmin == nil)
        let restored = try UpdateLog(in: DataDirectory(target))
        #expect(restored.keys.all == [ben.revoked, root, web.revoked])
        #expect(restored.head.position == shut.head)
        #expect(try await restored.check().fault == nil)
        // The next restore knows them too, and the one that this log never had.
        #expect(Set(try RevocationList(in: target).entries().map(\.name)) == ["ben", "web", "late"])
        try await restored.close()
    }

    @Test func theOnlyAdminOfABackupStaysAndIsNamed() async throws {
        let (data, backup) = (folder.path + "/data", folder.path + "/backup")
        let log = try UpdateLog(in: DataDirectory(data))
        let (root, ben) = (try key("root", 1, [.admin]), try key("ben", 2, [.admin]))
        _ = try await log.append(Samples.batch("a", [.setKey(.add(root))]))
        _ = try await DataBackup(of: data, to: backup).run()
        _ = try await log.append(Samples.batch("b", [.setKey(.add(ben)), .setKey(.revoke(root.name))]))
        try await log.close()
        let list = data + "/revocations.jsonl"
        let report = try await DataRestore(of: backup, to: folder.path + "/restored", revocations: list).run()
        #expect(report.liveKeys == 1 && report.revokedKeys == 0 && report.leftAdmin == root.name)
    }

    @Test func aListThatIsNotThereIsNamedAndNothingIsRestored() async throws {
        let (data, backup, target) = (folder.path + "/data", folder.path + "/backup", folder.path + "/restored")
        let log = try UpdateLog(in: DataDirectory(data))
        _ = try await log.append(Samples.batch("a", [.setKey(.add(try key("root", 1, [.admin])))]))
        _ = try await DataBackup(of: data, to: backup).run()
        try await log.close()
        let gone = folder.path + "/gone.jsonl"
        for restore in [
            DataRestore(of: backup, to: target, purges: gone), DataRestore(of: backup, to: target, revocations: gone),
        ] {
            let error = await #expect(throws: SwitchboardError.self) { _ = try await restore.run() }
            #expect(error?.code == .invalidArgument)
            #expect(error?.message.hasPrefix("there is no \(gone); where nothing was") == true)
        }
        #expect(!FileManager.default.fileExists(atPath: target))
    }

    @Test func oneOperationIdIsOneKeysAlone() async throws {
        let log = try UpdateLog(in: DataDirectory(folder.path))
        let first = Samples.batch("a", [.setKey(.add(try key("root", 1, [.admin])))])
        _ = try await log.append(first)
        #expect(try await log.append(first).isRepeated)
        let error = await #expect(throws: SwitchboardError.self) {
            _ = try await log.append(Samples.batch("a", [.setKey(.add(try key("root", 2, [.admin])))]))
        }
        #expect(error?.code == .alreadyExists)
        try await log.close()
    }
}
