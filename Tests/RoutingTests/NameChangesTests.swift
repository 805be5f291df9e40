import Core
import Testing

@testable import Routing

@Suite struct NameChangesTests {
    @Test func tellsWhatChangedAfterAPlace() {
        var changes = NameChanges()
        changes.add([IntentID(8), IntentID(9)], at: LogSequence(1))
        changes.add([IntentID(9)], at: LogSequence(2))
        changes.add([IntentID(24)], at: LogSequence(3))
        #expect(changes.since(LogSequence(1)) == [IntentID(9), IntentID(24)])
        #expect(changes.since(LogSequence(3)) == [])
        #expect(changes.since(.start)?.count == 3)
    }

    @Test func aSlowReaderIsToldThatItMissedSome() {
        var changes = NameChanges()
        let count = UInt64(3 * NameChanges.kept)
        for sequence in 1...count { changes.add([IntentID(8 * sequence)], at: LogSequence(sequence)) }
        #expect(changes.since(LogSequence(1)) == nil)
        let recent = count - UInt64(NameChanges.kept)
        #expect(changes.since(LogSequence(recent))?.count == NameChanges.kept)
    }
}
