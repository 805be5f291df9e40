import Core
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
