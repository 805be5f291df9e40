import Core
import Datasets
import SwitchboardClient

/// What feedback teaches: utterances with the intent that was confirmed, or named as the right one.
///
/// Of several words on one reply the one that counts is an analyst's before an agent's before the caller's.
struct FeedbackPairs {
    private var words: [String: AnswerFeedback] = [:]
    private var order: [String] = []

    mutating func add(_ word: AnswerFeedback) {
        if let known = words[word.replyID] {
            guard word.source.rank >= known.source.rank else { return }
        } else {
            order.append(word.replyID)
        }
        words[word.replyID] = word
    }

    /// In the order in which replies were first spoken of, one `jsonl` row each, without its line end.
    ///
    /// - Throws: `.invalidArgument` for a word whose parts are not what they should be.
    func lines() throws(SwitchboardError) -> [String] {
        var lines: [String] = []
        for reply in order {
            guard let word = words[reply], let written = word.teaches else { continue }
            let line = JSONLinesWriter.line(
                text: try UtteranceText(word.text),
                path: try IntentPath(written),
                vertical: try Vertical(word.vertical),
                conversation: word.conversationID,
                origin: word.origin
            )
            lines.append(String(line.dropLast()))
        }
        return lines
    }
}

extension AnswerFeedback {
    /// The intent that the utterance has, as far as this word says.
    fileprivate var teaches: String? {
        switch verdict {
        case .confirmed: answered
        case .corrected: right
        case .rejected: nil
        }
    }
}

extension AnswerFeedback.Source {
    fileprivate var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}
