import Calls
import Core

/// What a command was about to do, which decides what helps where that failed.
enum FailureAdvice: Sendable {
    /// It worked by itself.
    case alone
    /// It asked the node that is on this machine by default.
    case askingHere
    /// It asked a node that somebody named.
    case asking
    /// It was to be a node.
    case listening

    /// - Returns: a sentence for the line below the message; nil where the message says it all.
    func words(_ code: StatusCode, _ message: String) -> String? {
        let isNobodyThere = code == .unavailable && message.hasPrefix(CallChannel.noAnswer)
        switch self {
        case .alone: return nil
        case .askingHere where isNobodyThere:
            return "Is a node running? Start one with: switchboard node; or name another with --connect tcp://host:port"
        case .asking where isNobodyThere:
            return "Is a node running there? --connect names its router port, --updater its index (that port + 2), "
                + "--discovery its clusterer (that port + 3)"
        case .askingHere, .asking:
            return code == .unimplemented
                ? "--connect names a node's router port, --updater its index, --discovery its clusterer" : nil
        case .listening:
            guard message.contains("cannot listen on") else { return nil }
            guard !message.hasPrefix("HTTP") else {
                return "Choose another address with --listen http=HOST:PORT, or none with --listen http=none, or ask "
                    + "who has this one: switchboard doctor"
            }
            return "Choose another address with --listen tcp://host:port, or ask who has this one: switchboard doctor"
        }
    }
}
