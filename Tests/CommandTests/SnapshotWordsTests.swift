import ArgumentParser
import Core
import Testing
import Wire

@testable import switchboard

@Suite struct SnapshotWordsTests {
    @Test func aSnapshotIsNamedWithItsFile() throws {
        let position = LogPosition(log: LogID(7), sequence: LogSequence(12_345))
        let file = SnapshotFile(position: position, checksum: [UInt8](repeating: 0xAB, count: 32))
        let report = IndexSnapshotCommand.Report(SnapshotResponse.Beginning(file: file, size: 1 << 20))
        #expect(report.seq == 12_345)
        #expect(report.logID == LogID(7).description)
        #expect(report.checksum == String(repeating: "ab", count: 32))
        #expect(report.words.hasPrefix("snapshots/12345.snapshot: record "))
    }

    @Test(arguments: [["--before", "0"], [], ["--before", "x"]])
    func trimNeedsARecord(arguments: [String]) {
        #expect(throws: (any Error).self) { _ = try IndexTrimCommand.parse(arguments) }
    }

    @Test func trimTakesARecord() throws {
        let command = try IndexTrimCommand.parse(["--before", "77"])
        #expect(command.before == 77)
    }
}
