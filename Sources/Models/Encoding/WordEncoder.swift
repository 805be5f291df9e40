package import Core

/// An encoder without a model: the words of a text and their pieces, hashed into a fixed number of figures (feature hashing:
/// Weinberger et al. 2009).
///
/// It knows nothing of meaning, so what was never said in like words is far from all. What it costs is microseconds and no
/// file; class evidence learns from the exemplars which words tell intents apart.
package struct WordEncoder: TextEncoding {
    /// What names it where a file could stand.
    package static let name = "words"

    package let id: ModelID
    package let dimension = WordFeatures.dimension

    package init() {
        var hash = Hash256()
        // Whatever changes a vector changes this line.
        hash.update("switchboard words 1, \(WordFeatures.dimension)\n".utf8)
        id = ModelID(bytes: hash.digest())!  // A SHA-256 has the 32 bytes that a model id has.
    }

    package func makeContext() throws(SwitchboardError) -> any TextEncodingContext { Context() }

    private final class Context: TextEncodingContext {
        func encode(_ texts: [String]) throws(SwitchboardError) -> [EncodedText] {
            texts.map { text in
                let features = WordFeatures(text)
                return EncodedText(vector: features.vector, tokens: features.words, isTruncated: false)
            }
        }
    }
}
