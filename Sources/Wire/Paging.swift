package import Core

extension Array {
    /// The elements in consecutive parts, each of at most so many elements and bytes; an element that is larger than a
    /// part may be is a part by itself. No element gives no part.
    ///
    /// - Parameter size: of an element, in bytes.
    package func pages(
        atMost count: Int,
        bytes limit: Int = Limits.pageBytes,
        size: (Element) -> Int,
    ) -> [ArraySlice<Element>] {
        var pages: [ArraySlice<Element>] = []
        var first = 0
        var bytes = 0
        for place in indices {
            let added = size(self[place])
            let isFull = place - first == count || bytes + added > limit
            if place > first, isFull {
                pages.append(self[first..<place])
                first = place
                bytes = 0
            }
            bytes += added
        }
        if first < self.count { pages.append(self[first..<self.count]) }
        return pages
    }
}

extension Intent {
    /// At least what it takes in a message, and not much more.
    package var encodedBound: Int {
        let texts = vertical.name.utf8.count + path.description.utf8.count
        let said = (description?.utf8.count ?? 0) + (phrase?.utf8.count ?? 0)
        return attributes.reduce(64 + texts + said) { $0 + $1.key.utf8.count + $1.value.utf8.count + 16 }
    }
}

extension Feedback {
    /// At least what it takes in a message, and not much more.
    package var encodedBound: Int {
        var bytes = 192 + text.value.utf8.count + vertical.name.utf8.count + conversationID.count + origin.count
        bytes += answeredIntent?.description.utf8.count ?? 0
        if case .corrected(let path) = verdict { bytes += path.description.utf8.count }
        return bytes
    }
}

extension PoolEntry {
    /// At least what it takes in a message, and not much more.
    package var encodedBound: Int {
        64 + requestID.count + text.value.utf8.count + vertical.name.utf8.count + conversationID.count + origin.count
    }
}

extension ProposalMember {
    /// At least what it takes in a message, and not much more.
    package var encodedBound: Int { 64 + text.value.utf8.count + origin.count }
}

extension Proposal {
    /// At least what it takes in a message, and not much more.
    package var encodedBound: Int {
        var bytes = 512 + vertical.name.utf8.count + name.label.utf8.count
        bytes = keywords.reduce(bytes) { $0 + 8 + $1.utf8.count }
        bytes = members.reduce(bytes) { $0 + $1.encodedBound }
        switch relation {
        case .new: break
        case .variant(let path, _), .split(let path, _): bytes += path.description.utf8.count
        }
        if case .merged(let from) = continuity { bytes += 18 * from.count }
        switch state {
        case .open, .rejected, .merged: break
        case .accepted(let path, _, _): bytes += path.description.utf8.count
        case .split(let into): bytes += 18 * into.count
        }
        return bytes
    }
}

extension ReviewEntry {
    /// At least what it takes in a message, and not much more.
    package var encodedBound: Int {
        let bytes = 192 + reviewer.utf8.count
        switch action {
        case .accept(let path, let vertical, let texts, let attributes):
            let named = bytes + path.description.utf8.count + vertical.name.utf8.count
            let chosen = (texts ?? []).reduce(named) { $0 + 8 + $1.value.utf8.count }
            return attributes.reduce(chosen) { $0 + $1.key.utf8.count + $1.value.utf8.count + 16 }
        case .rename(let name): return bytes + name.utf8.count
        case .reject, .merge, .split, .undo: return bytes
        }
    }
}
