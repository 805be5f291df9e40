extension String {
    /// A name that a peer gave itself, fit for a log line and for lists: at most 64 characters, those that do not print
    /// as question marks.
    package var asPeerName: String {
        var name = ""
        for scalar in unicodeScalars.prefix(64) { name.unicodeScalars.append(scalar.isPrinted ? scalar : "?") }
        return name.isEmpty ? "unnamed" : name
    }

    /// What somebody wrote, fit for a line of a list: what does not print as question marks, so that it neither ends the line
    /// nor tells a terminal anything.
    package var asPrinted: String {
        var text = ""
        for scalar in unicodeScalars { text.unicodeScalars.append(scalar.isPrinted ? scalar : "?") }
        return text
    }
}

extension Unicode.Scalar {
    fileprivate var isPrinted: Bool {
        switch properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: false
        default: true
        }
    }
}
