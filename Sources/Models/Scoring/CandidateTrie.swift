/// Candidates as a tree of tokens over the prompt, so that what several begin with is computed once.
///
/// A candidate's last token needs no node: nothing is asked about what follows it.
struct CandidateTrie: Sendable {
    struct Node: Sendable, Hashable {
        let token: Int32
        /// Tokens from the prompt to here; 0 for a candidate's first token.
        let depth: Int
        /// The candidates that pass through here, ascending.
        fileprivate(set) var members: [Int]
    }

    /// A token whose probability counts for a candidate, after a node or, with nil, after the prompt.
    struct Question: Sendable, Hashable {
        let node: Int?
        let token: Int32
    }

    /// A node stands after the one it hangs on.
    private(set) var nodes: [Node] = []
    /// For each candidate, a question for each of its tokens.
    private(set) var questions: [[Question]] = []
    private var children: [Edge: Int] = [:]

    private struct Edge: Hashable {
        let parent: Int?
        let token: Int32
    }

    init() {}

    /// - Parameter candidates: the tokens of each, at least one.
    init(_ candidates: [[Int32]]) {
        for candidate in candidates { append(candidate) }
    }

    /// How many nodes a further candidate would add.
    func added(by tokens: [Int32]) -> Int {
        var parent: Int?
        for (depth, token) in tokens.dropLast().enumerated() {
            guard let child = children[Edge(parent: parent, token: token)] else { return tokens.count - 1 - depth }
            parent = child
        }
        return 0
    }

    mutating func append(_ tokens: [Int32]) {
        precondition(!tokens.isEmpty, "a candidate has at least one token")
        let candidate = questions.count
        var asked: [Question] = []
        var parent: Int?
        for (depth, token) in tokens.enumerated() {
            asked.append(Question(node: parent, token: token))
            guard depth < tokens.count - 1 else { break }
            let edge = Edge(parent: parent, token: token)
            let node = children[edge] ?? nodes.count
            if node == nodes.count {
                nodes.append(Node(token: token, depth: depth, members: []))
                children[edge] = node
            }
            nodes[node].members.append(candidate)
            parent = node
        }
        questions.append(asked)
    }
}
