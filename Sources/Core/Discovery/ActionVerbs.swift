/// The verbs that a name of an intent begins with: what a caller wants done, or what an agent does.
///
/// Names are made of these alone, so that equal actions get equal verbs and the verb tells whose turns a cluster holds
/// where roles were not told (as the prefixes `inquire-`, `answer-` and `provide-` do in Dial-In LLM).
package enum ActionVerbs {
    /// Of callers, in the order of the alphabet.
    package static let callers = [
        "activate", "add", "apply", "authorize", "block", "book", "buy", "calculate", "call", "cancel", "change",
        "check",
        "claim", "close", "compare", "complain", "confirm", "contact", "convert", "create", "deactivate", "decline",
        "delete", "deposit", "disable", "dispute", "download", "enable", "exchange", "explain", "extend", "file",
        "find",
        "fix", "get", "greet", "increase", "inquire", "install", "link", "locate", "make", "open", "order", "pause",
        "pay",
        "plan", "play", "postpone", "rate", "receive", "recover", "redeem", "reduce", "refund", "register", "reject",
        "remove", "renew", "replace", "report", "request", "reschedule", "reserve", "reset", "return", "schedule",
        "send",
        "set", "share", "start", "stop", "submit", "subscribe", "switch", "thank", "track", "transfer", "translate",
        "turn",
        "unblock", "unlock", "unsubscribe", "update", "upgrade", "use", "verify", "withdraw",
    ]

    /// Of agents, in the order of the alphabet.
    package static let agents = [
        "acknowledge", "advise", "announce", "answer", "apologize", "ask", "assist", "assure", "close", "collect",
        "confirm", "decline", "describe", "escalate", "explain", "greet", "guide", "inform", "instruct", "introduce",
        "offer", "promise", "propose", "provide", "recommend", "refuse", "remind", "request", "suggest", "thank",
        "transfer", "verify", "warn", "wish",
    ]

    /// Those that are nouns as often: only what stands around them tells.
    package static let nouns: Set<String> = [
        "answer", "block", "book", "call", "change", "check", "claim", "contact", "deposit", "dispute", "download",
        "exchange", "file", "guide", "link", "offer", "order", "pause", "plan", "play", "promise", "rate", "refund",
        "report", "request", "reserve", "return", "schedule", "share", "start", "stop", "switch", "track", "transfer",
        "turn", "update", "upgrade", "use",
    ]

    private static let ofCallers = Set(callers)
    private static let ofAgents = Set(agents)
    private static let either = callers + agents.filter { !ofCallers.contains($0) }

    /// Those that a name may begin with.
    ///
    /// - Parameter role: whose turns are named; nil: not told, so all of them.
    package static func verbs(of role: Role?) -> [String] {
        switch role {
        case .caller: callers
        case .agent: agents
        case nil: either
        }
    }

    package static func contains(_ verb: String, of role: Role?) -> Bool {
        switch role {
        case .caller: ofCallers.contains(verb)
        case .agent: ofAgents.contains(verb)
        case nil: ofCallers.contains(verb) || ofAgents.contains(verb)
        }
    }

    /// Whose turns a name speaks of, by its first word; nil where that may be either's, or is no verb of the lists.
    package static func role(ofLabel label: String) -> Role? {
        let verb = String(label.prefix { $0 != "-" })
        switch (ofCallers.contains(verb), ofAgents.contains(verb)) {
        case (true, false): return .caller
        case (false, true): return .agent
        default: return nil
        }
    }
}
