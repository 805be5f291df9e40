import Testing

/// The text format read back: series as they are written, with their values.
///
/// Reads the format's grammar strictly, so that a text that Prometheus would refuse fails the test.
struct Exposition {
    private(set) var values: [String: Double] = [:]
    private(set) var types: [String: String] = [:]
    /// By series name: the names of its labels.
    private(set) var labels: [String: Set<[String]>] = [:]

    init(_ text: String, sourceLocation: SourceLocation = #_sourceLocation) {
        #expect(text.isEmpty || text.hasSuffix("\n"), sourceLocation: sourceLocation)
        let comment =
            /# (?:HELP (?<help>[a-zA-Z_:][a-zA-Z0-9_:]*) .*|TYPE (?<name>[a-zA-Z_:][a-zA-Z0-9_:]*) (?<type>counter|gauge|histogram))/
        let sample =
            /(?<series>(?<name>[a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(?<labels>[^\n]*)\})?) (?<value>[-+]?(?:[0-9.]+(?:e[-+][0-9]+)?|Inf|NaN))/
        for line in text.split(separator: "\n") {
            if line.hasPrefix("#") {
                guard let match = line.wholeMatch(of: comment) else {
                    Issue.record("not a comment of the format: \(line)", sourceLocation: sourceLocation)
                    continue
                }
                if let name = match.name, let type = match.type {
                    #expect(
                        types.updateValue(String(type), forKey: String(name)) == nil,
                        sourceLocation: sourceLocation
                    )
                }
                continue
            }
            guard let match = line.wholeMatch(of: sample), let value = Double(match.value) else {
                Issue.record("not a sample of the format: \(line)", sourceLocation: sourceLocation)
                continue
            }
            let previous = values.updateValue(value, forKey: String(match.series))
            #expect(previous == nil, "\(match.series) comes twice", sourceLocation: sourceLocation)
            labels[String(match.name), default: []].insert(Self.names(match.labels ?? "", sourceLocation))
        }
    }

    subscript(series: String) -> Double? { values[series] }

    private static func names(_ labels: Substring, _ sourceLocation: SourceLocation) -> [String] {
        let label = /(?<name>[a-zA-Z_][a-zA-Z0-9_]*)="(?:[^"\\]|\\["\\n])*",?/
        var rest = labels
        var names: [String] = []
        while !rest.isEmpty {
            guard let match = rest.prefixMatch(of: label) else {
                Issue.record("not labels of the format: \(labels)", sourceLocation: sourceLocation)
                break
            }
            names.append(String(match.name))
            rest = rest[match.range.upperBound...]
        }
        return names
    }
}
