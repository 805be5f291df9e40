import Core
import Testing

@testable import Wire

/// What a sender can make a decoder spend.
@Suite struct BudgetTests {
    @Test func refusesMoreThanFourMiB() {
        let bytes = [UInt8](repeating: 0, count: Limits.maximumBytes + 1)
        let error = #expect(throws: SwitchboardError.self) { try HealthRequest(decoding: bytes) }
        #expect(error?.code == .resourceExhausted)
    }

    /// A field of two bytes costs the parser far more than two: millions of them must not cost gigabytes.
    @Test(
        arguments: [
            [0xA2, 0x06, 0x00],  // an unknown field of no bytes, number 100
            [0x0A, 0x00],  // an empty element of a repeated message
            [0x12, 0x00],  // an empty string
            [0x18, 0x01],  // a number, again and again
        ] as [[UInt8]]
    )
    func millionsOfTinyFieldsStayWithinTheBudget(field: [UInt8]) {
        let bytes = Array((0..<(Limits.maximumBytes / field.count)).map { _ in field }.joined())
        for kind in MessageKind.all {
            var held = 0
            let clock = ContinuousClock()
            let spent = clock.measure { _ = try? kind.recode(bytes, &held) }
            #expect(held <= Limits.unpackingBudget(for: bytes.count), "\(kind.name)")
            #expect(spent < .seconds(20), "\(kind.name)")
        }
    }

    /// Parts of a message that comes in pieces are merged, each time into a new list.
    @Test func mergingTheSameMessageAgainAndAgainStaysWithinTheBudget() {
        let piece = RawMessage { $0.message(1) { $0.text(2, "s") } }.bytes
        let bytes = Array((0..<500_000).map { _ in piece }.joined())
        let clock = ContinuousClock()
        let spent = clock.measure {
            let error = #expect(throws: SwitchboardError.self) { try WorkerMessage(decoding: bytes) }
            #expect(error?.code == .resourceExhausted)
        }
        #expect(spent < .seconds(20))
    }

    @Test func memoryIsGivenBackWhetherAcceptedOrRefused() throws {
        let payload = [UInt8](repeating: 7, count: 100_000)
        let good = WorkerMessage.result(WorkerResult(callID: 1, payload: payload)).encoded()
        // It unpacks, but a result needs a status.
        let bad = RawMessage { $0.message(4) { $0.bytes(3, payload) } }.bytes
        var held = 0
        _ = try good.withUnsafeBytes { try WorkerMessage.decode($0, WorkerMessage.name, held: &held) }
        #expect(held > payload.count)
        let before = try residentBytes()
        for _ in 0..<2_000 {
            _ = try WorkerMessage(decoding: good)
            #expect(throws: SwitchboardError.self) { try WorkerMessage(decoding: bad) }
        }
        // Lost chunks would be 400 MB; tests beside this one hold up to 68 MB.
        #expect(try residentBytes() - before < 150 * 1024 * 1024)
    }

    @Test func anArenaKeepsToItsBudget() {
        withUnsafeTemporaryAllocation(byteCount: 64, alignment: 16) { first in
            var arena = Arena(first: first, budget: 10_000)
            var places: Set<UInt> = []
            var taken = 0
            while let piece = arena.take(24) {
                let place = UInt(bitPattern: piece)
                #expect(place.isMultiple(of: 16))
                #expect(places.insert(place).inserted)
                piece.storeBytes(of: UInt64(taken), toByteOffset: 16, as: UInt64.self)
                taken += 1
            }
            let (isOverBudget, held) = (arena.isOverBudget, arena.held)
            #expect(isOverBudget)
            #expect(held <= 10_000)
            // Nearly all of the budget can be used.
            #expect(taken * 32 > 9_000)
        }
    }

    @Test func anArenaRefusesAnAbsurdPiece() {
        withUnsafeTemporaryAllocation(byteCount: 64, alignment: 16) { first in
            var arena = Arena(first: first, budget: .max)
            let piece = arena.take(.max)
            let isOverBudget = arena.isOverBudget
            #expect(piece == nil)
            #expect(isOverBudget)
        }
    }
}
