package import Core

/// An encoder that threads share: what names it, and a context for each thread.
///
/// `EncoderModel` is the real one; tests and other targets use a fake, so that they run without a model.
package protocol TextEncoding: Sendable {
    /// SHA-256 that stands in the log beside every vector.
    var id: ModelID { get }
    /// Numbers in a vector.
    var dimension: Int { get }
    /// - Throws: `.resourceExhausted` where there is too little memory.
    func makeContext() throws(SwitchboardError) -> any TextEncodingContext
}

/// What one thread encodes with.
package protocol TextEncodingContext: AnyObject {
    /// Vectors of unit length in the order of `texts`, however many.
    func encode(_ texts: [String]) throws(SwitchboardError) -> [EncodedText]
}

/// A text as the encoder sees it.
package struct EncodedText: Sendable, Hashable {
    /// Of unit length.
    package let vector: [Float]
    /// Tokens that were read, with the two that frame them.
    package let tokens: Int
    /// Whether the text had more tokens than the encoder reads.
    package let isTruncated: Bool

    package init(vector: [Float], tokens: Int, isTruncated: Bool) {
        self.vector = vector
        self.tokens = tokens
        self.isTruncated = isTruncated
    }
}
