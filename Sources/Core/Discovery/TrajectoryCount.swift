/// A sequence of intents that conversations go through, and how many do.
package struct TrajectoryCount: Sendable, Hashable {
    /// Proposals by their ids, in the order of the turns; the same one twice in a row is there once.
    package var path: [Bits128]
    package var conversations: Int

    package init(path: [Bits128], conversations: Int) {
        self.path = path
        self.conversations = conversations
    }
}
