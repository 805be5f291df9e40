package import Core

/// A sentence encoder (GGUF, mean pooling), loaded once and shared by every thread's `EncoderContext`.
///
/// Its id is SHA-256(SHA-256 of the file's bytes, then the pooling's name), so two files that give different vectors
/// never have the same id.
package final class EncoderModel: TextEncoding {
    /// Tokens of a text that are read, the framing ones included; sentence-transformers reads as many.
    package static let maximumTokens = 256
    /// How token vectors become one, as it goes into the id.
    package static let pooling = "mean"

    package let id: ModelID
    package let dimension: Int
    package let path: String
    let model: LlamaModel
    private let wordPieces: WordPieceTokenizer?

    /// Reads and loads the file.
    ///
    /// - Parameter kind: whose file it is, for messages.
    /// - Throws: `.failedPrecondition` when the file is missing, damaged, or no sentence encoder with mean pooling;
    ///   the message names the file and the command that installs it.
    package init(
        path: String,
        kind: ModelFile.Kind = .encoder,
        backend: LlamaBackend,
    ) throws(SwitchboardError) {
        let file = try ModelFile(path: path, kind: kind)
        let model = try LlamaModel(file, backend: backend)
        let architecture = model.metadata("general.architecture") ?? "unknown"
        // llama.cpp's numbers of the poolings: 0 none, 1 mean, 2 first token, 3 last token, 4 rank.
        guard let pooling = model.metadata("\(architecture).pooling_type"), pooling != "0" else {
            throw file.unusable("is no sentence encoder: its architecture '\(architecture)' has no pooling")
        }
        guard pooling == "1" else {
            throw file.unusable(
                "pools its tokens in an unknown way (llama.cpp's number \(pooling)); only mean (1) is known"
            )
        }
        guard model.trainedContext >= Self.maximumTokens else {
            throw file.unusable("reads \(model.trainedContext) tokens; at least \(Self.maximumTokens) are needed")
        }
        id = Self.id(of: file)
        dimension = model.dimension
        self.path = path
        self.model = model
        wordPieces = model.wordPieceTokenizer()
    }

    /// The id of the encoder that a file holds.
    package static func id(of file: ModelFile) -> ModelID {
        var hash = Hash256()
        hash.update(file.digest)
        hash.update(pooling.utf8)
        return ModelID(bytes: hash.digest())!  // A SHA-256 has the 32 bytes that a model id has.
    }

    /// The tokens that are read of a text, the framing ones included, and whether there were more.
    package func tokens(of text: String) -> (tokens: [Int32], isTruncated: Bool) {
        var tokens: [Int32]
        if let wordPieces {
            tokens = [model.frame.start] + wordPieces(text) + [model.frame.end]
        } else {
            tokens = model.tokens(of: text, framed: true)
        }
        guard tokens.count > Self.maximumTokens else { return (tokens, false) }
        // The last token ends the text; it stays the last one, as in sentence-transformers.
        let end = tokens[tokens.count - 1]
        tokens.removeSubrange((Self.maximumTokens - 1)...)
        tokens.append(end)
        return (tokens, true)
    }

    package func makeContext() throws(SwitchboardError) -> any TextEncodingContext {
        try EncoderContext(model: self)
    }
}
