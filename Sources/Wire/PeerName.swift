extension String {
    /// A name that a peer gave itself, fit for a log line and for lists: at most 64 characters, those that do not print
    /// as question marks.
    package var asPeerName: String {
        var name = ""
        for scalar in unicodeScalars.prefix(64) { name.unicodeScalars.append(scalar.isPrinted ? scalar : "?") }
        return name.isEmpty ? "unnamed" : name
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
