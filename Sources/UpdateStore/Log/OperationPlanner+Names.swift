internal import Core

/// Renames and merges: one record each, whatever the number of exemplars, which keep the intent's id.
///
/// A merged intent keeps what was said of it with its alias, where it counts no more: description, phrase, attributes and
/// whether callers are sent there are those of the intent that it became.
extension OperationPlanner {
    /// - Throws: `.notFound` where there is no such intent; `.alreadyExists` where there is one at the new path;
    ///   `.invalidArgument` for a path below the intent itself, or where something below it would get too many levels.
    mutating func run(_ rename: RenameCommand, at index: Int) throws(SwitchboardError) {
        let intent = try intent(rename.from, in: rename.vertical, at: index)
        guard rename.to != rename.from else {
            plan.receipt.unchanged += 1
            return
        }
        guard !rename.to.isWithin(rename.from) else {
            throw .invalid("command \(index): '\(rename.from)' cannot be moved below itself, to '\(rename.to)'")
        }
        guard state.taxonomy.id(of: rename.to, in: rename.vertical) == nil else {
            throw SwitchboardError(
                .alreadyExists,
                "command \(index): vertical \(rename.vertical) has an intent '\(rename.to)' already; merge "
                    + "'\(rename.from)' into it, or choose another path"
            )
        }
        try checkDepth(of: rename.from, movedTo: rename.to, in: rename.vertical, at: index)
        if let parent = rename.to.parent, state.taxonomy.id(of: parent, in: rename.vertical) == nil,
            refusesNewIntents
        {
            refuse(index, "the intent above the new path is not known, and the batch creates none")
            return
        }
        let fact = IntentRenamed(intent: intent, newPath: rename.to)
        let sequence = record(.intentRenamed(fact))
        touch(rename.vertical)
        apply(state.taxonomy.rename(fact, at: sequence))
    }

    /// - Throws: `.notFound` where there is no such intent in the vertical; `.invalidArgument` for a merge of an intent
    ///   into itself or what lies below it, or where something below it would get too many levels.
    mutating func run(_ merge: MergeCommand, at index: Int) throws(SwitchboardError) {
        let from = try intent(merge.from, in: merge.vertical, at: index)
        let into = try intent(merge.into, in: merge.vertical, at: index)
        guard from != into else {
            throw .invalid("command \(index): '\(merge.from)' cannot be merged into itself")
        }
        guard !merge.into.isWithin(merge.from) else {
            throw .invalid(
                "command \(index): '\(merge.from)' cannot be merged into '\(merge.into)', which lies below it"
            )
        }
        try checkDepth(of: merge.from, movedTo: merge.into, in: merge.vertical, at: index)
        let fact = IntentsMerged(from: from, into: into)
        let sequence = record(.intentsMerged(fact))
        touch(merge.vertical)
        apply(state.taxonomy.merge(fact, at: sequence))
    }

    /// Takes over what a record about names changed.
    mutating func apply(_ change: NamesChange) {
        state.digest.apply(change)
        plan.created += change.created
        for (before, after) in change.changed {
            plan.named[after.id] = after
            if after.aliasOf == nil {
                plan.receipt.renamed += 1
            } else if after.aliasOf != before.aliasOf {
                plan.receipt.merged += 1
            }
        }
    }

    private func intent(
        _ path: IntentPath,
        in vertical: Vertical,
        at index: Int,
    ) throws(SwitchboardError) -> IntentID {
        guard let id = state.taxonomy.id(of: path, in: vertical) else {
            throw SwitchboardError(
                .notFound,
                "command \(index): vertical \(vertical) has no intent '\(path)'; names change within one vertical"
            )
        }
        return id
    }

    private func checkDepth(
        of from: IntentPath,
        movedTo place: IntentPath,
        in vertical: Vertical,
        at index: Int,
    ) throws(SwitchboardError) {
        for intent in state.taxonomy.subtree(of: from, in: vertical)
        where intent.path.moved(from: from, to: place) == nil {
            throw .invalid(
                "command \(index): '\(intent.path)' would get more than \(IntentPath.maximumDepth) levels below '\(place)'"
            )
        }
    }
}
