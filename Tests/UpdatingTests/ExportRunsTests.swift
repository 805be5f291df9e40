import Calls
import Core
import Testing

@testable import Updating

/// Who may begin an export.
@Suite struct ExportRunsTests {
    private func begin(_ runs: inout ExportRuns, _ client: UInt8, isPurging: Bool = false) throws -> ExportRuns.RunID {
        try runs.begin(for: ClientIdentity([client]), isPurging: isPurging) { _ in }
    }

    @Test func aClientLeavesRoomForOthers() throws {
        var runs = ExportRuns()
        var ids: [ExportRuns.RunID] = []
        for _ in 0..<(SharedPlaces.maximum / 2) { ids.append(try begin(&runs, 1)) }
        let error = #expect(throws: SwitchboardError.self) { try begin(&runs, 1) }
        #expect(error?.code == .resourceExhausted)
        #expect(error?.message.contains("share") == true)
        _ = try begin(&runs, 2)
        runs.end(ids[0])
        runs.end(ids[0])
        _ = try begin(&runs, 2)
        for id in ids.dropFirst() { runs.end(id) }
        _ = try begin(&runs, 1)
        #expect(runs.ends.count == 3)
    }

    @Test func noneBeginsWhileExemplarsAreErased() throws {
        var runs = ExportRuns()
        let error = #expect(throws: SwitchboardError.self) { try begin(&runs, 1, isPurging: true) }
        #expect(error?.code == .unavailable)
        #expect(error?.retryAfter != nil)
        #expect(runs.isEmpty)
    }
}
