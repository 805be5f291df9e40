import Core
import Index
import Testing

@testable import Routing

/// How a gateway that follows a log elsewhere comes to know its keys.
@Suite struct NameFollowerKeysTests {
    private static let log = LogID(7)

    private func key(_ name: String, _ number: UInt8) throws -> KeySet {
        let half = try #require(PublicKey(bytes: [UInt8](repeating: number, count: 32)))
        return KeySet(name: try KeyName(name), publicKey: half, roles: [.classify])
    }

    private func record(_ sequence: UInt64, _ fact: LogFact) -> LogRecord {
        let stamp = OperationStamp(operation: [1], change: [1], source: "t", author: "t", timeMicroseconds: 0)
        return LogRecord(sequence: LogSequence(sequence), stamp: stamp, fact: fact)
    }

    private func position(_ sequence: UInt64) -> LogPosition {
        LogPosition(log: Self.log, sequence: LogSequence(sequence))
    }

    private func snapshot(_ keys: [KeySet], at sequence: UInt64) throws -> SnapshotContainer {
        final class Collector { var bytes: [UInt8] = [] }
        let (collector, register) = (Collector(), KeyRegister(keys))
        try SnapshotNames(
            position: position(sequence),
            digest: register.digest,
            taxonomy: Taxonomy(),
            policies: [:],
            keys: register
        ).write { (piece) throws(SwitchboardError) in collector.bytes.append(contentsOf: piece) }
        return try SnapshotContainer(verifying: SnapshotMemory(copying: collector.bytes))
    }

    private func isAdmitted(_ key: KeySet, to ring: KeyRing) -> Bool {
        if case .admitted = ring.admission(of: key.publicKey) { true } else { false }
    }

    @Test func aSnapshotTellsTheKeysAndTheLogWhatCameSince() async throws {
        let ring = KeyRing(isFirstHand: false)
        let follower = NameFollower(ring: ring)
        let (web, desk) = (try key("web", 1), try key("desk", 2))
        try await follower.install(snapshot([web], at: 5))
        await follower.begin(at: position(6))
        await follower.heard(head: nil)
        // A revocation may be in what is still to come.
        #expect(!isAdmitted(web, to: ring))
        try await follower.apply([record(6, .keySet(desk))], of: Self.log)
        #expect(isAdmitted(web, to: ring) && isAdmitted(desk, to: ring))
        try await follower.apply([record(7, .keySet(web.revoked))], of: Self.log)
        #expect(!isAdmitted(web, to: ring) && isAdmitted(desk, to: ring))
    }

    @Test func aSnapshotThatComesLaterTakesThePlaceOfWhatWasKnown() async throws {
        let ring = KeyRing(isFirstHand: false)
        let follower = NameFollower(ring: ring)
        let (web, desk) = (try key("web", 1), try key("desk", 2))
        await follower.begin(at: position(1))
        try await follower.apply([record(1, .keySet(web))], of: Self.log)
        await follower.heard(head: nil)
        #expect(isAdmitted(web, to: ring))
        try await follower.install(snapshot([desk, web.revoked], at: 9))
        #expect(!isAdmitted(web, to: ring) && isAdmitted(desk, to: ring))
    }
}
