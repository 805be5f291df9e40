/// What may be said of exemplars and intents when a batch is appended, in bytes of UTF-8 where nothing else is named.
///
/// Texts, paths and verticals bring limits of their own. Decoders are laxer where a log from before may hold more.
package enum ContentLimits {
    /// Of a reference that the writer chose: source, author, origin.
    package static let referenceBytes = 256
    package static let descriptionBytes = UtteranceText.maximumBytes
    package static let phraseBytes = 1_024
    /// How many an intent has.
    package static let attributes = 64
    package static let attributeKeyBytes = 64
    package static let attributeValueBytes = 1_024
    /// Of all attributes of an intent, keys and values, so that what an answer needs of some hundred intents fits in one
    /// message.
    package static let attributesBytes = 8 * 1_024

    /// Of the keys and values of attributes.
    package static func bytes(of attributes: [String: String]) -> Int {
        attributes.reduce(0) { $0 + $1.key.utf8.count + $1.value.utf8.count }
    }
}
