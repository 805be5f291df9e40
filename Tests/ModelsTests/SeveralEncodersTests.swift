import Core
import Synchronization
import Testing

@testable import Models

/// One queue with several encoders, and the shelf that they are loaded to.
@Suite(.timeLimit(.minutes(2))) struct SeveralEncodersTests {
    private static let live = ComputeOrder(.live)

    private static func queue(_ encoder: FakeEncoder, threads: Int = 1) async throws -> ComputeQueue {
        let queue = ComputeQueue(encoder: encoder, scorer: nil, limits: .init(threads: threads))
        try await queue.start()
        return queue
    }

    private static func until(_ isSo: () -> Bool) async {
        while !isSo() { await Task.yield() }
    }

    @Test func eachTextIsEncodedByTheEncoderThatWasAskedFor() async throws {
        let (own, other) = (FakeEncoder(), FakeEncoder(number: 8))
        let queue = try await Self.queue(own)
        _ = try await queue.encode(["one"], Self.live)
        _ = try await queue.encode(["two"], Self.live, by: other)
        let length = try await queue.encode("three", Self.live, by: other) { encoded in encoded.vector[0] }
        #expect(length.value == 5)
        #expect(own.batches == [["one"]])
        #expect(other.batches == [["two"], ["three"]])
        await queue.shutDown()
    }

    @Test func whatOneEncoderFailsAtDoesNotConcernTheOthers() async throws {
        let gate = Gate(isOpen: false)
        let (own, other) = (FakeEncoder(gate: gate), FakeEncoder(number: 8))
        let queue = try await Self.queue(own)
        async let first = queue.encode(["first"], Self.live)
        await Self.until { own.batches.count == 1 }
        // These wait, and are taken together.
        async let fine = queue.encode(["fine"], Self.live)
        let poison = Task { try await queue.encode(["poison"], Self.live, by: other) }
        await Self.until { queue.statistics.counts[.live].waiting == 2 }
        gate.open()
        _ = try await first
        let vectors = try await fine.value.map(\.vector)
        #expect(vectors == [FakeEncoder.vector(of: "fine")])
        let error = await #expect(throws: SwitchboardError.self) { try await poison.value }
        #expect(error?.code == .internal)
        await queue.shutDown()
    }

    @Test func threadsGetReadyForNewEncodersAndDoWithoutOldOnes() async throws {
        let (own, other) = (FakeEncoder(), FakeEncoder(number: 8))
        let queue = try await Self.queue(own, threads: 2)
        #expect(own.contexts.value == 2)
        queue.keepReady([own, other])
        await Self.until { other.contexts.value == 2 }
        queue.keepReady([other])
        _ = try await queue.encode(["one"], Self.live, by: other)
        #expect(other.contexts.value == 2)
        // Whoever asks for one that is no longer kept ready is answered all the same.
        let late = try await queue.encode(["late"], Self.live)
        #expect(late.value.count == 1)
        await queue.shutDown()
    }

    @Test func whileAThreadGetsReadyTheOthersAnswer() async throws {
        let startGate = Gate(isOpen: false)
        let (own, other) = (FakeEncoder(), FakeEncoder(startGate: startGate, number: 8))
        let queue = try await Self.queue(own, threads: 2)
        queue.keepReady([own, other])
        await Self.until { other.contexts.value == 1 }
        _ = try await queue.encode(["one"], Self.live)
        #expect(own.batches == [["one"]])
        #expect(other.contexts.value == 1)
        startGate.open()
        await Self.until { other.contexts.value == 2 }
        await queue.shutDown()
    }

    @Test func whatManyLoadAndLetGoAtOnceIsReadyInTheEnd() async throws {
        let own = FakeEncoder()
        let others = (20..<23).map { FakeEncoder(number: $0) }
        let queue = try await Self.queue(own)
        let shelf = EncoderShelf(LocalEncoding(own, on: queue), queue: queue) {
            (id: ModelID) async throws(SwitchboardError) -> any TextEncoding in
            guard let encoder = others.first(where: { $0.id == id }) else {
                throw SwitchboardError(.failedPrecondition, "there is no such file")
            }
            return encoder
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for other in others + others + others {
                group.addTask { _ = try await shelf.encoder(other.id) }
                group.addTask { shelf.keep(Set(shelf.ids)) }
            }
            try await group.waitForAll()
        }
        let kept = queue.shared.withLock { Set($0.encoders.keys) }
        #expect(kept == Set(shelf.ids))
        await queue.shutDown()
    }

    @Test func asManyAreLoadedAsMayBeAndThoseThatGoMakeRoom() async throws {
        let own = FakeEncoder()
        let queue = try await Self.queue(own)
        let shelf = EncoderShelf(LocalEncoding(own, on: queue), queue: queue) {
            (id: ModelID) async throws(SwitchboardError) -> any TextEncoding in
            FakeEncoder(number: id.bytes[0])
        }
        let ids = (20..<24).map { FakeEncoder(number: $0).id }
        for id in ids.prefix(3) { _ = try await shelf.encoder(id) }
        let error = await #expect(throws: SwitchboardError.self) { _ = try await shelf.encoder(ids[3]) }
        #expect(error?.code == .resourceExhausted)
        // What the index names is loaded all the same.
        _ = try await shelf.encoder(ids[3], isNamed: true)
        shelf.keep([own.id, ids[0]])
        _ = try await shelf.encoder(ids[3])
        #expect(Set(shelf.ids) == [own.id, ids[0], ids[3]])
        await queue.shutDown()
    }

    @Test func anEncoderIsLoadedOnceForAllWhoAsk() async throws {
        let (own, other) = (FakeEncoder(), FakeEncoder(number: 8))
        let queue = try await Self.queue(own)
        let loads = Counter()
        let shelf = EncoderShelf(LocalEncoding(own, on: queue), queue: queue) {
            (id: ModelID) async throws(SwitchboardError) -> any TextEncoding in
            loads.add()
            guard id == other.id else { throw SwitchboardError(.failedPrecondition, "there is no such file") }
            return other
        }
        #expect(shelf.ids == [own.id])
        try await withThrowingTaskGroup(of: ModelID.self) { group in
            for _ in 0..<8 { group.addTask { try await shelf.encoder(other.id).id } }
            for try await id in group { #expect(id == other.id) }
        }
        #expect(loads.value == 1)
        #expect(Set(shelf.ids) == [own.id, other.id])
        shelf.keep([other.id])
        #expect(shelf.ids == [other.id])
        #expect(shelf[own.id] == nil)
        // The queue's own needs no loading.
        _ = try await shelf.encoder(own.id)
        #expect(loads.value == 1)
        await queue.shutDown()
    }

    @Test func aFailureIsToldAndTriedAgain() async throws {
        let (own, other) = (FakeEncoder(), FakeEncoder(number: 8))
        let queue = try await Self.queue(own)
        let isThere = Gate(isOpen: false)
        let shelf = EncoderShelf(LocalEncoding(own, on: queue), queue: queue) {
            (_: ModelID) async throws(SwitchboardError) -> any TextEncoding in
            guard isThere.isOpen else { throw SwitchboardError(.failedPrecondition, "there is no such file") }
            return other
        }
        let error = await #expect(throws: SwitchboardError.self) { _ = try await shelf.encoder(other.id) }
        #expect(error?.code == .failedPrecondition)
        isThere.open()
        let loaded = try await shelf.encoder(other.id)
        #expect(loaded.id == other.id)
        await queue.shutDown()
    }
}
