package import Core

/// How the pairs of a prompt stand to each other. An adapter is trained for one form.
package enum PromptForm: String, Sendable, Hashable, CaseIterable {
    /// One text: each line reads those before it.
    case joined
    /// Each pair's line reads the instruction and itself alone, all of them at the same positions; what follows the pairs
    /// reads all. So what the model makes of a line is the same in every prompt, and is kept (`LineCache`).
    case apart

    /// SHA-256 of the prompt's definition in this form: policies are bound to it.
    package var id: ModelID {
        switch self {
        case .joined: Prompt.id
        case .apart: Self.apartID
        }
    }

    private static let apartID: ModelID = {
        var hash = Hash256()
        hash.update((Prompt.definition + "pairs: each apart, at the same positions\n").utf8)
        return ModelID(bytes: hash.digest())!  // A SHA-256 has the 32 bytes that a model id has.
    }()
}

/// Where the tokens of a prompt lie, after what all prompts begin with.
struct PromptLayout: Hashable {
    /// Lines that are computed by themselves: ranges of the prompt's tokens. Each begins at `start`.
    let lines: [Range<Int>]
    /// The others, in one piece.
    let rest: Range<Int>
    /// The position of the first token of a line.
    let start: Int
    /// The position of the first token of the rest: behind the longest line.
    let restPosition: Int

    /// - Parameter prefix: how many tokens all prompts begin with.
    init(_ prompt: PromptTokens, form: PromptForm, prefix: Int) {
        start = prefix
        switch form {
        case .joined:
            lines = []
            rest = prefix..<prompt.tokens.count
            restPosition = prefix
        case .apart:
            lines = prompt.lines
            rest = (prompt.lines.last?.upperBound ?? prefix)..<prompt.tokens.count
            restPosition = prefix + (prompt.lines.map(\.count).max() ?? 0)
        }
    }

    /// The position behind the last token, where candidates begin.
    var end: Int { restPosition + rest.count }

    func position(of token: Int) -> Int { restPosition + token - rest.lowerBound }
}
