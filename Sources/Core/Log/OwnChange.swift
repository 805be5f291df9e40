/// How the ids of changes begin that the product makes by itself.
///
/// Who undoes something finds by such an id what an earlier attempt at it has put back, so a client that could choose one
/// would say what was undone.
package enum OwnChange: String, Sendable, CaseIterable {
    case undo = "undo-"
    case rollback = "rollback-"
    /// Of a clusterer, which may be a process of its own.
    case accept = "accept-"
    case reencode = "reencode "

    /// Nil: the id is of none of them.
    package init?(_ change: [UInt8]) {
        guard let own = Self.allCases.first(where: { change.starts(with: $0.rawValue.utf8) }) else { return nil }
        self = own
    }

    /// - Returns: an id that begins so.
    package func change(_ rest: String) -> [UInt8] { Array((rawValue + rest).utf8) }

    /// Of an id that somebody else chose.
    package static var refusal: SwitchboardError {
        let prefixes = allCases.map { "'\($0.rawValue)'" }.joined(separator: ", ")
        return .invalid(
            "the change id begins as those do that are made here (\(prefixes)); choose one that begins otherwise",
            field: "change_id"
        )
    }
}

extension AppendBatch {
    /// The change that its operation belongs to.
    package var effectiveChange: [UInt8] { change.isEmpty ? operation : change }
}
