import Core
import Testing

@testable import SwitchboardClient

/// What somebody hears who sent one command alone.
struct OneCommandTests {
    @Test func itsPlaceInTheBatchIsLeftOut() {
        let refusal = SwitchboardError(
            .alreadyExists,
            "command 0: vertical default has an intent 'late' already",
            retryAfter: .seconds(1),
            field: "to"
        ).ofOneCommand
        #expect(refusal.message == "vertical default has an intent 'late' already")
        #expect(refusal.code == .alreadyExists)
        #expect(refusal.retryAfter == .seconds(1))
        #expect(refusal.field == "to")
    }

    @Test(arguments: ["the log is closing", "command 1: no such intent", "in command 0: x"])
    func whatSaysNoPlaceIsToldAsItIs(message: String) {
        #expect(SwitchboardError(.notFound, message).ofOneCommand.message == message)
    }
}
