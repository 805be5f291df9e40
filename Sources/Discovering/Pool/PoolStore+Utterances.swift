package import Core
package import UpdateStore

extension PoolStore {
    /// What a run looks at: the different utterances of a pool, in the order in which they came first.
    package func discoveryUtterances(of query: PoolQuery) async throws(SwitchboardError) -> [DiscoveryUtterance] {
        try await utterances(of: query).map(DiscoveryUtterance.init)
    }
}

extension DiscoveryUtterance {
    package init(_ pooled: PooledUtterance) {
        self.init(
            text: pooled.text,
            vertical: pooled.vertical,
            role: pooled.role,
            calls: max(1, pooled.calls),
            places: pooled.places.map { Place(conversation: Self.name(of: $0.conversationID), turn: $0.turn) },
            origin: pooled.origin
        )
    }

    /// An id that is no text, by its digits.
    private static func name(of conversation: [UInt8]) -> String {
        String(validating: conversation, as: UTF8.self) ?? hexadecimal(conversation)
    }
}
