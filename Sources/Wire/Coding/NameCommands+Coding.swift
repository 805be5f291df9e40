internal import CProtobufC
internal import Core
internal import SwitchboardProtos

extension RenameCommand: Coded {
    static func initialise(_ message: UnsafeMutablePointer<Switchboard__V1__RenameIntent>) {
        switchboard__v1__rename_intent__init(message)
    }

    init(_ message: Switchboard__V1__RenameIntent) throws(FieldError) {
        self.init(
            vertical: try message.vertical.optionalVertical("vertical") ?? .default,
            from: try message.from.path("from"),
            to: try message.to.path("to")
        )
    }

    func fill(_ message: inout Switchboard__V1__RenameIntent, _ arena: inout Arena) {
        message.vertical = arena.characters(vertical.name)
        message.from = arena.data(from.description)
        message.to = arena.data(to.description)
    }
}

extension MergeCommand: Coded {
    static func initialise(_ message: UnsafeMutablePointer<Switchboard__V1__MergeIntents>) {
        switchboard__v1__merge_intents__init(message)
    }

    init(_ message: Switchboard__V1__MergeIntents) throws(FieldError) {
        self.init(
            vertical: try message.vertical.optionalVertical("vertical") ?? .default,
            from: try message.from.path("from"),
            into: try message.into.path("into")
        )
    }

    func fill(_ message: inout Switchboard__V1__MergeIntents, _ arena: inout Arena) {
        message.vertical = arena.characters(vertical.name)
        message.from = arena.data(from.description)
        message.into = arena.data(into.description)
    }
}
