internal import Core

// Whether one method is better than another on the same utterances, or lucky.
extension EvalTables {
    /// What a method is held against; a method that would be held against itself, or against what is not there, has no
    /// row.
    private static func references(of method: String) -> [String] {
        if method == "retrieval-llm-always" { return ["retrieval", "vote-encoder", "retrieval-llm-auto"] }
        return method.hasPrefix("retrieval") ? ["retrieval", "vote-encoder"] : ["retrieval"]
    }

    /// McNemar's exact test (1947) of each method against retrieval alone, of what the product answers against the plain
    /// vote too, and of a language model that is always asked against one that is asked where it may help.
    static func paired(_ results: [MethodResult], _ sampled: [MethodResult]) -> DataTable {
        var table = DataTable(
            "paired",
            title: "Paired tests: utterances that only one of two methods has right (McNemar, exact, two-sided)",
            columns: ["utterances", "method", "against", "n", "only_method", "only_against", "p"],
            words: ["utterances", "method", "against"]
        )
        for (name, results) in [("all", results), ("sample", sampled)] {
            for result in results {
                for reference in references(of: result.method) where reference != result.method {
                    guard let other = results.first(where: { $0.method == reference }), !result.answers.isEmpty else {
                        continue
                    }
                    let test = Measure.mcNemar(
                        first: result.answers.map(\.isRight),
                        second: other.answers.map(\.isRight)
                    )
                    table.add([name, result.method, reference, String(result.answers.count)] + cells(of: test))
                }
            }
        }
        return table
    }
}
