internal import Core
internal import Index
internal import Wire

/// What of a response goes where all of it would be more than a gateway is sent.
///
/// A thousand neighbours with texts of 8 KiB, or as many intents with attributes, have more bytes than a frame. What
/// decides comes first and what is farthest goes first.
extension Retrieval {
    /// Bytes of what is searched and known. The rest, such as the names of 1,000 verticals, has less than what is left.
    static let room = Limits.maximumForwardedBytes - 128 * 1024

    /// The response itself or, where it is too large, as much of it as has room: class evidence of the intents that it
    /// speaks for most, in a quarter of the room (what is left out is summed up in `others`); then exemplars, the
    /// farthest left out first, up to three quarters; then what is known of intents, of those named first.
    ///
    /// - Parameter snapshot: the one that the response was made from.
    func fitting(_ response: RetrieveResponse, in snapshot: ReplicaSnapshot, room: Int = Self.room) -> RetrieveResponse
    {
        guard response.bytes > room else { return response }
        var kept = response
        kept.isShortened = true
        var named: Set<IntentID> = []
        var left = room / 4
        /// What naming them adds, each with all that is above it.
        func price(_ mentioned: [IntentID]) -> (bytes: Int, new: [IntentID]) {
            let new = intents(of: mentioned, in: snapshot).filter { !named.contains($0.id) }
            return (new.reduce(0) { $0 + $1.nameBytes }, new.map(\.id))
        }
        func take(_ exemplars: [Neighbour]) -> [Neighbour] {
            var taken: [Neighbour] = []
            for exemplar in exemplars {
                let (bytes, new) = price([exemplar.intent])
                guard bytes + exemplar.bytes <= left else { break }
                left -= bytes + exemplar.bytes
                named.formUnion(new)
                taken.append(exemplar)
            }
            return taken
        }

        while let figures = kept.classes?.figures, !figures.isEmpty,
            figures.count * ClassFigure.bytes + price(figures.map(\.intent)).bytes > left
        {
            kept.classes = kept.classes?.listing(figures.count / 2, including: [])
        }
        let figures = kept.classes?.figures ?? []
        let (bytes, new) = price(figures.map(\.intent))
        named.formUnion(new)
        left += room / 2 - bytes - figures.count * ClassFigure.bytes
        kept.equal = take(response.equal)
        kept.neighbours = take(response.neighbours)
        kept.shown = take(response.shown)

        left += room - 3 * (room / 4)
        let mentioned = (kept.neighbours + kept.equal + kept.shown).map(\.intent) + figures.map(\.intent)
        kept.intents = intents(of: mentioned, in: snapshot)
        for index in kept.intents.indices {
            left -= kept.intents[index].factBytes
            if left < 0 { kept.intents[index].forgetFacts() }
        }
        return kept
    }
}

// Sizes as encoded, rather too large than too small.

extension RetrieveResponse {
    fileprivate var bytes: Int {
        (neighbours + equal + shown).reduce(0) { $0 + $1.bytes }
            + intents.reduce(0) { $0 + $1.nameBytes + $1.factBytes } + (classes?.figures.count ?? 0) * ClassFigure.bytes
    }
}

extension Neighbour {
    fileprivate var bytes: Int { text.utf8.count + 64 }
}

extension ClassFigure {
    fileprivate static let bytes = 57
}

extension Intent {
    fileprivate var nameBytes: Int {
        // A slash or a percent sign inside a level is written in three.
        let path = path.levels.reduce(0) { sum, level in
            level.utf8.reduce(sum + 1) { $0 + ($1 == UInt8(ascii: "/") || $1 == UInt8(ascii: "%") ? 3 : 1) }
        }
        return path + vertical.name.utf8.count + 48
    }

    fileprivate var factBytes: Int {
        (description?.utf8.count ?? 0) + (phrase?.utf8.count ?? 0) + 16
            + attributes.reduce(0) { $0 + $1.key.utf8.count + $1.value.utf8.count + 16 }
    }

    fileprivate mutating func forgetFacts() {
        description = nil
        phrase = nil
        attributes = [:]
    }
}
