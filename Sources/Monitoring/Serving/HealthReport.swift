/// What a node says when it is asked whether it is well, or ready: yes if there is no reason against it.
package struct HealthReport: Sendable, Equatable, Codable {
    /// Why not, a sentence each, for the person who has to mend it. Holds no caller text.
    package var reasons: [String]
    /// What else is worth knowing and is no reason against it, such as a scorer that is missing.
    package var notes: [String]

    package init(reasons: [String] = [], notes: [String] = []) {
        self.reasons = reasons
        self.notes = notes
    }

    package var isGood: Bool { reasons.isEmpty }

    private enum CodingKeys: String, CodingKey {
        case good, reasons, notes
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        reasons = try container.decode([String].self, forKey: .reasons)
        notes = try container.decode([String].self, forKey: .notes)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(isGood, forKey: .good)
        try container.encode(reasons, forKey: .reasons)
        try container.encode(notes, forKey: .notes)
    }
}
