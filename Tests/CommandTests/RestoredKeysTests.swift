import Testing

@testable import switchboard

/// What `restore` says of keys.
struct RestoredKeysTests {
    private func notices(_ live: Int, hasList: Bool, leftAdmin: String? = nil) -> [String] {
        let time: Int64 = 1_795_132_800_000_000
        return RestoredKeys(live: live, revoked: 0, leftAdmin: leftAdmin, hasList: hasList, time: time).notices
    }

    @Test func withoutTheListItSaysThatRevokedKeysAreValidAgain() throws {
        let notice = try #require(notices(3, hasList: false).first)
        #expect(notice.contains("valid again") && notice.contains("--revocations"))
        #expect(notice.contains("(2026-11-"))
        #expect(notices(3, hasList: true).isEmpty)
        #expect(notices(0, hasList: false).isEmpty)
    }

    @Test func theAdminThatStayedIsNamed() throws {
        let notice = try #require(notices(1, hasList: true, leftAdmin: "root").first)
        #expect(notice.contains("keys revoke root"))
    }
}
