import Core
import Testing
import Wire

@testable import Updating

/// How a snapshot comes in pieces, as a value.
@Suite struct SnapshotDownloadTests {
    private static func file(_ mark: UInt8) -> SnapshotResponse.Beginning {
        let position = LogPosition(log: LogID(7), sequence: LogSequence(9))
        let file = SnapshotFile(position: position, checksum: [UInt8](repeating: mark, count: 32))
        return SnapshotResponse.Beginning(file: file, size: 10)
    }

    private static func piece(
        _ offset: Int,
        _ count: Int,
        of beginning: SnapshotResponse.Beginning? = nil
    ) -> SnapshotResponse {
        SnapshotResponse(beginning: beginning, offset: offset, chunk: [UInt8](repeating: 7, count: count))
    }

    @Test func goesOnWhereALostConnectionEnded() throws {
        var download = SnapshotDownload()
        #expect(download.request(namesOnly: false) == SnapshotRequest())
        let isNew = try download.take(Self.piece(0, 4, of: Self.file(1)), isFirst: true)
        #expect(isNew)
        let isNewAfterwards = try download.take(Self.piece(4, 3), isFirst: false)
        #expect(!isNewAfterwards)
        #expect(!download.isWhole)
        #expect(download.request(namesOnly: false) == SnapshotRequest(begun: Self.file(1).file, offset: 7))
        let isNewAtLast = try download.take(Self.piece(7, 3, of: Self.file(1)), isFirst: true)
        #expect(!isNewAtLast)
        #expect(download.isWhole)
    }

    @Test func beginsAnewWhereThereIsAnotherByNow() throws {
        var download = SnapshotDownload()
        _ = try download.take(Self.piece(0, 4, of: Self.file(1)), isFirst: true)
        let isNew = try download.take(Self.piece(0, 10, of: Self.file(2)), isFirst: true)
        #expect(isNew)
        #expect(download.isWhole)
        #expect(download.beginning == Self.file(2))
    }

    @Test func namesAreAskedForWhole() throws {
        var download = SnapshotDownload()
        _ = try download.take(Self.piece(0, 4, of: Self.file(1)), isFirst: true)
        #expect(download.request(namesOnly: true) == SnapshotRequest(namesOnly: true))
    }

    private static let misfits: [([SnapshotResponse], String)] = [
        ([piece(0, 4)], "no beginning"), ([piece(0, 4, of: file(1)), piece(5, 1)], "a gap"),
        ([piece(0, 4, of: file(1)), piece(3, 1)], "an overlap"), ([piece(0, 11, of: file(1))], "too much"),
        ([piece(2, 4, of: file(1))], "a beginning in the middle"),
    ]

    @Test(arguments: misfits)
    func whatDoesNotFitIsRefused(pieces: [SnapshotResponse], what: String) {
        var download = SnapshotDownload()
        let error = #expect(throws: SwitchboardError.self, "\(what)") {
            for (number, piece) in pieces.enumerated() { _ = try download.take(piece, isFirst: number == 0) }
        }
        #expect(error?.code == .dataLoss)
    }
}
