import Foundation
import SwitchboardClient

/// An answer as a person likes to read it: what it is, how sure, who decided, what speaks for it, where the time went.
struct ClassificationText {
    let text: String

    init(_ answer: Classification) {
        var lines = ["\(Terminal.bold(Self.headline(answer)))  \(Terminal.dim("\"\(answer.text)\""))"]
        lines.append("  \(Self.sureness(answer)), decided by \(answer.decidedBy.rawValue.lowercased())")
        if let phrase = answer.phrase { lines.append("  say: \(phrase)") }
        if !answer.attributes.isEmpty {
            let pairs = answer.attributes.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
            lines.append("  " + pairs.joined(separator: "  "))
        }
        let others = answer.candidates.filter(Self.isWorthALine).prefix(4).map { candidate -> String in
            var figures = String(format: "vote %.2f", candidate.vote)
            if let probability = candidate.probability { figures += String(format: ", p %.2f", probability) }
            if let score = candidate.llmLogprob { figures += String(format: ", llm %.2f", score) }
            return "    \(candidate.intent)  \(Terminal.dim("(\(figures))"))"
        }
        if !others.isEmpty { lines += ["  candidates"] + others }
        if !answer.evidence.isEmpty {
            lines.append("  nearest exemplars")
            lines += answer.evidence.map {
                String(format: "    %.3f  ", $0.similarity) + "\($0.query)  \(Terminal.dim("-> \($0.intent)"))"
            }
        }
        let time = answer.timingsMs
        lines.append(
            Terminal.dim(
                String(
                    format: "  %.1f ms: queue %.1f, encode %.1f, search %.2f%@; record %llu",
                    time.total,
                    time.queue,
                    time.encode,
                    time.search,
                    time.score > 0 ? String(format: ", score %.1f", time.score) : "",
                    answer.seq
                )
            )
        )
        text = lines.joined(separator: "\n")
    }

    /// Class evidence names intents of which nothing else speaks; who would show as 0.00 is left out.
    private static func isWorthALine(_ candidate: Classification.Candidate) -> Bool {
        candidate.vote >= 0.005 || (candidate.probability ?? 0) >= 0.001
    }

    private static func headline(_ answer: Classification) -> String {
        switch answer.outcome {
        case .route: "ROUTE  \(answer.intent ?? "")"
        case .clarify:
            "CLARIFY  " + answer.candidates.prefix(2).map(\.intent).joined(separator: "  or  ")
        case .unknown: "UNKNOWN"
        }
    }

    private static func sureness(_ answer: Classification) -> String {
        var words =
            answer.probability.map { String(format: "probability %.2f", $0) }
            ?? String(format: "score %.2f (not calibrated)", answer.score)
        // What makes it unknown, whatever the leader's score.
        if answer.outcome == .unknown, let familiarity = answer.familiarity {
            words += String(format: ", familiarity %.2f", familiarity)
        }
        return words
    }
}
