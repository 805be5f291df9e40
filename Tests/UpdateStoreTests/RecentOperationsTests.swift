import Core
import Testing

@testable import UpdateStore

@Suite struct RecentOperationsTests {
    private func operation(_ first: UInt64, _ count: UInt64, bytes: Int = 10_000) -> CommittedOperation {
        let stamp = OperationStamp(operation: [1], change: [1], source: "", author: "", timeMicroseconds: 0)
        let records = (first..<first + count).map { number in
            LogRecord(
                sequence: LogSequence(number),
                stamp: stamp,
                fact: .policySet(PolicySet(scope: .everywhere, policy: nil))
            )
        }
        return CommittedOperation(records: records, digest: StateDigest(), bytes: bytes)
    }

    @Test func dropsTheOldestAndSaysSo() {
        var recent = RecentOperations(maximumBytes: 25_000)
        recent.append([operation(1, 2), operation(3, 1)])
        #expect(recent.operations(after: .start, limit: ReadLimit())?.map(\.first.number) == [1, 3])
        recent.append([operation(4, 2)])
        #expect(recent.operations(after: .start, limit: ReadLimit()) == nil)
        #expect(recent.operations(after: LogSequence(2), limit: ReadLimit())?.map(\.first.number) == [3, 4])
    }

    @Test func knowsOnlyEndsOfOperations() {
        var recent = RecentOperations(maximumBytes: 100_000)
        recent.append([operation(1, 3), operation(4, 1)])
        #expect(recent.operations(after: LogSequence(1), limit: ReadLimit()) == nil)
        #expect(recent.operations(after: LogSequence(3), limit: ReadLimit())?.count == 1)
        #expect(recent.operations(after: LogSequence(4), limit: ReadLimit()) == nil)
    }

    @Test func keepsOneHoweverLarge() {
        var recent = RecentOperations(maximumBytes: 1)
        recent.append([operation(1, 1), operation(2, 1)])
        #expect(recent.operations(after: LogSequence(1), limit: ReadLimit(records: 0, bytes: 0))?.count == 1)
    }

    @Test func smallRecordsTakeNoMoreMemoryThanTheLimit() {
        let limit = 100_000
        var recent = RecentOperations(maximumBytes: limit)
        // As encoded they are far below the limit.
        for number in UInt64(1)...1_000 { recent.append([operation(number, 1, bytes: 10)]) }
        let one = ReadLimit(records: 0, bytes: 0)
        var dropped: UInt64 = 0
        while dropped < 1_000, recent.operations(after: LogSequence(dropped), limit: one) == nil { dropped += 1 }
        let kept = 1_000 - Int(dropped)
        #expect(kept * MemoryLayout<LogRecord>.stride <= limit)
        // And what there is room for is kept.
        #expect(kept * 1_000 >= limit)
    }
}
