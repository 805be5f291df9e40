internal import Core
package import Datasets

/// What an index is filled with, and what it is asked: from the demonstration's own set, or from files.
package struct BenchCorpus: Sendable {
    private(set) var pairs: [EvalUtterance]
    /// Never among the pairs.
    private(set) var questions: [UtteranceText]

    /// - Parameter demoFolder: `deploy/demo-data`.
    package init(demoFolder: String) throws(DatasetError) {
        try self.init(
            train: ["orders", "devices"].map { "\(demoFolder)/\($0).train.jsonl" },
            test: ["orders", "devices"].map { "\(demoFolder)/\($0).test.jsonl" },
            format: .jsonl,
        )
    }

    /// - Parameter test: where there is none, each fifth row of `train` is kept for asking.
    /// - Throws: also where nothing is left to ask or to be found.
    package init(train: [String], test: [String], format: DatasetFormat?) throws(DatasetError) {
        var rows: [LabelledUtterance] = []
        for path in train {
            rows += try DatasetReader.readAll(DatasetLocation(path), format: format, requiresIntent: true)
        }
        questions = []
        for path in test {
            questions += try DatasetReader.readAll(DatasetLocation(path), format: format).map(\.text)
        }
        if test.isEmpty {
            questions = rows.enumerated().filter { $0.offset % 5 == 4 }.map(\.element.text)
            rows = rows.enumerated().filter { $0.offset % 5 != 4 }.map(\.element)
        }
        pairs = rows.compactMap { EvalUtterance($0) }
        guard !pairs.isEmpty, !questions.isEmpty else {
            throw DatasetError(
                file: train.first ?? "",
                reason: "a benchmark needs labelled utterances to find and others to ask"
            )
        }
    }

    /// A part, for a moment's run.
    func prefix(pairs pairCount: Int, questions questionCount: Int) -> BenchCorpus {
        var part = self
        part.pairs = Array(pairs.prefix(pairCount))
        part.questions = Array(questions.prefix(questionCount))
        return part
    }
}
