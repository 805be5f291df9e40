internal import Core

/// What a message may cost before anything in it is believed.
///
/// Of what is kept in the log `ContentLimits` says what is accepted; these are the bounds of reading, which a log or a
/// peer from before may come closer to.
package enum Limits {
    /// Of one encoded message, and of a frame that holds one.
    package static let maximumBytes = 4 * 1024 * 1024
    /// Of a header. It is read on the loop that owns the socket, and its metadata stays with the call.
    package static let maximumHeaderBytes = 64 * 1024
    /// Of a request or a response on its way between gateway and worker, where it is a field of another message.
    package static let maximumForwardedBytes = maximumBytes - 4 * 1024
    /// Of what a stream puts into one message where it may put the rest into the next.
    package static let pageBytes = 1024 * 1024
    /// Of an utterance, a description or any other text.
    package static let maximumTextBytes = UtteranceText.maximumBytes
    /// Of a reference that the sender chose: conversation, origin, who wrote what.
    package static let maximumReferenceBytes = ContentLimits.referenceBytes
    /// Of attributes in one intent, of metadata in one header, of services of one worker.
    package static let maximumAttributes = ContentLimits.attributes
    /// Of turns, verticals, path prefixes or pairs in one request.
    package static let maximumItems = 1_000
    /// Of exemplar ids that a request excludes.
    package static let maximumExcluded = 10_000

    /// How much memory a message of so many bytes may take while it is unpacked.
    ///
    /// The widest honest message is a list of short texts or attributes, some 12 times its encoded size in C structs
    /// and the parser's own notes; beyond this factor somebody sends a field per byte.
    package static func unpackingBudget(for encodedBytes: Int) -> Int {
        min(32 * encodedBytes + 64 * 1024, 64 * 1024 * 1024)
    }
}
