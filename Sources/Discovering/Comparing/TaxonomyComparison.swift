internal import Core

/// What a cluster is to the intents that there are, from vectors alone. A value.
///
/// Three questions, in this order:
/// 1. Whose callers would these be? The intent X of the nearest exemplar of most utterances. Where it is X for fewer
///    than half of them the cluster is new: it lies between intents.
/// 2. Do they lie where X does? An utterance is inside where its cosine to the mean of X's exemplars is no less than
///    that of all but a tenth of these, each compared with the mean of the others. Where fewer than half are inside,
///    the cluster is new: X is only what happens to be nearest.
/// 3. Is X in two pieces? X's exemplars are divided into those on the cluster's side and the rest, by two means of
///    which one begins at the cluster's. Where the rest is no remainder, and the two sides stand apart by their
///    silhouette, the cluster is a split of X; else a variant. Where X has hardly an exemplar on the cluster's side,
///    the cluster itself is that side.
struct TaxonomyComparison: Sendable {
    /// Of the utterances, from which on an intent is what they would be, and are inside it.
    static let majority = 0.5
    /// Of an intent's own exemplars, that may lie farther out than an utterance that is inside.
    static let outliers = 0.1
    /// With fewer exemplars nothing is known of how far an intent spreads; the cluster's own spread counts in its
    /// place.
    static let fewestForSpread = 3
    /// Of an intent's exemplars, at least so many for a side that is no remainder.
    static let leastSide = 0.1
    /// Mean silhouette of the looser side from which on two sides stand apart: with halves of one intent it is 0.06 as
    /// a rule and seldom 0.19, with two intents under one name several times that.
    static let apart = 0.2
    private static let rounds = 10

    /// Unit vectors of the utterances that are looked at, at least one.
    let members: [[Float]]
    /// Of each the intent of its nearest exemplar; nil: there was none.
    let nearest: [IntentPath?]

    init(members: [[Float]], nearest: [IntentPath?]) {
        precondition(members.count == nearest.count && !members.isEmpty, "an answer an utterance")
        self.members = members
        self.nearest = nearest
    }

    /// The intent that has the nearest exemplar of most utterances, and of what share; nil where no intent has half.
    /// Equally many: the first by its path.
    var leading: (path: IntentPath, share: Double)? {
        var counts: [IntentPath: Int] = [:]
        for path in nearest.compactMap(\.self) { counts[path, default: 0] += 1 }
        let first = counts.sorted { $0.value != $1.value ? $0.value > $1.value : $0.key < $1.key }.first
        guard let first else { return nil }
        let share = Double(first.value) / Double(members.count)
        return share >= Self.majority ? (first.key, share) : nil
    }

    /// - Parameter exemplars: unit vectors of the leading intent's exemplars, evenly over it; what are members too may
    ///   be among them.
    func relation(exemplars: [[Float]]) -> TaxonomyRelation {
        guard let (path, share) = leading, let middle = Direction.mean(exemplars) else { return .new }
        let bound = Self.bound(of: exemplars.count >= Self.fewestForSpread ? exemplars : members)
        let inside = members.filter { Double(Direction.dot($0, middle)) >= bound }
        guard Double(inside.count) >= Self.majority * Double(members.count) else { return .new }
        return isApart(from: exemplars, around: middle)
            ? .split(of: path, share: share) : .variant(of: path, share: share)
    }

    /// The cosine that all but a tenth of the vectors reach to the mean of the others.
    private static func bound(of vectors: [[Float]]) -> Double {
        let cosines = vectors.indices.map { place -> Double in
            let others = vectors.indices.filter { $0 != place }.map { vectors[$0] }
            return Direction.mean(others).map { Double(Direction.dot(vectors[place], $0)) } ?? 1
        }
        let order = cosines.sorted()
        return order[Int(outliers * Double(order.count))]
    }

    /// Whether the exemplars fall in two: those on the side of the members, and others apart from both.
    private func isApart(from exemplars: [[Float]], around middle: [Float]) -> Bool {
        guard var near = Direction.mean(members) else { return false }
        var far = middle
        var isNear: [Bool] = []
        for _ in 0..<Self.rounds {
            let sides = exemplars.map { Direction.dot($0, near) >= Direction.dot($0, far) }
            if sides == isNear { break }
            isNear = sides
            let own = zip(exemplars, sides).filter(\.1).map(\.0)
            let rest = zip(exemplars, sides).filter { !$0.1 }.map(\.0)
            guard let moved = Direction.mean(members + own), let left = Direction.mean(rest) else { return false }
            (near, far) = (moved, left)
        }
        // How tightly the members lie says nothing of the intent, unless it has hardly an exemplar on their side.
        let side = zip(exemplars, isNear).filter(\.1).map(\.0)
        let own = side.count >= Self.fewestForSpread ? side : members
        let rest = zip(exemplars, isNear).filter { !$0.1 }.map(\.0)
        guard rest.count >= Self.fewestForSpread, Double(rest.count) >= Self.leastSide * Double(exemplars.count) else {
            return false
        }
        return Self.silhouette(own, rest) >= Self.apart
    }

    /// Mean silhouette of the looser of two groups under the cosine distance (Rousseeuw 1987); of a group of one it is
    /// 0.
    static func silhouette(_ first: [[Float]], _ second: [[Float]]) -> Double {
        min(silhouette(of: first, beside: second), silhouette(of: second, beside: first))
    }

    private static func silhouette(of group: [[Float]], beside others: [[Float]]) -> Double {
        guard group.count > 1 else { return 0 }
        var sum = 0.0
        for (place, vector) in group.enumerated() {
            var within = 0.0
            for (other, neighbour) in group.enumerated() where other != place {
                within += 1 - Double(Direction.dot(vector, neighbour))
            }
            within /= Double(group.count - 1)
            let between = others.reduce(0.0) { $0 + 1 - Double(Direction.dot(vector, $1)) } / Double(others.count)
            let greater = max(within, between)
            if greater > 0 { sum += (between - within) / greater }
        }
        return sum / Double(group.count)
    }
}
