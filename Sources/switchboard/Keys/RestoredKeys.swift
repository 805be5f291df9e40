import Foundation

/// What somebody who restored a backup has to know of its keys.
struct RestoredKeys: Equatable {
    /// Keys that the restored log lets in.
    let live: Int
    /// Those that the list of revocations shut out.
    let revoked: Int
    /// Named by that list too, and the only admin that is left.
    let leftAdmin: String?
    /// Whether there was such a list.
    let hasList: Bool
    /// The backup's, in microseconds since 1970, UTC.
    let time: Int64

    var notices: [String] {
        var notices: [String] = []
        if live > 0, !hasList {
            let written = Date(timeIntervalSince1970: Double(time) / 1e6).formatted(.iso8601)
            notices.append(
                "NOTE: keys that were revoked after the backup (\(written)) are valid again, unless --revocations names "
                    + "the old folder's revocations.jsonl. Restore again with it where it is left; else compare "
                    + "'switchboard keys list' with audit.jsonl there, which says when admins acted, and revoke them"
            )
        }
        if let leftAdmin {
            notices.append(
                "NOTE: '\(leftAdmin)' was revoked and is valid again, since the backup has no other admin: make "
                    + "another one at once (switchboard keys add NAME --role admin) and revoke this one (switchboard "
                    + "keys revoke \(leftAdmin))"
            )
        }
        return notices
    }
}
