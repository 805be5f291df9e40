package import Core
internal import Foundation

extension LogisticFit {
    /// One row of what a fit is made of.
    package struct Example: Sendable, Hashable {
        /// In the order of the features.
        package var values: [Double]
        package var isGood: Bool
        /// Examples of one group are held out together: those of one set of data.
        package var group: Int
        /// How much it counts.
        package var weight: Double

        package init(values: [Double], isGood: Bool, group: Int, weight: Double = 1) {
            self.values = values
            self.isGood = isGood
            self.group = group
            self.weight = weight
        }
    }

    /// Strengths of the penalty that are tried.
    package static let strengths = [1.0, 10, 30, 100, 300, 1_000]

    /// Fits with standardised features and an L2 penalty; the penalty's strength and the temperature (Guo et al. 2017) by
    /// what fits on the other groups say of each group.
    ///
    /// - Parameter heldOut: gets for each example P(good) by a fit whose weights, strength and temperature have all not
    ///   seen its group; where the other groups are none, or of one kind, by the fit that has.
    /// - Throws: `.invalidArgument` where there are not both good and bad examples.
    package init(
        features: [String],
        examples: [Example],
        heldOut: inout [Double],
    ) throws(SwitchboardError) {
        guard Self.areOfBothKinds(examples) else {
            throw .invalid("a judge is fitted on good and on bad clusters; these are all of one kind")
        }
        let whole = LogisticFit(features: features, choosingBy: examples)
        heldOut = [Double](repeating: 0, count: examples.count)
        for group in Set(examples.map(\.group)) {
            let others = examples.filter { $0.group != group }
            let fit = Self.areOfBothKinds(others) ? LogisticFit(features: features, choosingBy: others) : whole
            for place in examples.indices where examples[place].group == group {
                heldOut[place] = fit.probability(examples[place].values)
            }
        }
        self = whole
    }

    private static func areOfBothKinds(_ examples: [Example]) -> Bool {
        examples.contains(where: \.isGood) && examples.contains { !$0.isGood }
    }

    /// Chooses strength and temperature by leaving out one group at a time; with one group alone by the group itself.
    private init(features: [String], choosingBy examples: [Example]) {
        let groups = Set(examples.map(\.group)).sorted()
        var best: (strength: Double, temperature: Double, loss: Double)?
        for strength in Self.strengths {
            var logits = [Double](repeating: 0, count: examples.count)
            for group in groups {
                let others = groups.count > 1 ? examples.filter { $0.group != group } : examples
                let fit = LogisticFit(features: features, examples: others, strength: strength)
                for place in examples.indices where examples[place].group == group {
                    logits[place] = fit.logit(examples[place].values)
                }
            }
            let samples = zip(examples, logits).map { example, logit in
                TemperatureFit.Sample(logScores: [logit, 0], gold: example.isGood ? 0 : 1)
            }
            let calibration = TemperatureFit(samples, minimising: .gold)
            let loss = calibration?.lossAfter ?? .infinity
            if best.map({ loss < $0.loss }) ?? true { best = (strength, calibration?.temperature ?? 1, loss) }
        }
        guard let best else { preconditionFailure("several strengths are tried") }
        self.init(features: features, examples: examples, strength: best.strength)
        temperature = best.temperature
    }

    /// Minimises sum(weight x -log p) + strength / 2 x |weights|^2 over standardised features by Newton's method (iteratively
    /// re-weighted least squares; Hastie, Tibshirani and Friedman 2009, section 4.4.1); the bias is free.
    package init(features: [String], examples: [Example], strength: Double) {
        precondition(examples.allSatisfy { $0.values.count == features.count }, "a value a feature")
        let total = examples.reduce(0) { $0 + $1.weight }
        // As many as there are examples in all, whatever their scale.
        let scale = total > 0 ? Double(examples.count) / total : 1
        let shares = examples.map { $0.weight * scale }
        let count = Double(max(1, examples.count))
        var means = [Double](repeating: 0, count: features.count)
        var deviations = means
        for (example, share) in zip(examples, shares) {
            for place in means.indices { means[place] += share * example.values[place] / count }
        }
        for (example, share) in zip(examples, shares) {
            for place in means.indices {
                let distance = example.values[place] - means[place]
                deviations[place] += share * distance * distance / count
            }
        }
        // A value that never differs says nothing; the penalty keeps its weight at 0.
        deviations = deviations.map { $0 > 1e-12 ? $0.squareRoot() : 1 }
        self.init(
            features: features,
            means: means,
            deviations: deviations,
            weights: [Double](repeating: 0, count: features.count),
            bias: 0
        )
        let rows = examples.map { example in
            example.values.indices.map { (example.values[$0] - means[$0]) / deviations[$0] } + [1]
        }
        let solution = NewtonLogistic(rows: rows, isGood: examples.map(\.isGood), shares: shares, strength: strength)
            .solution()
        weights = Array(solution.dropLast())
        bias = solution.last ?? 0
    }
}

/// Newton's method for one logistic regression; the last column is the bias.
private struct NewtonLogistic {
    let rows: [[Double]]
    let isGood: [Bool]
    let shares: [Double]
    let strength: Double

    func solution() -> [Double] {
        let width = rows.first?.count ?? 0
        var current = [Double](repeating: 0, count: width)
        var loss = self.loss(current)
        for _ in 0..<60 {
            let step = self.step(at: current)
            // Far from the minimum a whole step can overshoot.
            var share = 1.0
            var next = zip(current, step).map { $0 - $1 }
            var nextLoss = self.loss(next)
            while nextLoss > loss, share > 1e-4 {
                share /= 2
                next = zip(current, step).map { $0 - share * $1 }
                nextLoss = self.loss(next)
            }
            guard nextLoss <= loss else { break }
            let gain = loss - nextLoss
            current = next
            loss = nextLoss
            if gain < 1e-10 { break }
        }
        return current
    }

    private func score(_ row: [Double], _ weights: [Double]) -> Double {
        zip(row, weights).reduce(0) { $0 + $1.0 * $1.1 }
    }

    private func loss(_ weights: [Double]) -> Double {
        var sum = weights.dropLast().reduce(0) { $0 + strength / 2 * $1 * $1 }
        for place in rows.indices {
            let margin = isGood[place] ? score(rows[place], weights) : -score(rows[place], weights)
            // log(1 + e^-margin), which overflows for no margin.
            sum += shares[place] * (max(0, -margin) + log1p(exp(-abs(margin))))
        }
        return sum
    }

    /// The inverse of the second derivatives times the first.
    private func step(at weights: [Double]) -> [Double] {
        let width = weights.count
        var slope = weights.map { $0 * strength }
        // The bias has no penalty but what keeps the matrix from being singular.
        slope[width - 1] = 0
        var curvature = [[Double]](repeating: [Double](repeating: 0, count: width), count: width)
        for column in 0..<width { curvature[column][column] = column == width - 1 ? 1e-6 : strength }
        for place in rows.indices {
            let row = rows[place]
            let probability = logistic(score(row, weights))
            let error = shares[place] * (probability - (isGood[place] ? 1 : 0))
            let bend = shares[place] * probability * (1 - probability)
            for column in 0..<width {
                slope[column] += error * row[column]
                let factor = bend * row[column]
                for other in 0...column { curvature[column][other] += factor * row[other] }
            }
        }
        return Self.solve(curvature, slope)
    }

    /// By Cholesky's factorisation of the lower half of a positive definite matrix.
    private static func solve(_ matrix: [[Double]], _ right: [Double]) -> [Double] {
        var lower = matrix
        let width = right.count
        for column in 0..<width {
            for row in column..<width {
                var sum = lower[row][column]
                for place in 0..<column { sum -= lower[row][place] * lower[column][place] }
                lower[row][column] = row == column ? max(sum, 1e-12).squareRoot() : sum / lower[column][column]
            }
        }
        var solution = right
        for row in 0..<width {
            for place in 0..<row { solution[row] -= lower[row][place] * solution[place] }
            solution[row] /= lower[row][row]
        }
        for row in stride(from: width - 1, through: 0, by: -1) {
            for place in row + 1..<max(row + 1, width) { solution[row] -= lower[place][row] * solution[place] }
            solution[row] /= lower[row][row]
        }
        return solution
    }
}
