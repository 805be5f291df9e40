import Calls
import Core
import Testing
import UpdateStore
import Wire

@testable import Updating

/// What a change of encoders does where encoders and replicas do not what they should.
@Suite(.timeLimit(.minutes(1))) struct ReencodingTests {
    private static let encoder = UpdaterFixture.encoder
    private static let other = UpdaterFixture.other

    @Test func anEncoderThatGoesAwayAtTheSwitchHoldsNoAppendsUp() async throws {
        var times = ReencodingTimes()
        // It ends when the append that is under way does.
        times.hold = .seconds(50)
        try await UpdaterFixture.run(times: times) { fixture in
            let (second, change) = try await Self.switchWithAnAppendUnderWay(fixture)
            // What the append brings lacks its vector when the switch is due, and nobody makes it.
            fixture.encoders.leave(Self.other)
            fixture.encoders.isOpen.set(true)
            #expect(try await second.value == 1)
            for await refused in fixture.encoders.refused.values() where refused.contains(.updates) { break }
            #expect(try await fixture.add("three") == 1)
            #expect(fixture.log.encoder?.encoder == Self.encoder)
            fixture.encoders.comeBack()
            let last = try #require(try await change.value.last)
            #expect(last.isSwitched)
            #expect(last.total == 3)
            #expect(fixture.log.encoder?.encoder == Self.other)
            #expect(try await fixture.log.check().fault == nil)
        }
    }

    @Test func anAppendThatWaitsForTheSwitchEndsAtItsDeadline() async throws {
        var times = ReencodingTimes()
        times.hold = .seconds(50)
        try await UpdaterFixture.run(times: times) { fixture in
            let (second, change) = try await Self.switchWithAnAppendUnderWay(fixture)
            let error = await #expect(throws: SwitchboardError.self) {
                try await fixture.append("three", within: .milliseconds(20))
            }
            #expect(error?.code == .deadlineExceeded)
            // It did not wait for that.
            #expect(await fixture.updater.isSwitching)
            fixture.encoders.isOpen.set(true)
            #expect(try await second.value == 1)
            #expect(try await change.value.last?.isSwitched == true)
            #expect(try await fixture.add("three") == 1)
        }
    }

    /// Models are being switched, and wait for an append whose text the encoders have and do not answer.
    private static func switchWithAnAppendUnderWay(
        _ fixture: UpdaterFixture
    ) async throws -> (append: Task<Int, any Error>, change: Task<[ReencodeResponse], any Error>) {
        try await fixture.replica.announce(encoder, other)
        fixture.encoders.isOpen.set(false)
        let append = Task { try await fixture.add("two") }
        for await count in fixture.encoders.waiting.values() where count > 0 { break }
        let change = Task { try await fixture.reencode() }
        while await !fixture.updater.isSwitching { await Task.yield() }
        return (append, change)
    }

    @Test func aReplicaThatNeverSaysWhatItHasIsNotLedIntoAChange() async throws {
        var times = ReencodingTimes()
        times.announcement = .milliseconds(20)
        try await UpdaterFixture.run(times: times) { fixture in
            let error = await #expect(throws: SwitchboardError.self) { _ = try await fixture.reencode() }
            #expect(error?.code == .failedPrecondition)
            #expect(error?.message.contains(PlayedReplica.name) == true)
            // Not one record that it could not read.
            #expect(fixture.log.head.position.sequence == LogSequence(1))
            try await fixture.replica.announce(Self.encoder, Self.other)
            #expect(try await fixture.reencode().last?.isSwitched == true)
        }
    }

    @Test func followersAreToldOfTheNextEncoderAsLongAsItIsMade() async throws {
        try await UpdaterFixture.run { fixture in
            try await fixture.replica.announce(Self.encoder, Self.other)
            #expect(try await fixture.reencode().last?.isSwitched == true)
            // It was said before any text was encoded by it, and taken back at the end.
            for await encoder in fixture.replica.nextEncoder.values() where encoder == nil { break }
            let heard = fixture.replica.heard.value
            #expect(heard.first == Self.other)
        }
    }

    @Test func theSwitchWaitsForGraphsAndSaysSo() async throws {
        try await UpdaterFixture.run { fixture in
            fixture.replica.graphsDue.set(3)
            try await fixture.replica.announce(Self.encoder, Self.other)
            let stream = try await fixture.channel.open(Methods.reencode, ReencodeRequest(.encoder(Self.other)))
            var told: [Int] = []
            var last: ReencodeResponse?
            while let response = try await stream.next() {
                last = response
                guard response.graphsDue > 0 else { continue }
                told.append(response.graphsDue)
                #expect(response.done == response.total)
                #expect(fixture.log.encoder?.encoder == Self.encoder)
                fixture.replica.graphsDue.set(0)
                try await fixture.replica.tell()
            }
            #expect(told.first == 3)
            #expect(last?.isSwitched == true)
        }
    }

    @Test func graphsThatNeverComeHoldNoSwitchUp() async throws {
        var times = ReencodingTimes()
        times.graphs = .milliseconds(50)
        try await UpdaterFixture.run(times: times) { fixture in
            fixture.replica.graphsDue.set(3)
            try await fixture.replica.announce(Self.encoder, Self.other)
            #expect(try await fixture.reencode().last?.isSwitched == true)
        }
    }

    @Test func aReplicaWithoutTheEncoderKeepsTheSwitchFromBeingMade() async throws {
        var times = ReencodingTimes()
        times.loading = .milliseconds(20)
        try await UpdaterFixture.run(times: times) { fixture in
            try await fixture.replica.announce(Self.encoder)
            let error = await #expect(throws: SwitchboardError.self) { _ = try await fixture.reencode() }
            #expect(error?.code == .failedPrecondition)
            #expect(error?.message.contains("\(Self.other).gguf") == true)
            #expect(error?.message.hasPrefix("nothing was begun: \(PlayedReplica.name)") == true)
            #expect(fixture.log.head.position.sequence == LogSequence(1))
            #expect(fixture.log.encoder?.encoder == Self.encoder)
            #expect(try await fixture.add("two") == 1)
            try await fixture.replica.announce(Self.encoder, Self.other)
            let responses = try await fixture.reencode()
            // Nothing was begun before.
            #expect(responses.first?.done == 0)
            #expect(responses.last?.isSwitched == true)
            #expect(responses.last?.total == 2)
        }
    }
}
