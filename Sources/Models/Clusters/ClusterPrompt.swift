package import Core

/// The prompts of questions about a cluster, all of it: what the language model reads before each ending.
///
///     Name what these utterances ask for: a verb and its object.
///
///     - {utterance}                        two clusters with their names, always the same
///     ...
///     Name: {verb} {object}
///
///     - {utterance 1}                      the cluster, in the order given
///     - {utterance 2}
///     Name:
///
/// An ending is appended as ` {verb} {object}` and a newline; for a judgement, after its own instruction and examples, as
/// ` yes` or ` no` and a newline. Each line is tokenised by itself, special tokens in it as plain text; an utterance is cut
/// after 64 tokens, and the last ones are left out where the prompt has no room for them. An adapter is trained on the very
/// same (`switchboard training-set --for namer`).
package enum ClusterPrompt {
    /// Most tokens of one utterance.
    static let utteranceTokens = 64

    static let naming = """
        Name what these utterances ask for: a verb and its object.

        - my brakes squeak whenever i stop
        - could somebody look at the brakes of my bike
        - the front brake does not hold any more
        Name: fix bike brakes

        - is there a train to the coast on sunday
        - when does the last train leave
        Name: check train times


        """
    static let judging = """
        Do all of these utterances ask for the same thing? Answer yes or no.

        - my brakes squeak whenever i stop
        - could somebody look at the brakes of my bike
        - the front brake does not hold any more
        Same: yes

        - my brakes squeak whenever i stop
        - when does the last train leave
        - could somebody look at the brakes of my bike
        Same: no


        """

    /// What an adapter that was trained on these says it is for, in its `switchboard.prompt`.
    static let purpose = "clusters"

    static let bullet = "- "
    static let newline = "\n"
    static let namingEnd = "Name:"
    static let judgingEnd = "Same:"
    static let yes = " yes\n"
    static let no = " no\n"

    /// What a name adds to the prompt.
    ///
    /// - Parameter isWhole: false: the name may go on.
    static func ending(_ words: [String], isWhole: Bool = true) -> String {
        words.map { " \($0)" }.joined() + (isWhole ? newline : "")
    }

    /// What stands before and after the utterances.
    static func frame(of kind: ClusterQuestion.Kind) -> (start: String, end: String) {
        switch kind {
        case .judge: (judging, judgingEnd)
        case .name: (naming, namingEnd)
        }
    }

    /// All of it as text, made from the pieces above, so that whoever changes a piece changes the id.
    static let definition = [
        "switchboard cluster prompts 1\n", naming, bullet, "{utterance}", newline, namingEnd,
        ending(["{verb}", "{object}"]), judging, judgingEnd, yes, no, "utterances of \(utteranceTokens) tokens\n",
    ].joined()

    /// SHA-256 of the definition: adapters are bound to it.
    package static let id: ModelID = {
        var hash = Hash256()
        hash.update(definition.utf8)
        return ModelID(bytes: hash.digest())!  // A SHA-256 has the 32 bytes that a model id has.
    }()
}

/// A prompt about a cluster as the language model reads it: the tokens of what fits.
package struct ClusterPromptTokens: Sendable, Hashable {
    package let tokens: [Int32]

    /// - Parameters:
    ///   - limit: most tokens, more than the instruction and one utterance have.
    ///   - utteranceLimit: most tokens of one utterance.
    ///   - tokenise: called for one line after the other.
    /// - Throws: what `tokenise` throws.
    init(
        _ question: ClusterQuestion,
        limit: Int,
        utteranceLimit: Int = ClusterPrompt.utteranceTokens,
        tokenise: (String) throws(SwitchboardError) -> [Int32],
    ) throws(SwitchboardError) {
        let frame = ClusterPrompt.frame(of: question.kind)
        var tokens = try tokenise(frame.start)
        let end = try tokenise(frame.end)
        let newline = try tokenise(ClusterPrompt.newline)
        for (place, utterance) in question.utterances.enumerated() {
            // No token stands for more than some bytes, so what lies far behind the limit is not looked at.
            let text = String(utterance.value.unicodeScalars.prefix(utteranceLimit * 16))
            let line = try tokenise(ClusterPrompt.bullet + text).prefix(utteranceLimit) + newline
            guard place == 0 || tokens.count + line.count + end.count <= limit else { break }
            tokens += line
        }
        self.tokens = tokens + end
    }
}

extension ClusterPromptTokens {
    /// The same as text, for a language model whose tokens are made elsewhere; Unicode scalars count in place of tokens.
    ///
    /// - Parameter limit: most scalars.
    /// - Throws: nothing of its own.
    package static func text(of question: ClusterQuestion, limit: Int) throws(SwitchboardError) -> String {
        let prompt = try ClusterPromptTokens(
            question,
            limit: limit,
            utteranceLimit: 4 * ClusterPrompt.utteranceTokens
        ) { line throws(SwitchboardError) in
            line.unicodeScalars.map { Int32(bitPattern: $0.value) }
        }
        var scalars = String.UnicodeScalarView()
        // Each number was a scalar's a moment ago.
        scalars.append(contentsOf: prompt.tokens.lazy.compactMap { Unicode.Scalar(UInt32(bitPattern: $0)) })
        return String(scalars)
    }
}
