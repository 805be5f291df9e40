/// What a column or a key of a row means, by the names that data sets use for it.
enum RowField: CaseIterable {
    case text
    case intent
    case vertical
    case role
    case conversation
    case origin

    /// The names that are taken for it; an earlier one wins where a row has several.
    var names: [String] {
        switch self {
        case .text: ["text", "query", "utterance", "input"]
        case .intent: ["intent", "label", "category", "reference_label"]
        case .vertical: ["vertical"]
        case .role: ["role"]
        case .conversation: ["conversation", "conversation_id", "dialogue_id"]
        case .origin: ["origin"]
        }
    }

    /// The names in a sentence.
    var accepted: String {
        names.map { "'\($0)'" }.joined(separator: ", ")
    }

    /// The field that a name stands for, and the name's place among the field's names.
    static func meaning(of name: String) -> (field: RowField, rank: Int)? {
        meanings[name]
    }

    private static let meanings: [String: (field: RowField, rank: Int)] = {
        var meanings: [String: (field: RowField, rank: Int)] = [:]
        for field in allCases {
            for (rank, name) in field.names.enumerated() { meanings[name] = (field, rank) }
        }
        return meanings
    }()
}
