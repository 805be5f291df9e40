internal import Foundation

/// How a question about a cluster is answered: rounds of endings that a language model weighs. A value without a model.
package struct ClusterInquiry: Sendable {
    private enum State: Sendable {
        case judging
        case naming(NameSearch)
        case answered(ClusterAnswer.Value)
    }

    private var state: State

    package init(_ question: ClusterQuestion) {
        switch question.kind {
        case .judge: state = .judging
        case .name(let form): state = .naming(NameSearch(form))
        }
    }

    /// What is to be weighed now, each after the prompt; empty: the question is answered.
    package var endings: [String] {
        switch state {
        case .judging: [ClusterPrompt.yes, ClusterPrompt.no]
        case .naming(let search): search.asked.map { ClusterPrompt.ending($0.words, isWhole: $0.isWhole) }
        case .answered: []
        }
    }

    /// Nil before all has been weighed.
    package var value: ClusterAnswer.Value? {
        if case .answered(let value) = state { value } else { nil }
    }

    /// - Parameter figures: for each ending the sum of the log-probabilities of its tokens.
    package mutating func take(_ figures: [Double]) {
        switch state {
        case .judging:
            precondition(figures.count == 2, "a figure an ending")
            state = .answered(.good(1 / (1 + exp(figures[1] - figures[0]))))
        case .naming(var search):
            search.take(figures)
            state = search.asked.isEmpty ? .answered(.name(search.label)) : .naming(search)
        case .answered:
            preconditionFailure("the question is answered")
        }
    }
}
