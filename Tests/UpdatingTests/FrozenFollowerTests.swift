import Calls
import Core
import Testing
import Wire

@testable import Updating

/// A follower whose process was stopped keeps its connection.
@Suite(.timeLimit(.minutes(1))) struct FrozenFollowerTests {
    private static let frozen = "frozen/retriever"
    private static let reader = "reader"

    private static func follower(_ name: String, of fixture: UpdaterFixture) async -> IndexUpdater.FollowerState? {
        await fixture.updater.followers.values.first { $0.name == name }
    }

    @Test func oneThatNoLongerAnswersIsLetGoAndOthersStay() async throws {
        try await UpdaterFixture.run { fixture in
            let frozen = try await fixture.channel.open(Methods.follow)
            try await frozen.send(.start(FollowStart(name: Self.frozen)))
            try await frozen.send(.applied(FollowApplied(sequence: .start)))
            while await Self.follower(Self.frozen, of: fixture)?.unanswered == nil { await Task.yield() }
            let reader = try await fixture.channel.open(Methods.follow)
            try await reader.send(.start(FollowStart(name: Self.reader)))
            while await Self.follower(Self.reader, of: fixture) == nil { await Task.yield() }

            for _ in 0..<IndexUpdater.patientBeats {
                try await fixture.replica.tell()
                while await Self.follower(PlayedReplica.name, of: fixture)?.unanswered != 0 { await Task.yield() }
                await fixture.updater.beat()
            }
            let error = await #expect(throws: SwitchboardError.self) { while try await frozen.next() != nil {} }
            #expect(error?.code == .unavailable)
            #expect(error?.message.contains("30 s") == true, "\(error?.message ?? "")")
            while await Self.follower(Self.frozen, of: fixture) != nil { await Task.yield() }
            #expect(await Self.follower(PlayedReplica.name, of: fixture) != nil)
            #expect(await Self.follower(Self.reader, of: fixture) != nil, "it only reads")
            await reader.cancel()

            // It comes again when it goes on.
            let again = try await fixture.channel.open(Methods.follow)
            try await again.send(.start(FollowStart(name: Self.frozen)))
            guard case .accepted = try await again.next() else {
                Issue.record("it was not accepted")
                return
            }
            await again.cancel()
        }
    }
}
