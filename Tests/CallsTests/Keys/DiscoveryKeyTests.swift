import Calls
import Core
import Testing
import Wire

/// What a key that is limited to verticals may ask of discovery.
@Suite struct DiscoveryKeyTests {
    private func reviewer(of vertical: Vertical) throws -> Caller {
        .key(KeyAccess(name: try KeyName("ann"), roles: [.review], verticals: [vertical]), address: "10.0.0.1")
    }

    private func entry(_ vertical: Vertical) throws -> PoolEntry {
        PoolEntry(text: try UtteranceText("hello"), vertical: vertical, reason: .file, timeMicroseconds: 0)
    }

    @Test func itAddsInItsVerticalsOnly() throws {
        let (shop, bank) = (try Vertical("shop"), try Vertical("bank"))
        let own = DiscoveryAddRequest(entries: [try entry(shop)], pool: "p")
        #expect(try own.admitted(by: reviewer(of: shop)) == own)
        let mixed = DiscoveryAddRequest(entries: [try entry(shop), try entry(bank)], pool: "p")
        let error = #expect(throws: SwitchboardError.self) { try mixed.admitted(by: reviewer(of: shop)) }
        #expect(error?.code == .permissionDenied)
        #expect(try mixed.admitted(by: .anyone) == mixed)
    }

    @Test func withoutVerticalsItMeansItsOwn() throws {
        let (shop, bank) = (try Vertical("shop"), try Vertical("bank"))
        #expect(try DiscoveryStartRequest().admitted(by: reviewer(of: shop)).verticals == [shop])
        #expect(try DiscoveryListRequest().admitted(by: reviewer(of: shop)).verticals == [shop])
        #expect(throws: SwitchboardError.self) {
            try DiscoveryStartRequest(verticals: [bank]).admitted(by: reviewer(of: shop))
        }
    }
}
