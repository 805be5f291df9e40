import Core
import Foundation
import Testing

@testable import Index

/// No byte of a snapshot can change, and none be missing, without that being noticed before anything is believed.
@Suite struct SnapshotDamageTests {
    private static func code(_ bytes: [UInt8]) -> StatusCode? {
        do {
            _ = try SnapshotContainer(bytes)
            return nil
        } catch {
            return (error as? SwitchboardError)?.code
        }
    }

    private static func bytes() throws -> [UInt8] {
        var random = try RandomOperations(dimension: 8, texts: 40, seed: 5)
        let replica = Replica(log: LogWriter.log, settings: IndexSettings(dimension: 8, upsertsPerSegment: 16))
        for _ in 0..<12 { try replica.apply(random.batch()) }
        return try replica.snapshot.fileBytes()
    }

    @Test func everyFlippedBitIsNoticed() throws {
        let whole = try Self.bytes()
        #expect(Self.code(whole) == nil)
        var places = Set(0..<min(256, whole.count))
        places.formUnion((whole.count - 256)..<whole.count)
        places.formUnion(stride(from: 0, to: whole.count, by: 97))
        for place in places {
            var bytes = whole
            bytes[place] ^= 1 << UInt8(place % 8)
            let code = Self.code(bytes)
            // In the version the flip may say that a newer program wrote it.
            #expect(code == .dataLoss || (8..<12).contains(place) && code == .unimplemented, "byte \(place)")
        }
    }

    @Test func aFileThatWasCutIsNoticed() throws {
        let whole = try Self.bytes()
        for count in Set([0, 1, 63, 64, 128, whole.count / 2, whole.count - 64, whole.count - 1]) {
            #expect(Self.code(Array(whole.prefix(count))) == .dataLoss, "\(count) bytes")
        }
        #expect(Self.code(whole + [0]) == .dataLoss)
    }

    @Test func aFileIsMapped() throws {
        let url = FileManager.default.temporaryDirectory.appending(path: "snapshot-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: url) }
        let bytes = try Self.bytes()
        try Data(bytes).write(to: url)
        let container = try SnapshotContainer(verifying: SnapshotMemory(mappingFile: url.path))
        try FileManager.default.removeItem(at: url)
        // Whoever has it mapped reads on.
        let settings = IndexSettings(dimension: 8, upsertsPerSegment: 16)
        let replica = try Replica(restoring: container, settings: settings)
        #expect(try replica.snapshot.fileBytes() == bytes)
        #expect(try container.checksum == SnapshotContainer.checksum(of: container.memory))
    }

    @Test func namesAloneMakeNoReplica() throws {
        var log = LogWriter()
        let replica = Replica(log: LogWriter.log, settings: IndexSettings(dimension: 4))
        let key = try LogWriter.key("web", 2)
        try replica.apply([
            log.upsert("a", "x/y", [1, 0, 0, 0]), log.enable("x", false),
            log.set(Policy(retrieval: RetrievalPolicy(k: 3)), for: .everywhere), log.set(key),
        ])
        let snapshot = replica.snapshot
        final class Collector { var bytes: [UInt8] = [] }
        let collector = Collector()
        try SnapshotNames(
            position: snapshot.position,
            digest: snapshot.digest,
            taxonomy: snapshot.taxonomy,
            policies: [.everywhere: (Policy(retrieval: RetrievalPolicy(k: 3)), LogSequence(3))],
            keys: KeyRegister([key])
        ).write { (piece) throws(SwitchboardError) in collector.bytes.append(contentsOf: piece) }
        let container = try SnapshotContainer(collector.bytes)
        let names = try SnapshotNames(reading: container)
        #expect(names.position == snapshot.position)
        #expect(names.digest == snapshot.digest)
        #expect(names.taxonomy.all == snapshot.taxonomy.all)
        #expect(names.policies.map { $0.scope } == [.everywhere])
        #expect(names.policies.map { $0.sequence } == [LogSequence(3)])
        #expect(names.keys.all == [key])
        #expect {
            _ = try Replica(restoring: container, settings: IndexSettings(dimension: 4))
        } throws: {
            ($0 as? SwitchboardError)?.code == .dataLoss
        }
    }
}
