/// How to go on after a load that ended early: the command as it was given, from another line.
struct ResumeAdvice: Equatable {
    /// As the command was started, its own name first.
    let arguments: [String]

    /// - Parameter line: where to begin; nil: from the beginning, since what is in stays as it is.
    func command(fromLine line: Int?) -> String {
        var words: [String] = []
        var skipsNext = false
        for word in arguments {
            if skipsNext {
                skipsNext = false
                continue
            }
            if word == "--from-line" {
                skipsNext = true
                continue
            }
            if word.hasPrefix("--from-line=") { continue }
            words.append(word)
        }
        if let line { words += ["--from-line", String(line)] }
        return ShellCommand.line(words)
    }

    /// After a row that is wrong.
    ///
    /// - Parameters:
    ///   - line: of the row; nil where none can be named or the file is one of a folder.
    ///   - nextLine: of the row after it; nil: there is none, or it is wrong too.
    ///   - isLast: no line stands after it.
    func afterBadRow(line: Int?, nextLine: Int?, isLast: Bool = false) -> String {
        guard let line else {
            return "Correct it and run the same command again; what is in stays as it is:\n  "
                + command(fromLine: nil)
        }
        var text = "Correct line \(line) and go on with:\n  \(command(fromLine: line))"
        if let nextLine {
            text += "\nor leave it out:\n  \(command(fromLine: nextLine))"
        } else if isLast {
            text += "\nor leave it out: it is the last line, and all before it was sent"
        }
        return text
    }
}
