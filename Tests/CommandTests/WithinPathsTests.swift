import Core
import SwitchboardClient
import Testing

@testable import switchboard

struct WithinPathsTests {
    private func entry(_ path: String, id: UInt64, aliasOf: UInt64? = nil) throws -> IntentEntry {
        var intent = IntentEntry(
            Intent(id: IntentID(id), vertical: .default, path: try IntentPath(path))
        )
        intent.aliasOf = aliasOf
        return intent
    }

    @Test func pathsThatNoIntentHasAreTold() throws {
        var paths = WithinPaths(["orders", "orders/late", "bills", "retired"])
        try paths.note([entry("orders", id: 8), entry("orders/delayed", id: 9), entry("retired", id: 16, aliasOf: 8)])
        let warning = try #require(paths.warning)
        #expect(warning.contains("'orders/late', 'bills', 'retired' (--within)"))
        try paths.note([entry("orders/late", id: 24), entry("bills", id: 32), entry("retired", id: 40)])
        #expect(paths.warning == nil)
    }

    @Test func whatIsNoPathIsLeftToWhoRefusesIt() {
        #expect(WithinPaths(["", "a//b"]).warning == nil)
        #expect(WithinPaths([]).warning == nil)
    }
}
