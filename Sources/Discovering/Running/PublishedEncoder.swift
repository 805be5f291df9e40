package import Core

/// all-MiniLM-L6-v2 as it was published: what `deploy/train tune` begins with, whatever serves.
package enum PublishedEncoder {
    /// Of the files that deploy/setup makes of it, Q8_0 and F16: what `EncoderModel` makes of their digests, which are in
    /// deploy/models.sha256.
    package static let ids = Set(
        [
            "020ffdf1bc7b05d71699de37bec7b418996876b45728065958db91e1d4871780",
            "f6c5b114ec5085b7037c6f51dab25123b3ea37c1b29b9a0141f96b4216fa40a1",
        ].compactMap { ModelID(hex: $0) }
    )
}
