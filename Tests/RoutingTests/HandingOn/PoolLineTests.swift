import Core
import Routing
import Testing

struct PoolLineTests {
    private static func entry(_ number: Int, bytes: Int = 1) throws -> PoolEntry {
        PoolEntry(
            requestID: Array("\(number)".utf8),
            text: try UtteranceText(String(repeating: "x", count: bytes)),
            vertical: .default,
            reason: .unknown,
            timeMicroseconds: Int64(number)
        )
    }

    @Test func theOldestMakeRoomForWhatComes() throws {
        var line = PoolLine()
        let entries = try (0..<PoolLine.maximumEntries + 10).map { try Self.entry($0) }
        #expect(line.append(entries) == 10)
        #expect(line.entries.first?.timeMicroseconds == 10)
        #expect(line.append([try Self.entry(-1)]) == 1)
        #expect(line.entries.count == PoolLine.maximumEntries)
    }

    @Test func staysWithinItsBytes() throws {
        var line = PoolLine()
        var dropped = 0
        for number in 0..<1_000 { dropped += line.append([try Self.entry(number, bytes: 8_000)]) }
        #expect(dropped > 0 && line.entries.count == 1_000 - dropped)
        #expect(line.bytes <= PoolLine.maximumBytes)
        #expect(line.entries.last?.timeMicroseconds == 999)
    }

    @Test func batchesAreBoundedAndInOrder() throws {
        var line = PoolLine()
        _ = line.append(try (0..<600).map { try Self.entry($0) })
        let first = line.take()
        #expect(first.map(\.timeMicroseconds) == (0..<Int64(PoolLine.batchEntries)).map { $0 })
        #expect(line.putBack(first) == 0)
        #expect(line.take() == first)
        var rest = line.take().count
        while case let batch = line.take(), !batch.isEmpty { rest += batch.count }
        #expect(rest == 600 - PoolLine.batchEntries)
        #expect(line.bytes == 0)
        _ = line.append(try (0..<100).map { try Self.entry($0, bytes: 8_000) })
        #expect(line.take().count == 16)
    }

    @Test func whatIsPutBackIsTheFirstToGoWhereThereIsNoRoom() throws {
        var line = PoolLine()
        _ = line.append(try (0..<PoolLine.maximumEntries).map { try Self.entry($0) })
        let batch = line.take()
        _ = line.append(try (0..<10).map { try Self.entry(10_000 + $0) })
        #expect(line.putBack(batch) == 10)
        #expect(line.entries.first?.timeMicroseconds == 10)
        #expect(line.entries.last?.timeMicroseconds == 10_009)
    }
}
