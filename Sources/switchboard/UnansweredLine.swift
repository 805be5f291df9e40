/// A line of stdin that has no answer. It stands where the answer would, so that the output pairs up with the input.
struct UnansweredLine: Encodable, Equatable {
    /// Counted from 1.
    let line: Int
    /// Why.
    let error: String

    static func empty(_ line: Int) -> UnansweredLine {
        UnansweredLine(line: line, error: "the line is empty")
    }

    static func refused(_ line: Int, _ reason: String) -> UnansweredLine {
        UnansweredLine(line: line, error: reason)
    }

    /// For a person.
    var words: String {
        self == .empty(line) ? "line \(line) is empty" : "line \(line) is refused: \(error)"
    }
}
