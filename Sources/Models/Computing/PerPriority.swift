package import Core

/// One value for each priority, changed in place.
package struct PerPriority<Value: Sendable>: Sendable {
    private var live: Value
    private var updates: Value
    private var discovery: Value

    package init(repeating value: Value) {
        live = value
        updates = value
        discovery = value
    }

    package subscript(priority: Priority) -> Value {
        get {
            switch priority {
            case .live: live
            case .updates: updates
            case .discovery: discovery
            }
        }
        _modify {
            switch priority {
            case .live: yield &live
            case .updates: yield &updates
            case .discovery: yield &discovery
            }
        }
    }
}
