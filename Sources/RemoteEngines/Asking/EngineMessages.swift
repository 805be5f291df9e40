internal import Foundation

/// The parts of OpenAI's messages that are sent and read here; what else a server says is passed over.
enum EngineMessages {
    /// `GET /models`.
    struct ModelList: Decodable, Sendable {
        struct Model: Decodable, Sendable {
            let id: String
            /// Of vLLM: tokens of prompt and answer together.
            let maximumTokens: Int?

            private enum CodingKeys: String, CodingKey {
                case id
                case maximumTokens = "max_model_len"
            }
        }

        let data: [Model]
    }

    /// `POST /completions`: one new token is the least that every server takes; 0 means without end to some.
    struct Completion: Encodable, Sendable {
        let model: String
        let prompt: Prompts
        let maximumTokens = 1
        let temperature = 0
        let echo = true
        let logprobs = 1

        private enum CodingKeys: String, CodingKey {
            case model, prompt, temperature, echo, logprobs
            case maximumTokens = "max_tokens"
        }
    }

    /// A text by itself, or a list.
    enum Prompts: Encodable, Sendable {
        case one(String)
        case several([String])

        func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            switch self {
            case .one(let text): try container.encode(text)
            case .several(let texts): try container.encode(texts)
            }
        }
    }

    struct Completions: Decodable, Sendable {
        struct Choice: Decodable, Sendable {
            struct LogProbabilities: Decodable, Sendable {
                let tokens: [String]
                /// Null for a text's first token, which nothing stands before.
                let figures: [Double?]

                private enum CodingKeys: String, CodingKey {
                    case tokens
                    case figures = "token_logprobs"
                }
            }

            /// Which of the prompts; a server that takes one alone may leave it out.
            let index: Int?
            let finishReason: String?
            let logprobs: LogProbabilities?

            private enum CodingKeys: String, CodingKey {
                case index, logprobs
                case finishReason = "finish_reason"
            }
        }

        struct Usage: Decodable, Sendable {
            let completionTokens: Int

            private enum CodingKeys: String, CodingKey {
                case completionTokens = "completion_tokens"
            }
        }

        let choices: [Choice]
        let usage: Usage?
    }

    /// `POST /embeddings`.
    struct Embedding: Encodable, Sendable {
        let model: String
        let input: [String]
        let format = "float"

        private enum CodingKeys: String, CodingKey {
            case model, input
            case format = "encoding_format"
        }
    }

    struct Embeddings: Decodable, Sendable {
        struct Vector: Decodable, Sendable {
            let index: Int?
            let embedding: [Float]
        }

        let data: [Vector]
        let model: String?
    }

    /// A server's names of models are the only words of it that stand in messages and logs.
    ///
    /// - Throws: `.nonsense` for a name that is empty, long, or would make more than a part of a line.
    static func checkName(_ name: String) throws(EngineFailure) {
        guard (1...maximumNameBytes).contains(name.utf8.count),
            !name.unicodeScalars.contains(where: { $0.properties.generalCategory == .control })
        else {
            throw .nonsense(
                "names a model in a way that is no name; 1 to \(maximumNameBytes) bytes in a line are accepted"
            )
        }
    }

    private static let maximumNameBytes = 256

    static func encoded(_ message: some Encodable) -> [UInt8] {
        do {
            return Array(try JSONEncoder().encode(message))
        } catch {
            preconditionFailure("texts and whole numbers have a form in JSON: \(error)")
        }
    }

    /// - Throws: `.nonsense` for anything else than such a message; numbers that JSON does not have (NaN) among it.
    static func decoded<Message: Decodable>(_ bytes: [UInt8]) throws(EngineFailure) -> Message {
        do {
            return try JSONDecoder().decode(Message.self, from: Data(bytes))
        } catch {
            throw .nonsense("answered with what is no \(Message.self) of OpenAI's protocol")
        }
    }
}
