import Core
import Testing
import UpdateStore

@testable import Updating

/// What an updater does with vectors that cannot be right: it was not the writer who made them.
@Suite(.timeLimit(.minutes(1))) struct BrokenEncoderTests {
    @Test(arguments: [[], [2, 0, 0, 0], [.nan, 0, 0, 0], [1, 0, 0]] as [[Float]])
    func aVectorThatCannotBeRightIsNotTheWritersFault(vector: [Float]) async throws {
        try await UpdaterFixture.run { fixture in
            fixture.encoders.spoil(with: vector)
            let error = await #expect(throws: SwitchboardError.self) { try await fixture.add("two") }
            #expect(error?.code == .internal)
            #expect(fixture.log.exemplarCount == 1)
            fixture.encoders.spoil(with: nil)
            let added = try await fixture.add("two")
            #expect(added == 1)
        }
    }

    /// With it no query could be compared, and no other encoder could be taken but by a change of all vectors.
    @Test func anEncoderThatNoReplicaHasMakesNoFirstVector() async throws {
        try await UpdaterFixture.run(
            empty: { fixture in
                let updater = fixture.updater
                try await fixture.replica.announce(UpdaterFixture.other)
                // It follows, and has said what it has.
                while await updater.replicas(without: UpdaterFixture.encoder).isEmpty { await Task.yield() }
                while await !updater.silentReplicas.isEmpty { await Task.yield() }
                let error = await #expect(throws: SwitchboardError.self) { try await fixture.add("one") }
                #expect(error?.code == .internal)
                #expect(error?.message.contains(PlayedReplica.name) == true)
                #expect(fixture.log.encoder == nil)
                try await fixture.replica.announce(UpdaterFixture.encoder)
                while await !updater.replicas(without: UpdaterFixture.encoder).isEmpty { await Task.yield() }
            }
        ) { fixture in
            #expect(fixture.log.encoder?.encoder == UpdaterFixture.encoder)
        }
    }
}
