internal import CProtobufC
internal import Core
internal import SwitchboardProtos

extension TrajectoryCount: Coded {
    static func initialise(_ message: UnsafeMutablePointer<Switchboard__V1__TrajectoryCount>) {
        switchboard__v1__trajectory_count__init(message)
    }

    init(_ message: Switchboard__V1__TrajectoryCount) throws(FieldError) {
        self.init(
            vertical: try message.vertical.vertical("vertical"),
            steps: try Read.messages(message.steps, message.n_steps, "steps", atMost: Self.maximumSteps),
            conversations: try Read.count(message.conversations, "conversations")
        )
    }

    func fill(_ message: inout Switchboard__V1__TrajectoryCount, _ arena: inout Arena) {
        message.vertical = arena.characters(vertical.name)
        message.n_steps = steps.count
        message.steps = arena.messages(of: steps)
        message.conversations = UInt64(clamping: conversations)
    }
}

extension TrajectoryCount.Step: Coded {
    static func initialise(_ message: UnsafeMutablePointer<Switchboard__V1__TrajectoryStep>) {
        switchboard__v1__trajectory_step__init(message)
    }

    init(_ message: Switchboard__V1__TrajectoryStep) throws(FieldError) {
        self.init(
            proposal: try message.proposal_id.bits("proposal_id"),
            role: try Role.optional(message.role, "role"),
            name: try message.name.prose("name", atMost: Limits.maximumReferenceBytes)
        )
    }

    func fill(_ message: inout Switchboard__V1__TrajectoryStep, _ arena: inout Arena) {
        message.proposal_id = arena.data(proposal)
        message.role = Role.number(of: role)
        message.name = arena.data(name)
    }
}
