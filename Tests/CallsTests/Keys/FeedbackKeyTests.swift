import Calls
import Core
import Testing
import Wire

/// For whom a key may speak about answers.
@Suite struct FeedbackKeyTests {
    private func word(_ source: FeedbackSource) throws -> Feedback {
        Feedback(
            replyID: Bits128(1),
            text: try UtteranceText("where is it"),
            vertical: .default,
            answeredIntent: nil,
            verdict: .corrected(try IntentPath("late")),
            source: source
        )
    }

    @Test func aRouterDoesNotSpeakForAnalysts() throws {
        let router = Caller.key(KeyAccess(name: try KeyName("web"), roles: [.classify]), address: "10.0.0.1")
        let error = #expect(throws: SwitchboardError.self) { try word(.analyst).admitted(by: router) }
        #expect(error?.code == .permissionDenied)
        #expect(error?.message.contains("'web' (classify) may not speak as an analyst") == true)
        #expect(try word(.agent).admitted(by: router) == word(.agent))
        let reviewer = Caller.key(KeyAccess(name: try KeyName("ann"), roles: [.review]), address: "10.0.0.1")
        #expect(try word(.analyst).admitted(by: reviewer) == word(.analyst))
        #expect(try word(.analyst).admitted(by: .anyone) == word(.analyst))
    }
}
