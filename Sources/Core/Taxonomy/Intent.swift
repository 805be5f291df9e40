/// An intent as the log knows it: a node of a vertical's hierarchy.
package struct Intent: Sendable, Hashable {
    package let id: IntentID
    package let vertical: Vertical
    package var path: IntentPath
    /// For people and prompts; nil: none was set.
    package var description: String?
    /// What a router may say to the caller; children inherit it.
    package var phrase: String?
    /// Such as `queue`; children inherit what they lack.
    package var attributes: [String: String]
    package var isEnabled: Bool
    /// After a merge: the intent that this one became.
    package var aliasOf: IntentID?

    package init(
        id: IntentID,
        vertical: Vertical,
        path: IntentPath,
        description: String? = nil,
        phrase: String? = nil,
        attributes: [String: String] = [:],
        isEnabled: Bool = true,
        aliasOf: IntentID? = nil,
    ) {
        self.id = id
        self.vertical = vertical
        self.path = path
        self.description = description
        self.phrase = phrase
        self.attributes = attributes
        self.isEnabled = isEnabled
        self.aliasOf = aliasOf
    }
}
