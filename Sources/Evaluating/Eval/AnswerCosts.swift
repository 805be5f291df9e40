package import Core

/// What each kind of answer costs beside one that is right, in any unit: only their proportions count.
///
/// The cost matrix of an answer: right or wrong, in scope or not, against ROUTE, CLARIFY or UNKNOWN.
package struct AnswerCosts: Sendable, Hashable {
    /// A caller is sent where he does not belong.
    package var wrongRoute: Double
    /// A caller is asked which intent he means.
    package var question: Double
    /// UNKNOWN to somebody who could have been helped.
    package var refusal: Double
    /// An answer to somebody whom no intent fits; such callers count as much as all others together.
    package var stranger: Double

    package init(wrongRoute: Double = 10, question: Double = 1, refusal: Double = 3, stranger: Double = 5) {
        self.wrongRoute = wrongRoute
        self.question = question
        self.refusal = refusal
        self.stranger = stranger
    }

    /// - Parameter written: such as `wrong-route=20`; what is not named has its default.
    /// - Throws: `.invalidArgument` with what is accepted.
    package init(_ written: [String]) throws(SwitchboardError) {
        self.init()
        for cost in written {
            let parts = cost.split(separator: "=", maxSplits: 1).map(String.init)
            guard parts.count == 2, let figure = Double(parts[1]), figure.isFinite, figure >= 0 else {
                throw .invalid("'\(cost)' is no cost; NAME=NUMBER, 0 or more, is accepted, such as wrong-route=20")
            }
            switch parts[0] {
            case "wrong-route": wrongRoute = figure
            case "question": question = figure
            case "refusal": refusal = figure
            case "stranger": stranger = figure
            default:
                throw .invalid("'\(parts[0])' has no cost; wrong-route, question, refusal and stranger have")
            }
        }
    }

    /// Of what is not refused, and wrong: a good ROUTE threshold makes a question of it where that is cheaper.
    var wrongAnswer: Double { min(wrongRoute, question) }
}
