import Core
import Testing

@testable import Index

@Suite struct RowTableTests {
    private func facts(_ number: Int, slot: UInt32 = 0) throws -> RowFacts {
        let text = String(repeating: "é", count: number % 7) + "text \(number)"
        return RowFacts(
            exemplar: ExemplarID(vertical: .default, text: try UtteranceText(text)),
            firstSequence: LogSequence(UInt64(number)),
            slot: slot,
            encoder: UInt16(number % 3),
            text: text,
            origin: number % 5 == 0 ? [UInt8(number % 256)] : [],
        )
    }

    @Test func givesBackWhatWasPutIn() throws {
        var table = RowTable()
        let all = try (0..<1_000).map { try facts($0, slot: UInt32($0 % 4)) }
        for facts in all { table.append(facts) }
        #expect(table.count == 1_000)
        #expect((0..<1_000).map { table[$0] } == all)
        table.relabel(700, slot: 9)
        #expect(table[700].slot == 9)
        #expect(table[701] == all[701])
    }

    @Test func selectsLiveRowsByIntent() throws {
        var table = RowTable()
        for number in 0..<600 { table.append(try facts(number, slot: UInt32(number % 3))) }
        for row in 0..<300 { table.remove(row) }
        let selected = table.rows(whereSlot: [false, true, true])
        #expect((0..<600).map { selected[$0] } == (0..<600).map { $0 >= 300 && $0 % 3 != 0 })
    }

    @Test func aChunkOfDeadRowsKeepsNoText() throws {
        var table = RowTable()
        for number in 0..<(2 * RowChunk.capacity) { table.append(try facts(number)) }
        let full = table.bytes
        for row in 0..<RowChunk.capacity { table.remove(row) }
        #expect(table.bytes < full * 3 / 4)
        #expect(table[RowChunk.capacity].text == (try facts(RowChunk.capacity)).text)
    }

    @Test func aCopyDoesNotSeeLaterChanges() throws {
        var table = RowTable()
        for number in 0..<300 { table.append(try facts(number)) }
        let copy = table
        table.remove(5)
        table.relabel(299, slot: 4)
        table.append(try facts(300))
        #expect(copy.count == 300)
        #expect(copy[5] == (try facts(5)))
        #expect(copy[299].slot == 0)
    }
}
