internal import Core
internal import Datasets

/// What was said before each row in its conversation, row after row.
///
/// The same conversation id in another file is another conversation.
struct EarlierTurns {
    private struct Conversation: Hashable {
        let file: String
        let id: String
    }

    private let limit: Int
    private var said: [Conversation: [Turn]] = [:]

    init(atMost limit: Int) {
        self.limit = limit
    }

    /// - Returns: the last turns before this row, oldest first; none for a row that belongs to no conversation.
    mutating func next(_ row: LabelledUtterance) -> [Turn] {
        guard limit > 0, let id = row.conversation else { return [] }
        let conversation = Conversation(file: row.file, id: id)
        let earlier = said[conversation] ?? []
        let turn = Turn(role: row.role == .agent ? .agent : .caller, text: row.text)
        said[conversation] = (earlier + [turn]).suffix(limit)
        return earlier
    }
}
