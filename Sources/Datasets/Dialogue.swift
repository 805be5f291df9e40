/// The turns of one conversation, in the order in which they were said.
///
/// For the evaluation of answers that depend on earlier turns, and for the discovery of intents; a load takes rows.
package struct Dialogue: Sendable, Hashable {
    /// Nil for a row that belongs to none; such a row is a dialogue of its own.
    package let conversation: String?
    package let turns: [LabelledUtterance]

    /// Gathers rows into dialogues, in the order of each one's first row; the same id in another file is another
    /// conversation.
    package static func gather(_ rows: [LabelledUtterance]) -> [Dialogue] {
        struct Key: Hashable {
            let file: String
            let conversation: String
        }
        var places: [Key: Int] = [:]
        var gathered: [(conversation: String?, turns: [LabelledUtterance])] = []
        for row in rows {
            guard let conversation = row.conversation else {
                gathered.append((nil, [row]))
                continue
            }
            let key = Key(file: row.file, conversation: conversation)
            if let place = places[key] {
                gathered[place].turns.append(row)
            } else {
                places[key] = gathered.count
                gathered.append((conversation, [row]))
            }
        }
        return gathered.map { Dialogue(conversation: $0.conversation, turns: $0.turns) }
    }
}
