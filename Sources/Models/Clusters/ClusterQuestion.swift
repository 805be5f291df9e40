package import Core

/// What the language model is asked about utterances that lie together: whether they are one intent, or what its name is.
package struct ClusterQuestion: Sendable, Hashable {
    package static let maximumUtterances = 32
    /// With the three names that a search goes on with, a round is what is scored at a time (64).
    package static let maximumWords = 20
    package static let maximumWordBytes = 64
    package static let maximumTaken = 1_000

    package enum Kind: Sendable, Hashable {
        /// Whether they share one intent: yes or no.
        case judge
        case name(NameForm)
    }

    /// 1 to 32.
    package let utterances: [UtteranceText]
    package let kind: Kind

    /// - Throws: `.invalidArgument` unless there are 1 to 32 utterances.
    package init(judging utterances: [UtteranceText]) throws(SwitchboardError) {
        try self.init(utterances, .judge)
    }

    /// - Parameters:
    ///   - role: whose turns they are; nil: not told.
    ///   - words: 1 to 20 that the objective may be made of.
    ///   - taken: labels that must not come out.
    /// - Throws: `.invalidArgument` for another number of utterances, words or labels, or a word that is none.
    package init(
        naming utterances: [UtteranceText],
        role: Role?,
        words: [String],
        taken: [String],
    ) throws(SwitchboardError) {
        guard (1...Self.maximumWords).contains(words.count) else {
            throw .invalid("a name is made of 1 to \(Self.maximumWords) words, not of \(words.count)")
        }
        guard taken.count <= Self.maximumTaken else {
            throw .invalid("\(taken.count) names are taken; at most \(Self.maximumTaken) are accepted")
        }
        for word in words {
            guard (1...Self.maximumWordBytes).contains(word.utf8.count), word.unicodeScalars.allSatisfy(Self.isOfWord)
            else {
                throw .invalid(
                    "a word of a name has 1 to \(Self.maximumWordBytes) bytes, without white space, '-', '_' or '/'"
                )
            }
        }
        let form = NameForm(verbs: ActionVerbs.verbs(of: role), words: words, taken: Set(taken))
        try self.init(utterances, .name(form))
    }

    private init(_ utterances: [UtteranceText], _ kind: Kind) throws(SwitchboardError) {
        guard (1...Self.maximumUtterances).contains(utterances.count) else {
            throw .invalid(
                "a question about a cluster has 1 to \(Self.maximumUtterances) utterances, not \(utterances.count)"
            )
        }
        self.utterances = utterances
        self.kind = kind
    }

    private static func isOfWord(_ scalar: Unicode.Scalar) -> Bool {
        !scalar.properties.isWhitespace && scalar.properties.generalCategory != .control
            && scalar != "-" && scalar != "_" && scalar != "/"
    }

    /// Bytes of all texts, for the queue's bound.
    package var byteCount: Int {
        var bytes = utterances.reduce(0) { $0 + $1.value.utf8.count }
        if case .name(let form) = kind {
            bytes += form.words.reduce(0) { $0 + $1.utf8.count } + form.taken.reduce(0) { $0 + $1.utf8.count }
        }
        return bytes
    }

    /// A guess at the tokens that are computed for it.
    ///
    /// - Parameter promptTokens: most tokens of a prompt.
    func guessedTokens(promptTokens: Int) -> Int {
        let lines = utterances.reduce(0) { $0 + min($1.value.utf8.count / 4 + 3, ClusterPrompt.utteranceTokens) }
        return min(lines + 80, promptTokens) + 20
    }
}

/// What names may be: a verb and one to four of the words, joined by `-`.
package struct NameForm: Sendable, Hashable {
    package let verbs: [String]
    package let words: [String]
    /// Labels that must not come out.
    package let taken: Set<String>

    package init(verbs: [String], words: [String], taken: Set<String>) {
        self.verbs = verbs
        self.words = words
        self.taken = taken
    }
}

/// What the language model answered.
package struct ClusterAnswer: Sendable, Hashable {
    package enum Value: Sendable, Hashable {
        /// The probability that the utterances share one intent; not calibrated.
        case good(Double)
        /// Such as `cancel-order`; empty where every name of the form is taken.
        case name(String)
    }

    package var value: Value
    /// Of the prompt and all that was weighed after it.
    package var tokens: Int

    package init(value: Value, tokens: Int) {
        self.value = value
        self.tokens = tokens
    }
}
