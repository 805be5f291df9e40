internal import Foundation

/// What an `EngineDouble` answers: a language model whose figures follow from the tokens' lengths, and an encoder whose
/// vectors count words.
package struct ToyModels {
    private let settings: EngineDouble.Settings
    private let behaviour: EngineDouble.Behaviour

    init(_ settings: EngineDouble.Settings, _ behaviour: EngineDouble.Behaviour) {
        self.settings = settings
        self.behaviour = behaviour
    }

    func answer(_ path: String, _ body: [UInt8]) -> (status: Int, body: String) {
        let message = (try? JSONSerialization.jsonObject(with: Data(body))) as? [String: Any] ?? [:]
        switch path {
        case "/v1/models":
            let models = settings.models.map { name in
                var model: [String: Any] = ["id": name]
                if let tokens = settings.maximumTokens { model["max_model_len"] = tokens }
                return model
            }
            return (200, Self.json(["data": models]))
        case "/v1/completions":
            let prompts = (message["prompt"] as? String).map { [$0] } ?? message["prompt"] as? [String] ?? []
            guard settings.takesSeveral || prompts.count == 1 else { return (500, "one prompt, please") }
            let choices = prompts.enumerated().map { choice($0, $1) }.dropLast(behaviour == .leavesOneOut ? 1 : 0)
            return (200, Self.json(["choices": Array(choices), "usage": ["completion_tokens": prompts.count]]))
        case "/v1/embeddings":
            let texts = message["input"] as? [String] ?? []
            // The last one first: an answer's order says nothing, its numbers do.
            let vectors = texts.enumerated().reversed().map { place, text in
                ["index": place, "embedding": Self.vector(of: text, settings.dimension)] as [String: Any]
            }
            let data = Array(vectors.dropLast(behaviour == .leavesOneOut ? 1 : 0))
            return (200, Self.json(["data": data, "model": settings.models.first ?? ""]))
        default: return (404, "no")
        }
    }

    private func choice(_ place: Int, _ prompt: String) -> [String: Any] {
        let tokens = Self.tokens(of: prompt)
        var figures = tokens.indices.map { Self.figure(of: $0, in: tokens) }
        if behaviour == .isShifted { figures = figures.map { _ in -9 } }
        let written = settings.losesSpaces ? tokens.map { String($0.drop { $0 == " " }) } : tokens
        // Around them what begins every text, and the token that is made.
        var all: [Any] = [NSNull()]
        for figure in figures { all.append(figure) }
        all.append(-0.5)
        let found: [String: Any] = ["tokens": ["<s>"] + written + ["."], "token_logprobs": all]
        return ["index": place, "finish_reason": "length", "logprobs": found]
    }

    /// Words with the space before them, and line ends.
    package static func tokens(of text: String) -> [String] {
        var tokens: [String] = []
        for character in text {
            if character == " " || character == "\n" || tokens.isEmpty || tokens[tokens.count - 1] == "\n" {
                tokens.append(String(character))
            } else {
                tokens[tokens.count - 1].append(character)
            }
        }
        return tokens
    }

    /// Sure of the words of a sentence of six that comes again; else the longer, the less likely.
    private static func figure(of place: Int, in tokens: [String]) -> Double {
        let isKnown = place >= 7 && (place - 1...place).allSatisfy { tokens[$0] == tokens[$0 - 6] }
        return isKnown ? -0.125 : -Double(tokens[place].utf8.count)
    }

    /// What the toy model gives a candidate, where no sentence comes again.
    package static func mean(of ending: String) -> Double {
        let tokens = tokens(of: ending)
        return -Double(tokens.reduce(0) { $0 + $1.utf8.count }) / Double(tokens.count)
    }

    /// Each word counts at a place of its own, as far as there is room.
    package static func vector(of text: String, _ dimension: Int) -> [Double] {
        var vector = [Double](repeating: 0.01, count: dimension)
        for word in text.lowercased().split(separator: " ") {
            let hash = word.utf8.reduce(UInt64(14_695_981_039_346_656_037)) { ($0 ^ UInt64($1)) &* 1_099_511_628_211 }
            vector[Int(hash % UInt64(dimension))] += 1
        }
        return vector
    }

    private static func json(_ message: [String: Any]) -> String {
        let data = try? JSONSerialization.data(withJSONObject: message)
        return String(decoding: data ?? Data(), as: UTF8.self)
    }
}
