internal import Core
internal import Models

extension EngineServer {
    /// The model that is asked for: the one that its address names, else the only one that the server lists.
    ///
    /// - Returns: its name, nil where the server has no list and the address names none, and the tokens that prompt and
    ///   answer may have, where the server says so.
    /// - Throws: as `send`, and `.failedPrecondition` where the list does not hold the one that is named, or several and
    ///   none is named; `.unavailable` for a name that is none.
    func model(_ order: ComputeOrder) async throws(SwitchboardError) -> (name: String?, limit: Int?) {
        // TEI of some versions has no list; it serves one model and names it in its answers.
        let listed = try await send(
            EngineRequest(path: "/models", body: nil),
            order,
            ifMissing: EngineMessages.ModelList(data: [])
        ) { body throws(EngineFailure) in
            let list: EngineMessages.ModelList = try EngineMessages.decoded(body)
            for model in list.data { try EngineMessages.checkName(model.id) }
            return list
        }
        guard !listed.data.isEmpty else { return (address.model, nil) }
        let names = listed.data.prefix(20).map(\.id).joined(separator: ", ")
        if let wanted = address.model {
            guard let model = listed.data.first(where: { $0.id == wanted }) else {
                throw SwitchboardError(
                    .failedPrecondition,
                    "the model server \(address) lacks its model; it has \(names)"
                )
            }
            return (model.id, model.maximumTokens)
        }
        guard listed.data.count == 1, let model = listed.data.first else {
            throw SwitchboardError(
                .failedPrecondition,
                "the model server \(address) has \(listed.data.count) models (\(names)); name one: openai:URL#MODEL"
            )
        }
        return (model.id, model.maximumTokens)
    }
}
